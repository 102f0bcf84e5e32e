import { Problem, request, watchProblems } from '../../lib/api/client.ts';
import type { Language, Me, Organization, Theme } from '../../lib/api/types.ts';
import type { Reader } from '../../lib/time/format.ts';
import { i18n } from '../i18n.ts';
import { keepTheme, showTheme, takeBrand } from './theme.ts';

/** How long to wait before asking again who is signed in, when nobody answered. */
const RETRY_MS = 3_000;

/** Why a session is over; decides what the sign-in page says. */
export type Ending = 'signedOut' | 'expired';

/** Who was signed in when the session ended by itself. */
export type Expelled = Pick<Me['operator'], 'name' | 'email'>;

export interface NewOrganization {
  token: string;
  organization: string;
  name: string;
  email: string;
  password: string;
  language: Language;
  time_zone: string;
}

export interface Newcomer {
  token: string;
  name: string;
  password: string;
  language: Language;
  time_zone: string;
}

export interface MeChange {
  name?: string;
  language?: Language;
  time_zone?: string;
  theme?: Theme;
}

/** Who is signed in. Everything else of the dashboard lives as long as one session. */
export class Session {
  status = $state<'loading' | 'out' | 'in'>('loading');
  me = $state.raw<Me | null>(null);
  /** Why nobody is signed in, where there is something to say. */
  ending = $state<Ending | null>(null);
  /** Whose session ended by itself, until someone is signed in. */
  expelled = $state.raw<Expelled | null>(null);
  /** The server did not answer the first question yet. */
  unreachable = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    watchProblems((problem) => {
      if (problem.code === 'not_signed_in') this.ended('expired');
    });
  }

  /** For whose eyes times are written. */
  get reader(): Reader {
    return { locale: i18n.locale, timeZone: this.me?.operator.time_zone };
  }

  /** Asks who is signed in, until somebody answers. */
  async load(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#take(await request<Me>('GET', '/me'));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        this.status = 'out';
        return;
      }
      this.unreachable = true;
      this.#timer = setTimeout(() => void this.load(), RETRY_MS);
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.#take(await request<Me>('POST', '/session', { body: { email, password } }));
  }

  /** Creates the organization with its first administrator, who is signed in then. */
  async setUp(organization: NewOrganization): Promise<void> {
    await this.#take(await request<Me>('POST', '/setup', { body: organization }));
  }

  /** Accepts an invitation; whoever was signed in in this browser is not any more. */
  async accept(newcomer: Newcomer): Promise<void> {
    const me = await request<Me>('POST', '/operator-invites/accept', { body: newcomer });
    this.status = 'out';
    await this.#take(me);
  }

  async signOut(): Promise<void> {
    await this.#leave('/session');
  }

  /** Ends the sessions of all this operator's browsers. */
  async signOutEverywhere(): Promise<void> {
    await this.#leave('/sessions');
  }

  /** Takes the own picture from a file, or takes it away. */
  async setPicture(file: Blob | null): Promise<void> {
    await (file ? request('PUT', '/me/picture', { body: file }) : request('DELETE', '/me/picture'));
    await this.refresh();
  }

  /** Takes the organization's logo from a file, or takes it away. */
  async setLogo(file: Blob | null): Promise<void> {
    await (file ? request('PUT', '/organization/logo', { body: file }) : request('DELETE', '/organization/logo'));
    await this.refresh();
  }

  /** Changes the own profile and shows it at once: words and colours follow. */
  async updateMe(change: MeChange): Promise<void> {
    await this.#keep(await request<Me>('PATCH', '/me', { body: change }));
  }

  /** Takes a changed organization, told by the live socket or by the answer to a change. */
  organizationChanged(organization: Organization): void {
    if (!this.me) return;
    this.me = { ...this.me, organization };
    takeBrand(organization.brand_color);
  }

  /** Asks again for the own profile, which may have been changed in another tab. */
  async refresh(): Promise<void> {
    if (this.status === 'in') await this.#keep(await request<Me>('GET', '/me'));
  }

  /** The server says that the session is over. */
  ended(ending: Ending): void {
    if (this.status !== 'in') return;
    this.expelled = ending === 'expired' && this.me ? { name: this.me.operator.name, email: this.me.operator.email } : null;
    this.status = 'out';
    this.me = null;
    this.ending = ending;
  }

  async #leave(path: string): Promise<void> {
    try {
      await request('DELETE', path);
    } catch (error) {
      // A session that is over already is what was wanted.
      if (!(error instanceof Problem && error.status === 401)) throw error;
    }
    this.ended('signedOut');
    this.ending = 'signedOut';
    this.expelled = null;
  }

  /** An answer that comes after signing out does not sign in again. */
  async #keep(me: Me): Promise<void> {
    if (this.status === 'in') await this.#take(me);
  }

  async #take(me: Me): Promise<void> {
    const { language, theme } = me.operator;
    showTheme(theme);
    keepTheme(theme);
    takeBrand(me.organization.brand_color);
    try {
      if (language !== i18n.language) await i18n.choose(language);
    } catch (error) {
      // The words stay as they are until the catalogue can be loaded.
      if (!(error instanceof TypeError)) throw error;
    }
    this.me = me;
    this.unreachable = false;
    this.ending = null;
    this.expelled = null;
    this.status = 'in';
  }
}

/** The one session of the page. */
export const session = new Session();
