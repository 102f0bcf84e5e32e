/**
 * An organization's colour on the page. Its hue and its strength are the
 * organization's; the lightness of every role is ours (`styles/tokens.css`), so
 * that words stay readable whatever is chosen.
 *
 * Conversions after Björn Ottosson, "A perceptual color space for image
 * processing" (Oklab); contrast after WCAG 2.2, relative luminance.
 */

/** What the tokens take: hue in degrees, chroma as OKLCH counts it. */
export interface Brand {
  hue: number;
  chroma: number;
}

/** Deskside's own colour, where an organization has none; as in `tokens.css`. */
export const OWN_BRAND: Brand = { hue: 218, chroma: 0.085 };

/** Chroma within which every role keeps its contrast; below the least, an accent would be grey among greys. */
export const CHROMA_MIN = 0.02;
export const CHROMA_MAX = 0.14;

/** Linear light, red, green, blue, each 0 to 1 where a screen can show it. */
export type Light = readonly [red: number, green: number, blue: number];

/** Whether this is how a colour is written: `#rrggbb`. */
export function isColor(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

/** Hue and strength of `#rrggbb`; what is no colour is Deskside's own. */
export function brandOf(color: string): Brand {
  if (!isColor(color)) return OWN_BRAND;
  const [r, g, b] = lightOf(color);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const along = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const chroma = Math.hypot(a, along);
  // A grey has no hue of its own: what rounding left over would be a colour nobody chose.
  const hue = chroma < 0.004 ? OWN_BRAND.hue : (Math.atan2(along, a) * 180) / Math.PI;
  return { hue: round((hue + 360) % 360, 1), chroma: round(Math.min(Math.max(chroma, CHROMA_MIN), CHROMA_MAX), 4) };
}

/** Colours an element and everything in it; an empty colour is Deskside's own. */
export function showBrand(color: string, element: HTMLElement = document.documentElement): void {
  if (!isColor(color)) {
    element.style.removeProperty('--brand-h');
    element.style.removeProperty('--brand-c');
    return;
  }
  const { hue, chroma } = brandOf(color);
  element.style.setProperty('--brand-h', String(hue));
  element.style.setProperty('--brand-c', String(chroma));
}

/** `#rrggbb` as linear light. */
export function lightOf(color: string): Light {
  const part = (at: number) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

/** An OKLCH colour as a screen shows it: each part cut to what there is, as browsers do. */
export function lightOfOklch(lightness: number, { hue, chroma }: Brand): Light {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (value: number) => Math.min(Math.max(value, 0), 1);
  return [
    cut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    cut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    cut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Contrast of two colours, 1 to 21. */
export function contrast(one: Light, other: Light): number {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

/** How readable words on the accent are, in the light and the dark colours. */
export function readability(brand: Brand): { light: number; dark: number } {
  const accent = (lightness: number, share: number) => lightOfOklch(lightness, { ...brand, chroma: brand.chroma * share });
  return {
    light: contrast([1, 1, 1], accent(0.475, 1)),
    dark: contrast(lightOfOklch(0.2, { ...brand, chroma: 0.03 }), accent(0.76, 0.9)),
  };
}

function luminance([red, green, blue]: Light): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
