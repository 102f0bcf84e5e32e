import { Problem, request } from '../../lib/api/client.ts';
import { Act } from './act.svelte.ts';

/** The own password, changed with the one that holds now. Every other session ends, this one stays. */
export class PasswordChange {
  current = $state('');
  next = $state('');
  /** It was changed. */
  done = $state(false);
  readonly act = new Act();

  async change(): Promise<boolean> {
    this.done = false;
    const { current, next } = this;
    if (!(await this.act.run(() => request('POST', '/me/password', { body: { current, new: next } })))) return false;
    this.current = '';
    this.next = '';
    this.done = true;
    return true;
  }
}

/** How a link for a forgotten password stands. */
export type ResetPhase = 'looking' | 'open' | 'invalid' | 'failed' | 'done';

/** A forgotten password: asked for by mail, and set anew with the link in it. */
export class PasswordReset {
  /** Whether this server sends mail; null while it is not known. */
  mail = $state<boolean | null>(null);
  /** The mail was asked for. The answer is the same whether the address is known or not. */
  asked = $state(false);
  phase = $state<ResetPhase>('looking');
  /** Whose password it is. */
  email = $state('');
  next = $state('');
  readonly act = new Act();

  /** Asks whether mail can be sent at all. */
  async start(): Promise<void> {
    await this.act.run(async () => (this.mail = (await request<{ mail: boolean }>('GET', '/setup')).mail));
  }

  async ask(email: string): Promise<void> {
    if (await this.act.run(() => request('POST', '/password-resets', { body: { email } }))) this.asked = true;
  }

  /** Whether a link from the mail holds, and for whom. */
  async look(token: string): Promise<void> {
    this.phase = 'looking';
    const found = await this.act.run(async () => {
      this.email = (await request<{ email: string }>('POST', '/password-resets/lookup', { body: { token } })).email;
    });
    if (found) this.phase = 'open';
    else this.phase = refusesLink(this.act.error) ? 'invalid' : 'failed';
  }

  /** Sets the new password; every session of this operator ends. */
  async use(token: string): Promise<void> {
    if (await this.act.run(() => request('POST', '/password-resets/use', { body: { token, new: this.next } }))) {
      this.next = '';
      this.phase = 'done';
    } else if (refusesLink(this.act.error)) {
      this.phase = 'invalid';
    }
  }
}

/** The link is used, too old, or was never one. */
function refusesLink(error: unknown): boolean {
  return error instanceof Problem && error.code === 'reset_invalid';
}
