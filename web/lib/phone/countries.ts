/**
 * Countries and the calling codes that the ITU assigned to them (E.164, list of assigned codes).
 *
 * Names are not kept: the browser knows them in every language.
 */

import { LANGUAGES } from '../i18n/catalogue.ts';

/** A country by its ISO 3166-1 code, and the code that numbers there begin with, without the "+". */
export interface Country {
  iso: string;
  code: string;
}

/** A country as one reader finds it. */
export interface NamedCountry extends Country {
  name: string;
}

/**
 * ISO code and calling code. Where several countries share one, the first is meant unless the number
 * begins like one of `PARTS`.
 */
const TABLE =
  'AC247 AD376 AE971 AF93 AG1268 AI1264 AL355 AM374 AO244 AR54 AS1684 AT43 AU61 AW297 AZ994 BA387 BB1246 BD880 BE32 BF226 BG359 BH973 BI257 ' +
  'BJ229 BM1441 BN673 BO591 BR55 BS1242 BT975 BW267 BY375 BZ501 CD243 CF236 CG242 CH41 CI225 CK682 CL56 CM237 CN86 CO57 CR506 CU53 CV238 CW599 ' +
  'CY357 CZ420 DE49 DJ253 DK45 DM1767 DO1809 DZ213 EC593 EE372 EG20 ER291 ES34 ET251 FI358 FJ679 FK500 FM691 FO298 FR33 GA241 GB44 GD1473 GE995 ' +
  'GF594 GH233 GI350 GL299 GM220 GN224 GP590 GQ240 GR30 GT502 GU1671 GW245 GY592 HK852 HN504 HR385 HT509 HU36 ID62 IE353 IL972 IN91 IO246 IQ964 ' +
  'IR98 IS354 IT39 JM1876 JO962 JP81 KE254 KG996 KH855 KI686 KM269 KN1869 KP850 KR82 KW965 KY1345 LA856 LB961 LC1758 LI423 LK94 LR231 LS266 LT370 ' +
  'LU352 LV371 LY218 MA212 MC377 MD373 ME382 MG261 MH692 MK389 ML223 MM95 MN976 MO853 MP1670 MQ596 MR222 MS1664 MT356 MU230 MV960 MW265 MX52 MY60 ' +
  'MZ258 NA264 NC687 NE227 NF672 NG234 NI505 NL31 NO47 NP977 NR674 NU683 NZ64 OM968 PA507 PE51 PF689 PG675 PH63 PK92 PL48 PM508 PR1787 PS970 PT351 ' +
  'PW680 PY595 QA974 RE262 RO40 RS381 RU7 RW250 SA966 SB677 SC248 SD249 SE46 SG65 SH290 SI386 SK421 SL232 SM378 SN221 SO252 SR597 SS211 ST239 SV503 ' +
  'SX1721 SY963 SZ268 TC1649 TD235 TG228 TH66 TJ992 TK690 TL670 TM993 TN216 TO676 TR90 TT1868 TV688 TW886 TZ255 UA380 UG256 US1 UY598 UZ998 VC1784 ' +
  'VE58 VG1284 VI1340 VN84 VU678 WF681 WS685 XK383 YE967 ZA27 ZM260 ZW263 ' +
  'AX358 BL590 BQ599 CA1 CC61 CX61 EH212 GG44 IM44 JE44 KZ7 MF590 SJ47 VA39 YT262';

/** What a number of a country begins with that has its calling code from another, with that code. */
const PARTS: Readonly<Record<string, string>> = {
  AX: '35818',
  BQ: '5993 5994 5997',
  // Area codes of Canada in the North American numbering plan.
  CA: '204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468 474 506 514 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879 902 905 942'
    .split(' ')
    .map((area) => `1${area}`)
    .join(' '),
  CC: '6189162',
  CX: '6189164',
  DO: '1829 1849',
  EH: '2125288 2125289',
  GG: '441481 447781 447839 447911',
  IM: '441624 447624 447924',
  JE: '441534 447797 447937',
  JM: '1658',
  KZ: '76 77',
  PR: '1939',
  SJ: '4779',
  VA: '3906698',
  YT: '262269 262639',
};

