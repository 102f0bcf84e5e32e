import { expect, type Locator, type Page } from '@playwright/test';
import { CallOnPage } from './call.ts';
import { Conversation } from './conversation.ts';
import type { Answer } from './api.ts';
import type { Account } from './desk.ts';
import { landmark } from './landmark.ts';
import { names, type Language, type Names } from './names.ts';

/** From this width on the details stand beside the case. */
const THREE_COLUMNS_FROM = 1280;

/** An operator at the dashboard. Every way to a control is its accessible name. */
export class OperatorBrowser {
  readonly page: Page;
  readonly name: Names;
  readonly caseList: Locator;
  readonly details: Locator;
  readonly chat: Conversation;
  readonly call: CallOnPage;

  constructor(page: Page, language: Language) {
    this.page = page;
    this.name = names[language];
    this.caseList = landmark(page, this.name.caseList);
    this.details = landmark(page, this.name.details);
    this.chat = new Conversation(page, this.name);
    this.call = new CallOnPage(page, this.name);
  }

  button(name: keyof Names): Locator {
    return this.page.getByRole('button', { name: this.name[name], exact: true });
  }

  field(name: keyof Names): Locator {
    return this.page.getByRole('textbox', { name: this.name[name], exact: true });
  }

  /** Fills in the form of the sign-in page, which must be open. */
  async signIn(account: Account): Promise<void> {
    await this.field('email').fill(account.email);
    await this.page.getByLabel(this.name.password, { exact: true }).fill(account.password);
    await this.button('signIn').click();
    await expect(this.caseList).toBeVisible();
  }

  /** Opens the details of the case where they do not stand beside it. */
  async showDetails(): Promise<void> {
    const beside = (this.page.viewportSize()?.width ?? 0) >= THREE_COLUMNS_FROM;
    if (!beside && !this.page.url().endsWith('/details')) {
      await this.page.getByRole('link', { name: this.name.details, exact: true }).click();
    }
    await expect(this.details).toBeVisible();
  }

  /** Creates a case by the dialog; afterwards it is open. */
  async createCase(name: string): Promise<void> {
    await this.button('createNewCase').click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: this.name.caseName, exact: true }).fill(name);
    await dialog.getByRole('button', { name: this.name.createCase, exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(this.page).toHaveURL(/\/cases\/case_/);
    await expect(this.page.getByRole('heading', { name })).toBeVisible();
  }

  async openCase(name: string): Promise<void> {
    await this.caseRow(name).click();
    await expect(this.page.getByRole('heading', { name })).toBeVisible();
  }

  caseRow(name: string): Locator {
    return this.caseList.getByRole('link').filter({ hasText: name });
  }

  async rename(name: string): Promise<void> {
    await this.details.getByRole('button', { name: this.name.edit, exact: true }).click();
    await this.details.getByRole('textbox', { name: this.name.caseName, exact: true }).fill(name);
    await this.page.keyboard.press('Enter');
    await expect(this.details.getByRole('status').filter({ hasText: this.name.saved })).toBeVisible();
  }

  async addOperator(colleague: string): Promise<void> {
    await this.button('addOperator').click();
    await this.page.getByRole('option', { name: colleague }).click();
  }

  /** Deletes the open case, by its question. */
  async deleteCase(): Promise<void> {
    await this.button('options').click();
    await this.page.getByRole('menuitem', { name: this.name.deleteCase, exact: true }).click();
    const question = this.page.getByRole('alertdialog');
    await question.getByRole('button', { name: this.name.deleteCase, exact: true }).click();
    await expect(question).toBeHidden();
    await expect(this.page).not.toHaveURL(/case_/);
  }

  /** The id of the open case. */
  get caseId(): string {
    const id = /\/cases\/(case_[0-9a-z]+)/.exec(this.page.url())?.[1];
    if (!id) throw new Error(`no case is open at ${this.page.url()}`);
    return id;
  }

  /** Copies the guest link by its button and reads it where a person would paste it. */
  async copyGuestLink(): Promise<string> {
    // What the test before left there, in the same browser, is a link too.
    await this.page.evaluate(() => navigator.clipboard.writeText(''));
    await this.button('copyGuestLink').click();
    const clipboard = () => this.page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(clipboard).toMatch(/^https?:\/\/.+\/g\/[0-9A-Za-z]{22}$/);
    return clipboard();
  }

  /** Asks the API as this person, from the page: with its cookie, its origin and its network. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.page.evaluate(
      async ({ method, path, body }) => {
        const answer = await fetch(`/api/v1${path}`, {
          method,
          headers: {
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        return { status: answer.status, body: text ? (JSON.parse(text) as unknown) : null };
      },
      { method, path, body },
    );
  }
}
