import { expect, type Locator, type Page } from '@playwright/test';
import { landmark } from './landmark.ts';
import type { Names } from './names.ts';

/** The chat of the open case, on either side: both call things by the same names. */
export class Conversation {
  readonly region: Locator;
  readonly composer: Locator;
  private readonly sendButton: Locator;

  constructor(page: Page, name: Names) {
    this.region = landmark(page, name.chat);
    this.composer = this.region.getByRole('textbox', { name: name.message, exact: true });
    this.sendButton = this.region.getByRole('button', { name: name.send, exact: true });
  }

  /** Writes and sends. Says nothing about arrival: the network may be gone. */
  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.sendButton.click();
    await expect(this.composer).toHaveValue('');
  }

  /** The words of the messages that match, in the order of the screen, repeats included. */
  async said(pattern: RegExp): Promise<string[]> {
    const texts = await this.region.getByRole('list').allInnerTexts();
    return texts.join('\n').match(new RegExp(pattern, 'g')) ?? [];
  }

  async expectToSay(text: string, timeout = 10_000): Promise<void> {
    await expect(this.region.getByText(text, { exact: true })).toBeVisible({ timeout });
  }
}
