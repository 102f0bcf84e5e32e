import { fill, localeOf, negotiate, LANGUAGES, type Catalogue, type Language, type Params, type Text } from './catalogue.ts';

/** Under which name a browser remembers the language someone chose. */
const REMEMBERED = 'deskside:language';

/** Loads one language's catalogue; a dynamic import, so that no other language travels. */
export type Loaders<English> = Record<Language, () => Promise<{ default: Catalogue<English> }>>;

/** The texts of one entry in the language in use. Reading `t` in a component follows a change of language. */
export class I18n<const English extends Record<string, Text>> {
  language = $state<Language>('en');
  /** The reader's variety of the language, for `Intl`. */
  locale = $state('en');
  #texts = $state.raw<Record<string, Text>>({});
  readonly #load: Loaders<English>;
  /** Counts the changes of language, so that a slow catalogue does not win over a later choice. */
  #turn = 0;

  constructor(load: Loaders<English>) {
    this.#load = load;
  }

  /** Starts in the remembered language, else in what the browser prefers. */
  async start(): Promise<void> {
    await this.use(recall() ?? negotiate(navigator.languages));
  }

  /** A language someone else thinks right; the person's own choice goes first. */
  async suggest(wish: string): Promise<void> {
    const language = LANGUAGES.find((known) => known === wish);
    if (language && language !== this.language && !recall()) await this.use(language);
  }

  /** Changes to a language once its catalogue is here, and tells the document. */
  async use(language: Language): Promise<void> {
    const turn = ++this.#turn;
    const { default: texts } = await this.#load[language]();
    if (turn !== this.#turn) return;
    this.#texts = texts;
    this.language = language;
    this.locale = localeOf(language, navigator.languages);
    const root = document.documentElement;
    root.lang = language;
    root.dir = directionOf(language);
  }

  /** As `use`, and remembered for the next visit. */
  async choose(language: Language): Promise<void> {
    await this.use(language);
    try {
      localStorage.setItem(REMEMBERED, language);
    } catch {
      // A browser that keeps nothing still shows the language until the page is closed.
    }
  }

  /** The text of a key, with its placeholders filled. */
  readonly t = <Key extends keyof English & string>(key: Key, ...params: Params<English[Key]>): string =>
    fill(this.#texts[key] ?? '', params[0] ?? {}, this.locale);

  /** Whether a key that came from outside (a problem code) has a text. */
  has(key: string): boolean {
    return key in this.#texts;
  }
}

function recall(): Language | undefined {
  try {
    const value = localStorage.getItem(REMEMBERED);
    return LANGUAGES.find((language) => language === value);
  } catch {
    return undefined;
  }
}

/** All our languages run left to right so far; the layout is ready for others. */
function directionOf(language: Language): 'ltr' | 'rtl' {
  const rightToLeft: readonly string[] = ['ar', 'fa', 'he', 'ur'];
  return rightToLeft.includes(language) ? 'rtl' : 'ltr';
}
