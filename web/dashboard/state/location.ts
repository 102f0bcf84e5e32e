import type { CaseLocation } from '../../lib/api/types.ts';

/** Digits behind the point that a map needs: about a metre. */
const DIGITS = 5;

/** A place that the customer shared. */
export interface Place {
  latitude: number;
  longitude: number;
  accuracyM: number | null;
  at: string | null;
}

/** Farther than this, in metres, is no place but a part of the country. */
const ROUGH_M = 1_000;

/** The place, where there is one; a question that is open or failed leaves what was shared before. */
export function placeOf(location: CaseLocation | null): Place | null {
  if (location?.latitude == null || location.longitude == null) return null;
  return { latitude: location.latitude, longitude: location.longitude, accuracyM: location.accuracy_m ?? null, at: location.at ?? null };
}

/** Where a map shows the place: the organization's address with the numbers in it. */
export function mapLink(template: string, place: Place): string {
  const number = (value: number) => encodeURIComponent(value.toFixed(DIGITS));
  return template.replaceAll('{latitude}', number(place.latitude)).replaceAll('{longitude}', number(place.longitude));
}

/** `52.51630, 13.37770`: as other programs take it, so in no language's way of writing numbers. */
export function coordinates({ latitude, longitude }: Place): string {
  return `${latitude.toFixed(DIGITS)}, ${longitude.toFixed(DIGITS)}`;
}

/** Whether the device knew too little for a meeting point. */
export function isRough({ accuracyM }: Place): boolean {
  return accuracyM !== null && accuracyM >= ROUGH_M;
}

/** `12 m`, from a kilometre on `10 km`. */
export function distance(metres: number, locale: string): string {
  const [value, unit] = metres < 1_000 ? [Math.max(1, Math.round(metres)), 'meter'] : [Math.round(metres / 100) / 10, 'kilometer'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}
