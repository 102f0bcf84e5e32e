/**
 * What was typed into a form and not sent: a note for handing over, a quick response, an invitation.
 *
 * It is kept with each key, under the operator and the form's name, until it was sent or cancelled:
 * neither the end of the session nor a reload takes it, and nobody who signs in later in the same
 * browser reads another's words. It belongs to the tab, so that two tabs never mix theirs. What a
 * case's details, drafts and messages hold is kept elsewhere (`kept.ts`); passwords are kept nowhere.
 */

/** What every form's key begins with; operator and name follow. */
const KEPT_PREFIX = 'deskside:form:';
/** Nobody is led back to these: they open again wherever one is, or are the first letters of a tag. */
const UNTOLD = ['new-case', 'tag/', 'tag-name/'];

/** Which form it is; behind a slash stands what it is about. */
export type FormName = 'new-case' | 'invite' | 'filter' | `${'hand-over' | 'snooze' | 'tag-name' | 'tag' | 'response' | 'field' | 'setting'}/${string}`;

interface Kept {
  values: object;
  /** It stood on the screen when it was last written; who finds that so was taken away from it. */
  open: boolean;
  /** On which page. */
  path: string;
}

export interface FormsHost {
  /** Whose words they are. */
  operator: string;
  /** Whether this operator is signed in, still. */
  signedIn: () => boolean;
  /** The path of the page that is shown. */
  path: () => string;
}

/** Where the browser stores nothing, forms live as long as the page does. */
const unstored = new Map<string, string>();

function storage(): Storage | null {
  try {
    return typeof sessionStorage === 'undefined' ? null : sessionStorage;
  } catch {
    return null;
  }
}

function read(key: string): Kept | null {
  try {
    const value = JSON.parse(unstored.get(key) ?? storage()?.getItem(key) ?? 'null') as Partial<Kept> | null;
    if (typeof value?.values !== 'object' || value.values === null) return null;
    return { values: value.values, open: value.open === true, path: typeof value.path === 'string' ? value.path : '/' };
  } catch {
    return null;
  }
}

function write(key: string, kept: Kept): void {
  const text = JSON.stringify(kept);
  try {
    const place = storage();
    if (!place) throw new Error('no storage');
    place.setItem(key, text);
    unstored.delete(key);
  } catch {
    unstored.set(key, text);
  }
}

function remove(key: string): void {
  unstored.delete(key);
  try {
    storage()?.removeItem(key);
  } catch {
    // Nothing was stored.
  }
}

function keys(): string[] {
  const place = storage();
  try {
    const stored = Array.from({ length: place?.length ?? 0 }, (_, index) => place?.key(index) ?? '');
    return [...new Set([...stored, ...unstored.keys()])];
  } catch {
    return [...unstored.keys()];
  }
}

/** The forms of one operator in this tab. */
export class KeptForms {
  readonly #host: FormsHost;
  readonly #prefix: string;

  constructor(host: FormsHost) {
    this.#host = host;
    this.#prefix = `${KEPT_PREFIX}${host.operator}:`;
  }

  form<Values extends object>(name: FormName): KeptForm<Values> {
    return new KeptForm(this.#prefix + name, this.#host);
  }

  /**
   * Asks once which form to open again, of those whose names begin so: the end of the session or a
   * reload took it away. Gives the rest of its name; null when there is none.
   */
  reopen(beginning: string): string | null {
    const [found, ...more] = this.#left(({ name }) => name.startsWith(beginning));
    for (const one of [found, ...more]) if (one) write(one.key, { ...one.kept, open: false });
    return found ? found.name.slice(beginning.length) : null;
  }

  /** The page on which a form waits that was taken away, where it is another than this one. */
  elsewhere(path: string): string | null {
    return this.#left(({ name, kept }) => kept.path !== path && !UNTOLD.some((known) => name.startsWith(known)))[0]?.kept.path ?? null;
  }

  /** Nobody wants to be led back to what waits elsewhere; it stays where it was typed. */
  dismiss(): void {
    for (const { key, kept } of this.#left(() => true)) write(key, { ...kept, open: false });
  }

  /** The case is gone, and with it what was typed about it. */
  dropCase(caseId: string): void {
    for (const key of keys()) if (key.startsWith(KEPT_PREFIX) && key.endsWith(`/${caseId}`)) remove(key);
  }

  #left(which: (one: { name: string; kept: Kept }) => boolean): { key: string; name: string; kept: Kept }[] {
    return keys().flatMap((key) => {
      const kept = key.startsWith(this.#prefix) ? read(key) : null;
      const one = { key, name: key.slice(this.#prefix.length) };
      return kept?.open && which({ ...one, kept }) ? [{ ...one, kept }] : [];
    });
  }
}

/** One form. Asking for it again gives what was typed into it. */
export class KeptForm<Values extends object> {
  readonly #key: string;
  readonly #host: FormsHost;
  /** What the form holds before anybody types. */
  #blank: Values | null = null;
  #ended = false;

  constructor(key: string, host: FormsHost) {
    this.#key = key;
    this.#host = host;
  }

  /** Whether whoever types here is signed in, still. */
  get live(): boolean {
    return this.#host.signedIn();
  }

  /** What was typed before, as it was kept; null when nothing was. */
  read(): Partial<Values> | null {
    return read(this.#key)?.values ?? null;
  }

  /** With what the form begins: `blank`, or what was typed before. Values of other kinds than its own are left out. */
  begin(blank: Values): Values {
    this.#blank = blank;
    const begun = { ...blank };
    const kept = this.read();
    for (const name of Object.keys(blank) as (keyof Values)[]) {
      const value = kept?.[name];
      if (value !== undefined && typeof value === typeof blank[name] && Array.isArray(value) === Array.isArray(blank[name])) begun[name] = value;
    }
    return begun;
  }

  /** Keeps what stands in the form; null, or what it began with, keeps nothing. */
  keep(values: Values | null): void {
    if (this.#ended) return;
    if (values === null || JSON.stringify(values) === JSON.stringify(this.#blank)) remove(this.#key);
    else write(this.#key, { values, open: true, path: this.#host.path() });
  }

  /** Keeps what `values` says for as long as the component stands that calls this. */
  follow(values: () => Values | null): void {
    $effect(() => this.keep(values()));
    $effect(() => () => this.leave());
  }

  /** The form goes from the screen. Who closed it comes back to it by themselves. */
  leave(): void {
    // While a page is taken down, its state reads as it was before; whether anybody is signed in shows after.
    queueMicrotask(() => {
      const kept = read(this.#key);
      if (kept?.open && this.#host.signedIn()) write(this.#key, { ...kept, open: false });
    });
  }

  /** What was typed was sent, or is not wanted any more; this form keeps nothing from here on. */
  end(): void {
    this.#ended = true;
    remove(this.#key);
  }
}
