import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { GermanEar } from './catalogue.ts';
import { expectWithinEdges } from './layout.ts';
import type { Language } from './names.ts';
import { DESKTOP, PHONE, TABLET } from './people.ts';

/** Where to leave a picture of every state, for people to look at; nowhere when not given. */
const SCREENSHOTS = process.env['SCREENSHOTS'];

export type Theme = 'light' | 'dark';

/**
 * Looks at one state of a page after the other: at three widths each must pass the checks of
 * accessibility and stay within its edges, and in German nothing may be English.
 */
export class Inspector {
  readonly language: Language;
  readonly theme: Theme;
  private readonly ear: GermanEar;

  private constructor(language: Language, theme: Theme, ear: GermanEar) {
    this.language = language;
    this.theme = theme;
    this.ear = ear;
  }

  static async of(language: Language, theme: Theme): Promise<Inspector> {
    return new Inspector(language, theme, await GermanEar.open());
  }

  /** Looks at what is open now; `open` brings it back where a change of the window closes it. */
  async look(page: Page, where: string, open?: () => Promise<void>): Promise<void> {
    await test.step(where, async () => {
      const before = page.viewportSize() ?? DESKTOP;
      for (const size of [DESKTOP, TABLET, PHONE]) {
        await page.setViewportSize(size);
        await open?.();
        await settled(page);
        if (SCREENSHOTS) await this.picture(page, where, SCREENSHOTS);
        await expectWithinEdges(page, where);
        await expectAccessible(page, where);
        if (this.language === 'de') {
          expect.soft(await this.ear.hear(page), `English in ${where} at ${size.width}`).toEqual([]);
        }
      }
      await page.setViewportSize(before);
      await settled(page);
    });
  }

  private async picture(page: Page, where: string, folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const name = [where.replaceAll(/\W+/g, '-'), page.viewportSize()?.width, this.theme, this.language].join('.');
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
}

/** Waits for motion that ends; typing dots and skeletons go on for as long as they are there. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const ending = document.getAnimations().filter((motion) => motion.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.all(ending.map((motion) => motion.finished.catch(() => null)));
  });
}
