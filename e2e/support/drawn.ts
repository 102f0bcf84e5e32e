import type { Locator, Page } from '@playwright/test';

/** A number is drawn as so many bits, in two rows of light and dark fields. */
const BITS = 8;

/** Gives a page, from its next load on, a camera that shows a number (below 256) and a microphone that hums. */
export async function showNumber(page: Page, number: number): Promise<void> {
  await page.addInitScript(
    ({ number, bits }) => {
      const camera = () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
        const paint = canvas.getContext('2d');
        setInterval(() => {
          for (let bit = 0; bit < bits; bit += 1) {
            if (paint) paint.fillStyle = (number >> bit) & 1 ? '#fff' : '#000';
            paint?.fillRect((bit % 4) * 160, Math.floor(bit / 4) * 180, 160, 180);
          }
        }, 100);
        return canvas.captureStream(10).getTracks();
      };
      const microphone = () => {
        const context = new AudioContext();
        const hum = context.createOscillator();
        const out = context.createMediaStreamDestination();
        hum.connect(out);
        hum.start();
        return out.stream.getTracks();
      };
      navigator.mediaDevices.getUserMedia = async ({ audio, video } = {}) =>
        new MediaStream([...(video ? camera() : []), ...(audio ? microphone() : [])]);
    },
    { number, bits: BITS },
  );
}

/** The number that a video shows. */
export async function readNumber(video: Locator): Promise<number> {
  return video.evaluate((element, bits) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 4, height: 2 });
    const paint = canvas.getContext('2d');
    if (!(element instanceof HTMLVideoElement) || !paint) return -1;
    paint.drawImage(element, 0, 0, 4, 2);
    const { data } = paint.getImageData(0, 0, 4, 2);
    return Array.from({ length: bits }, (_, bit) => ((data[bit * 4 + 1] ?? 0) > 127 ? 1 << bit : 0)).reduce((sum, bit) => sum + bit, 0);
  }, BITS);
}

/** How loud what comes in is, 0 to 1, as the page's newest connection plays it. */
export async function loudness(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let level = 0;
    (await window.connections.at(-1)?.getStats())?.forEach((stat: Record<string, unknown>) => {
      if (stat['type'] === 'inbound-rtp' && stat['kind'] === 'audio') level = Math.max(level, Number(stat['audioLevel'] ?? 0));
    });
    return level;
  });
}