export const COUNTRIES: readonly Country[] = TABLE.split(' ').map((entry) => ({ iso: entry.slice(0, 2), code: entry.slice(2) }));

const byIso = new Map(COUNTRIES.map((country) => [country.iso, country]));

/** Beginnings of numbers, the longest first: the first that fits is the country. */
const prefixes: readonly (readonly [prefix: string, country: Country])[] = (() => {
  const found = new Map<string, Country>();
  // Of countries with the same code the table names the one that is meant first.
  for (const country of COUNTRIES) if (!found.has(country.code)) found.set(country.code, country);
  for (const [iso, parts] of Object.entries(PARTS)) {
    const country = byIso.get(iso);
    for (const part of parts.split(' ')) if (country) found.set(part, country);
  }
  return [...found].sort(([a], [b]) => b.length - a.length);
})();

export function countryOf(iso: string): Country | undefined {
  return byIso.get(iso);
}

/** The country whose numbers begin like these digits, which come without "+". */
export function countryOfDigits(digits: string): Country | undefined {
  return prefixes.find(([prefix]) => digits.startsWith(prefix))?.[1];
}

/** The calling code at the beginning of these digits; shorter than what names a country (+1 204 is +1). */
export function codeOfDigits(digits: string): string | undefined {
  const country = countryOfDigits(digits);
  if (!country) return undefined;
  // Those of the North American numbering plan are written +1 and an area code.
  return country.code.startsWith('1') ? '1' : country.code;
}

/** A name without accents and capitals, so that "cote" finds "Côte d’Ivoire". */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

const lists = new Map<string, readonly NamedCountry[]>();

/** All countries with their names in the reader's language, in its order. */
export function namedCountries(locale: string): readonly NamedCountry[] {
  let found = lists.get(locale);
  if (!found) {
    const names = new Intl.DisplayNames([locale], { type: 'region' });
    const order = new Intl.Collator(locale);
    found = COUNTRIES.map((country) => ({ ...country, name: names.of(country.iso) ?? country.iso })).sort((a, b) => order.compare(a.name, b.name));
    lists.set(locale, found);
  }
  return found;
}

const foundBy = new Map<string, string[]>();

/** Everything a country is found by: its names in our languages and the reader's, folded. */
function namesOf(iso: string, locale: string): string[] {
  const key = `${locale}|${iso}`;
  let found = foundBy.get(key);
  if (!found) {
    const locales = new Set([locale, ...LANGUAGES]);
    found = [...locales].map((one) => folded(namedCountries(one).find((country) => country.iso === iso)?.name ?? ''));
    foundBy.set(key, found);
  }
  return found;
}

/**
 * The countries that someone means who types this: a name in the reader's language or one of ours, the
 * ISO code, or a calling code. Names that begin with it come first.
 */
export function findCountries(query: string, locale: string): readonly NamedCountry[] {
  const all = namedCountries(locale);
  const wanted = folded(query.trim());
  if (wanted === '') return all;
  const digits = /^(?:\+|00)?(\d+)$/.exec(wanted)?.[1];
  if (digits !== undefined) return all.filter(({ code }) => code.startsWith(digits)).sort((a, b) => a.code.length - b.code.length);
  const rank = ({ iso }: NamedCountry): number => {
    const names = namesOf(iso, locale);
    if (names.some((name) => name.startsWith(wanted))) return 0;
    if (iso.toLowerCase() === wanted) return 1;
    if (names.some((name) => name.split(/[\s\-’'(]+/).some((word) => word.startsWith(wanted)))) return 2;
    return names.some((name) => name.includes(wanted)) ? 3 : 4;
  };
  return all
    .map((country) => ({ country, rank: rank(country) }))
    .filter((found) => found.rank < 4)
    .sort((a, b) => a.rank - b.rank)
    .map(({ country }) => country);
}
