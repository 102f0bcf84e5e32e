import { request } from '../../lib/api/client.ts';
import type { Invite, Page, Role } from '../../lib/api/types.ts';

/** The invitations nobody has accepted yet; administrators see them. */
export class Invites {
  items = $state.raw<Invite[]>([]);
  loaded = $state(false);

  async load(): Promise<void> {
    this.items = (await request<Page<Invite>>('GET', '/operator-invites')).items;
    this.loaded = true;
  }

  /** Creates one; the same `key` again is the same invitation. */
  async create(email: string, role: Role, key: string): Promise<Invite> {
    const invite = await request<Invite>('POST', '/operator-invites', { body: { email, role }, key });
    this.items = [invite, ...this.items.filter((item) => item.id !== invite.id && item.email !== invite.email)];
    return invite;
  }

  async withdraw(id: string): Promise<void> {
    await request('DELETE', `/operator-invites/${id}`);
    this.items = this.items.filter((item) => item.id !== id);
  }
}
