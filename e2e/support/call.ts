import { expect, type Locator, type Page } from '@playwright/test';
import { landmark } from './landmark.ts';
import type { Names } from './names.ts';

/** The video call on a page, on either side: both call things by the same names. */
export class CallOnPage {
  /** The picture with its controls. */
  readonly stage: Locator;
  private readonly page: Page;
  private readonly name: Names;

  constructor(page: Page, name: Names) {
    this.page = page;
    this.name = name;
    this.stage = landmark(page, name.videoCall);
  }

  control(name: keyof Names): Locator {
    return this.page.getByRole('button', { name: this.name[name], exact: true });
  }

  /** Whether a toggle of the bar is on. */
  async expectOn(name: 'microphone' | 'camera', on: boolean): Promise<void> {
    await expect(this.control(name)).toHaveAttribute('aria-pressed', String(on));
  }

  /** The others' pictures that really show something. */
  async pictures(): Promise<number> {
    return this.stage.locator('video').evaluateAll(
      (videos) => videos.filter((video) => video instanceof HTMLVideoElement && video.checkVisibility() && !video.paused && video.videoWidth > 0).length,
    );
  }
}
