/** The browser's own time zone, as an IANA name. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** All zones to choose from; `chosen` is among them even if this browser does not list it. */
export function allZones(chosen: string): string[] {
  const zones = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);
  zones.add(chosen);
  return [...zones].sort();
}
