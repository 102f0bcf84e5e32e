import { expect, type Browser, type BrowserContext, type Page, type ViewportSize } from '@playwright/test';
import { Api } from './api.ts';
import type { Account, Desk } from './desk.ts';
import { Faults } from './faults.ts';
import { GuestBrowser } from './guest.ts';
import { watchMedia } from './media.ts';
import type { Language } from './names.ts';
import type { Network } from './proxy.ts';
import { OperatorBrowser } from './operator.ts';

export const DESKTOP: ViewportSize = { width: 1440, height: 900 };
export const TABLET: ViewportSize = { width: 1024, height: 768 };
export const PHONE: ViewportSize = { width: 390, height: 844 };

export interface Equipment {
  language?: Language;
  theme?: 'light' | 'dark';
  viewport?: ViewportSize;
  /** Stands between this person and the desk; without one the way is direct. */
  network?: Network;
  /** What the browser may use when asked; what is not named it refuses. Both by default. */
  devices?: ('camera' | 'microphone')[];
  /** Where this person is, and that the browser may tell; without it refuses. */
  location?: { latitude: number; longitude: number; accuracy: number };
}

/** Gives each person of a test a browser of their own, and looks at the end whether one complained. */
export class People {
  private readonly browser: Browser;
  private readonly open: { context: BrowserContext; faults: Faults }[] = [];

  constructor(browser: Browser) {
    this.browser = browser;
  }

  /** An operator who has signed in by the form. */
  async operator(desk: Desk, account: Account, equipment: Equipment = {}): Promise<OperatorBrowser> {
    const language = equipment.language ?? 'en';
    // The desk speaks the operator's language wherever they sign in.
    await (await Api.signIn(desk, account)).call('PATCH', '/me', { language });
    const page = await this.page(desk, DESKTOP, equipment);
    await page.goto(`${desk.url}/sign-in`);
    const operator = new OperatorBrowser(page, language);
    await operator.signIn(account);
    return operator;
  }

  /** A guest with a phone, who opens the link. */
  async guest(desk: Desk, link: string, equipment: Equipment = {}): Promise<GuestBrowser> {
    const page = await this.page(desk, PHONE, equipment);
    await page.goto(link);
    return new GuestBrowser(page, equipment.language ?? 'en');
  }

  /** Somebody without account or link. */
  async stranger(desk: Desk, equipment: Equipment = {}): Promise<Page> {
    return this.page(desk, DESKTOP, equipment);
  }

  /** Closes the browsers. No page may have complained. */
  async leave(): Promise<void> {
    for (const { context } of this.open) await context.close();
    expect(this.open.flatMap(({ faults }) => faults.all)).toEqual([]);
  }

  private async page(desk: Desk, viewport: ViewportSize, equipment: Equipment): Promise<Page> {
    const phone = (equipment.viewport ?? viewport).width < 500;
    const context = await this.browser.newContext({
      viewport: equipment.viewport ?? viewport,
      hasTouch: phone,
      isMobile: phone,
      locale: equipment.language === 'de' ? 'de-DE' : 'en-GB',
      colorScheme: equipment.theme ?? 'light',
      permissions: [
        'clipboard-read',
        'clipboard-write',
        ...(equipment.devices ?? ['camera', 'microphone']),
        ...(equipment.location ? ['geolocation'] : []),
      ],
      ...(equipment.location ? { geolocation: equipment.location } : {}),
      ...(equipment.network ? { proxy: { server: equipment.network.address } } : {}),
    });
    this.open.push({ context, faults: new Faults(context, desk.url) });
    const page = await context.newPage();
    await watchMedia(page);
    return page;
  }
}
