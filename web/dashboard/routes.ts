/** The addresses of the dashboard, and what each asks for. */

import { HELP_TOPICS, type HelpTopic } from './help/topics.ts';

/** The sections of settings: everyone's own, then those of administrators. */
export const SETTINGS_SECTIONS = ['profile', 'language', 'responses', 'security', 'team', 'workflow', 'fields', 'branding', 'audit'] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

export type Route =
  | { name: 'home' }
  /** The desk with the search field open; what to look for stands in the query. */
  | { name: 'search' }
  /** `details` is the third column where there is no room for three. */
  | { name: 'case'; id: string; details: boolean }
  | { name: 'signIn' }
  | { name: 'setup'; token: string }
  | { name: 'invite'; token: string }
  /** A forgotten password: without a token asks for the mail, with one for the new password. */
  | { name: 'reset'; token: string | null }
  /** Without a topic: the contents. */
  | { name: 'help'; topic: HelpTopic | null }
  /** Without a section: the menu of settings on a phone, the profile elsewhere. */
  | { name: 'settings'; section: SettingsSection | null }
  | { name: 'unknown' };

/** The addresses of the dashboard. */
export const paths = {
  home: '/',
  search: (text: string) => `/search?q=${encodeURIComponent(text)}`,
  signIn: '/sign-in',
  case: (id: string) => `/cases/${id}`,
  details: (id: string) => `/cases/${id}/details`,
  settings: (section?: SettingsSection) => (section ? `/settings/${section}` : '/settings'),
  reset: '/reset',
  help: (topic?: HelpTopic) => (topic ? `/help/${topic}` : '/help'),
} as const;

/** What an address asks for. */
export function match(path: string): Route {
  const [first, second, third, ...more] = path.split('/').filter(Boolean);
  if (more.length > 0) return { name: 'unknown' };
  if (first === undefined) return { name: 'home' };
  if (first === 'cases' && second !== undefined && /^case_[0-9a-z]+$/.test(second)) {
    return third === undefined || third === 'details' ? { name: 'case', id: second, details: third === 'details' } : { name: 'unknown' };
  }
  if (third !== undefined) return { name: 'unknown' };
  if (first === 'search' && second === undefined) return { name: 'search' };
  if (first === 'sign-in' && second === undefined) return { name: 'signIn' };
  if (first === 'setup' && second !== undefined) return { name: 'setup', token: second };
  if (first === 'invite' && second !== undefined) return { name: 'invite', token: second };
  if (first === 'reset') return { name: 'reset', token: second ?? null };
  if (first === 'help') {
    if (second === undefined) return { name: 'help', topic: null };
    const topic = HELP_TOPICS.find((known) => known === second);
    if (topic) return { name: 'help', topic };
  }
  if (first === 'settings') {
    if (second === undefined) return { name: 'settings', section: null };
    const section = SETTINGS_SECTIONS.find((known) => known === second);
    if (section) return { name: 'settings', section };
  }
  return { name: 'unknown' };
}

/** Whether the query behind a path says which cases the list shows. */
export function keepsQuery(path: string): boolean {
  const { name } = match(path);
  return name === 'home' || name === 'case';
}
