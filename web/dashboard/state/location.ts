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

/** The place, where there is one. */
export function placeOf(location: CaseLocation | null): Place | null {
  if (location?.state !== 'shared' || location.latitude === null || location.longitude === null) return null;
  return { latitude: location.latitude, longitude: location.longitude, accuracyM: location.accuracy_m, at: location.at };
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
