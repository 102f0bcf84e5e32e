/** Numbers as people write them here, and as the server keeps them: `1234.5`, without groups. */

/** What stands before the fraction in a locale. */
export function decimalSign(locale: string): string {
  return new Intl.NumberFormat(locale).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ?? '.';
}

/** A number as the server keeps it; null for what is none. */
export function decimalOf(text: string, locale: string): string | null {
  const comma = decimalSign(locale) === ',';
  let plain = text.replace(/[\s\u00a0\u202f’']/g, '').replace(/^\u2212/, '-');
  const grouped = comma ? /^-?\d{1,3}(\.\d{3})+(,\d*)?$/ : /^-?\d{1,3}(,\d{3})+(\.\d*)?$/;
  if (grouped.test(plain)) plain = plain.replaceAll(comma ? '.' : ',', '');
  // A lone sign of the other kind can only be meant as a fraction.
  plain = plain.replace(',', '.');
  return /^-?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? plain.replace(/\.$/, '').replace(/^(-?)\./, '$10.') : null;
}

/** A kept number with the locale's sign; without groups, because a year has none. */
export function shownNumber(value: string, locale: string): string {
  return /^-?\d+(\.\d+)?$/.test(value) ? value.replace('.', decimalSign(locale)) : value;
}
