/**
 * Catalogues: one object of texts per language and entry.
 *
 * A text holds `{name}` placeholders; a text that depends on a number is an
 * object of plural forms chosen by `{count}`. English is the pattern: every
 * other language must have exactly its keys.
 */

export type Language = 'en' | 'de';

export const LANGUAGES: readonly Language[] = ['en', 'de'];

/** What each language calls itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', de: 'Deutsch' };

/** Plural forms; `other` is always there. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

export type Text = string | Plural;

/** The keys of `English`, each a text or plural forms as there. */
export type Catalogue<English> = {
  readonly [Key in keyof English]: English[Key] extends string ? string : Plural;
};

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

type TextNames<T> = T extends string ? Names<T> : T extends { other: infer Other extends string } ? Names<Other> | 'count' : never;

/** The values a text of the English catalogue asks for: none, or an object of exactly its placeholders. */
export type Params<T> = [TextNames<T>] extends [never] ? [] : [values: Record<TextNames<T>, string | number>];

/** Puts the values into a text; numbers are written in the reader's way. */
export function fill(text: Text, values: Record<string, string | number>, locale: string): string {
  let pattern: string;
  if (typeof text === 'string') pattern = text;
  else pattern = text[new Intl.PluralRules(locale).select(Number(values.count))] ?? text.other;
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value;
  });
}

/** The first language of the wishes that we speak, English otherwise. */
export function negotiate(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const base = wish.toLowerCase().split('-')[0];
    const found = LANGUAGES.find((language) => language === base);
    if (found) return found;
  }
  return 'en';
}

/** The reader's own variety of a language (en-GB, de-AT) for dates and numbers, else the plain one. */
export function localeOf(language: Language, wishes: readonly string[]): string {
  return wishes.find((wish) => wish.toLowerCase().split('-')[0] === language) ?? language;
}
