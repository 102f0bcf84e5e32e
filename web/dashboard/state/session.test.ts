import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestStorage } from '../../tests/support/storage.ts';
import { request } from '../../lib/api/client.ts';
import type { Me } from '../../lib/api/types.ts';
import { i18n } from '../i18n.ts';
import { Session } from './session.svelte.ts';

const maren: Me = {
  operator: { id: 'op_1', name: 'Maren Lindqvist', email: 'maren@ashgrove.example', role: 'administrator', language: 'de', time_zone: 'Europe/Berlin', theme: 'dark', seat: true, active: true, picture: null },
  organization: {
    id: 'org_1',
    name: 'Ashgrove Heating',
    contact_email: '',
    contact_phone: '',
    plan: 'enterprise',
    seats: null,
    seats_used: 1,
    separate_operators: false,
    location_enabled: false,
    map_url: '',
    brand_color: '#0000ff',
    logo: null,
  },
  rights: { invite: true, delete: true, edit_organization: true, reassign: true, export: true, seat: true, custom_fields: true, location: false },
  version: '0.1.0',
};

const refused = (status: number, code: string) =>
  new Response(JSON.stringify({ status, code }), { status, headers: { 'content-type': 'application/problem+json' } });

let answer: (method: string, path: string) => Response;
let root: { lang: string; dir: string; dataset: Record<string, string>; style: { setProperty(name: string, value: string): void; removeProperty(name: string): void } };
let colours: Map<string, string>;
let session: Session;

beforeEach(() => {
  answer = () => Response.json(maren);
  colours = new Map();
  const style = { setProperty: (name: string, value: string) => void colours.set(name, value), removeProperty: (name: string) => void colours.delete(name) };
  root = { lang: 'en', dir: 'ltr', dataset: {}, style };
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => answer(init.method ?? '', path.replace('/api/v1', '')));
  vi.stubGlobal('document', { documentElement: root });
  vi.stubGlobal('navigator', { languages: ['en-GB'] });
  vi.stubGlobal('localStorage', new TestStorage());
  session = new Session();
});

afterEach(async () => {
  await i18n.use('en');
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a session', () => {
  test('speaks and looks as its operator chose, and remembers it for the sign-in page', async () => {
    await session.load();
    expect(session.status).toBe('in');
    expect(session.me?.operator.name).toBe('Maren Lindqvist');
    expect(root).toMatchObject({ lang: 'de', dataset: { theme: 'dark' } });
    expect(session.reader).toEqual({ locale: 'de', timeZone: 'Europe/Berlin' });
    expect(localStorage.getItem('deskside:language')).toBe('de');
    expect(localStorage.getItem('deskside:theme')).toBe('dark');
    expect(colours.get('--brand-h')).toBe('264.1');
    expect(localStorage.getItem('deskside:brand')).toBe('#0000ff');
  });

  test('that nobody has is out, without a word', async () => {
    answer = () => refused(401, 'not_signed_in');
    await session.load();
    expect([session.status, session.ending]).toEqual(['out', null]);
  });

  test('is asked for until the server answers', async () => {
    vi.useFakeTimers();
    answer = () => {
      throw new TypeError('no network');
    };
    await session.load();
    expect([session.status, session.unreachable]).toEqual(['loading', true]);
    answer = () => Response.json(maren);
    await vi.advanceTimersByTimeAsync(3_000);
    await vi.waitFor(() => expect([session.status, session.unreachable]).toEqual(['in', false]));
  });

  test('ends when any request hears that nobody is signed in', async () => {
    await session.load();
    answer = () => refused(401, 'not_signed_in');
    await expect(request('GET', '/cases')).rejects.toThrow();
    expect([session.status, session.me, session.ending]).toEqual(['out', null, 'expired']);
  });

  test('that ended by itself knows whose it was, until someone is signed in', async () => {
    await session.load();
    session.ended('expired');
    expect(session.expelled).toEqual({ name: 'Maren Lindqvist', email: 'maren@ashgrove.example' });
    answer = () => refused(401, 'wrong_credentials');
    await expect(session.signIn('maren@ashgrove.example', 'nonsense')).rejects.toThrow();
    expect(session.expelled?.email).toBe('maren@ashgrove.example');
    answer = () => Response.json(maren);
    await session.signIn('maren@ashgrove.example', 'her password');
    expect(session.expelled).toBeNull();
  });

  test('that was signed out of tells the next one nothing', async () => {
    await session.load();
    await session.signOut();
    expect(session.expelled).toBeNull();
    await session.load();
    answer = () => refused(401, 'not_signed_in');
    await session.signOut();
    expect(session.expelled).toBeNull();
  });

  test('does not begin, and does not end, with a wrong password', async () => {
    await session.load();
    answer = () => refused(401, 'wrong_credentials');
    await expect(session.signIn('maren@ashgrove.example', 'nonsense')).rejects.toMatchObject({ code: 'wrong_credentials' });
    expect(session.status).toBe('in');
  });

  test('that is over already can be signed out of', async () => {
    await session.load();
    answer = () => refused(401, 'not_signed_in');
    await session.signOut();
    expect([session.status, session.ending]).toEqual(['out', 'signedOut']);
  });

  test('stays when signing out did not reach the server', async () => {
    await session.load();
    answer = () => {
      throw new TypeError('no network');
    };
    await expect(session.signOut()).rejects.toThrow();
    expect(session.status).toBe('in');
  });

  test('does not come back with an answer that was on its way when it ended', async () => {
    await session.load();
    const late = session.refresh();
    session.ended('expired');
    await late;
    expect([session.status, session.me]).toEqual(['out', null]);
  });

  test('shows the organization’s new colour at once', async () => {
    await session.load();
    session.organizationChanged({ ...maren.organization, brand_color: '' });
    expect([...colours]).toEqual([]);
  });

  test('takes what was changed in the profile', async () => {
    await session.load();
    answer = () => Response.json({ ...maren, operator: { ...maren.operator, name: 'Maren L.', theme: 'system' } });
    await session.updateMe({ name: 'Maren L.' });
    expect(session.me?.operator.name).toBe('Maren L.');
    expect(root.dataset.theme).toBeUndefined();
  });
});
