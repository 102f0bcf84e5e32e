/** Which browser this is, as far as its way to allow a camera differs from others'. */

export type Browser = 'chrome' | 'android' | 'ios' | 'ios_app' | 'safari' | 'firefox' | 'other';

/** The steps to allow a camera that was refused; each has a text of its own. */
export const STEPS = [1, 2, 3] as const;

/**
 * By what the browser says of itself; `touch` tells an iPad, which calls itself a Mac. On iOS other
 * browsers are apps, whose permissions stand in the device's own settings.
 */
export function browserOf(userAgent: string, touch: boolean): Browser {
  const says = (pattern: RegExp) => pattern.test(userAgent);
  const apple = says(/iPhone|iPad|iPod/) || (says(/Macintosh/) && touch);
  if (apple) return says(/CriOS|FxiOS|EdgiOS|OPiOS|GSA\//) ? 'ios_app' : 'ios';
  if (says(/Firefox\//)) return says(/Android/) ? 'other' : 'firefox';
  if (says(/Chrome\/|Chromium\//)) return says(/Android/) ? 'android' : 'chrome';
  if (says(/Safari\//) && says(/Macintosh/)) return 'safari';
  return 'other';
}
