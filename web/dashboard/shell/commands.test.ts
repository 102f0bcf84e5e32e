import { afterAll, expect, test, vi } from 'vitest';
import { LANGUAGES } from '../../lib/i18n/catalogue.ts';
import type { Theme } from '../../lib/api/types.ts';
import { i18n } from '../i18n.ts';
import type { Desk } from '../state/desk.svelte.ts';

// The commands know the address bar and the window as soon as they are loaded.
vi.stubGlobal('location', { href: 'https://desk.example/', pathname: '/', search: '' });
vi.stubGlobal('addEventListener', () => undefined);
vi.stubGlobal('navigator', { languages: ['en-GB'] });
vi.stubGlobal('document', { documentElement: {}, addEventListener: () => undefined });
vi.stubGlobal('matchMedia', () => ({ matches: true, addEventListener: () => undefined }));
const { deskCommands, fitting } = await import('./commands.ts');

afterAll(() => vi.unstubAllGlobals());

const deskOf = (role: 'administrator' | 'operator', theme: Theme = 'system') =>
  ({ list: { queue: [] }, counts: { value: null }, claims: {}, me: { operator: { id: 'op_me', role, theme }, rights: { seat: true } } }) as unknown as Desk;

const found = (role: 'administrator' | 'operator', query: string, theme?: Theme) => fitting(deskCommands(deskOf(role, theme)), query).map(({ id }) => id);

test.each([
  ['en', 'dark', 'theme-dark'],
  ['en', 'light', 'theme-light'],
  ['en', 'branding', 'settings-branding'],
  ['en', 'profil', 'settings-profile'],
  ['en', 'audit', 'settings-audit'],
  ['de', 'dunkel', 'theme-dark'],
  ['de', 'erscheinungsbild', 'settings-branding'],
  ['de', 'profil', 'settings-profile'],
] as const)('%s: “%s” finds %s', async (language, query, id) => {
  await i18n.use(language);
  expect(found('administrator', query)).toEqual([id]);
});

test('a section that is not open to somebody is no command of theirs', async () => {
  await i18n.use('en');
  expect(found('operator', 'branding')).toEqual([]);
  expect(found('operator', 'settings').sort()).toEqual(['settings', 'settings-language', 'settings-profile', 'settings-responses', 'settings-security']);
});

test('the colours that are shown already are not offered', async () => {
  await i18n.use('en');
  expect(found('operator', 'appearance', 'dark')).toEqual(['theme-system', 'theme-light']);
});

test.each(LANGUAGES)('%s: what is only found by typing does not stand in the way', async (language) => {
  await i18n.use(language);
  expect(found('administrator', '').filter((id) => /^(settings|theme)-/.test(id))).toEqual([]);
});
