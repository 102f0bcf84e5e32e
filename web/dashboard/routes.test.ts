import { describe, expect, test } from 'vitest';
import { HELP_TOPICS } from './help/topics.ts';
import { keepsQuery, match, paths, SETTINGS_SECTIONS } from './routes.ts';

const CASE = 'case_01jq8v9k3e8m6v0t2z4x5y7w9b';

describe('an address', () => {
  test.each([
    ['/', { name: 'home' }],
    ['/search', { name: 'search' }],
    ['/sign-in', { name: 'signIn' }],
    [`/cases/${CASE}`, { name: 'case', id: CASE, details: false }],
    [`/cases/${CASE}/details`, { name: 'case', id: CASE, details: true }],
    ['/setup/abc', { name: 'setup', token: 'abc' }],
    ['/invite/abc', { name: 'invite', token: 'abc' }],
    ['/reset', { name: 'reset', token: null }],
    ['/reset/abc', { name: 'reset', token: 'abc' }],
    ['/help', { name: 'help', topic: null }],
    ['/help/queue', { name: 'help', topic: 'queue' }],
    ['/settings', { name: 'settings', section: null }],
    ['/settings/team', { name: 'settings', section: 'team' }],
  ])('%s is known', (path, route) => expect(match(path)).toEqual(route));

  test.each(['/nowhere', '/cases', '/cases/12', `/cases/${CASE}/files`, '/settings/money', '/help/money', '/reset/a/b', '/setup', '/invite/a/b', '/g/token', '/sign-in/x'])('%s is not', (path) =>
    expect(match(path).name).toBe('unknown'),
  );

  test('on the desk carries what the list shows', () => {
    expect([paths.home, paths.case(CASE), paths.details(CASE), paths.settings(), paths.search('x')].map(keepsQuery)).toEqual([true, true, true, false, false]);
  });

  test('that we give out leads where it says', () => {
    expect(match(paths.home).name).toBe('home');
    expect(match(paths.signIn).name).toBe('signIn');
    expect(match(paths.case(CASE))).toEqual({ name: 'case', id: CASE, details: false });
    expect(match(paths.details(CASE))).toEqual({ name: 'case', id: CASE, details: true });
    for (const section of SETTINGS_SECTIONS) expect(match(paths.settings(section))).toEqual({ name: 'settings', section });
    expect(match(paths.reset)).toEqual({ name: 'reset', token: null });
    for (const topic of HELP_TOPICS) expect(match(paths.help(topic))).toEqual({ name: 'help', topic });
  });
});
