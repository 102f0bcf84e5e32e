import { Act } from './act.svelte.ts';

/** Kinds of pictures that the server takes. */
export const PICTURE_KINDS = ['image/png', 'image/jpeg', 'image/webp'];
/** Largest picture in bytes; the server refuses more (docs/limits.md). */
export const PICTURE_BYTES_MAX = 5 * 1024 * 1024;

/** Why a file was not even sent. */
export type PictureFault = 'kind' | 'size';

/** A picture that people see: the own photo, the organization's logo. Chosen, shown at once, sent, or taken away. */
export class Picture {
  /** Shown while the file is on its way; null shows what the server has. */
  preview = $state<string | null>(null);
  fault = $state<PictureFault | null>(null);
  /** The last act went well; the page says "Saved". */
  saved = $state(false);
  readonly act = new Act();
  readonly #send: (file: Blob | null) => Promise<unknown>;

  constructor(send: (file: Blob | null) => Promise<unknown>) {
    this.#send = send;
  }

  /** Sends a file, unless the server would refuse it anyway. */
  async choose(file: Blob): Promise<void> {
    if (this.act.busy) return;
    this.saved = false;
    this.act.error = null;
    this.fault = !PICTURE_KINDS.includes(file.type) ? 'kind' : file.size > PICTURE_BYTES_MAX ? 'size' : null;
    if (this.fault) return;
    this.preview = URL.createObjectURL(file);
    this.saved = await this.act.run(() => this.#send(file));
    this.#forget();
  }

  /** Takes the picture away. */
  async remove(): Promise<void> {
    this.fault = null;
    this.saved = false;
    this.saved = await this.act.run(() => this.#send(null));
  }

  #forget(): void {
    if (this.preview) URL.revokeObjectURL(this.preview);
    this.preview = null;
  }
}
