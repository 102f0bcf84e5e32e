/** How a picture sits in its tile. */

/** A picture may lose this share of its longer side to fill its tile; a face is in the middle. */
const CROP_MAX = 0.55;

/** Fills the tile unless too much of the picture would be cut off (a phone held upright on a wide screen). Sizes in pixels. */
export function fitting(width: number, height: number, pictureWidth: number, pictureHeight: number): 'cover' | 'contain' {
  if (!width || !height || !pictureWidth || !pictureHeight) return 'cover';
  const tile = width / height;
  const picture = pictureWidth / pictureHeight;
  const kept = Math.min(tile, picture) / Math.max(tile, picture);
  return 1 - kept > CROP_MAX ? 'contain' : 'cover';
}
