import type { Page } from '@playwright/test';
import { CallOnPage } from './call.ts';
import { Conversation } from './conversation.ts';
import { names, type Language, type Names } from './names.ts';

/** A guest behind a link. */
export class GuestBrowser {
  readonly page: Page;
  readonly name: Names;
  readonly chat: Conversation;
  readonly call: CallOnPage;

  constructor(page: Page, language: Language) {
    this.page = page;
    this.name = names[language];
    this.chat = new Conversation(page, this.name);
    this.call = new CallOnPage(page, this.name);
  }
}
