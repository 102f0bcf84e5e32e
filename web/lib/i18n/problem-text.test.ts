import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Offline, Problem } from '../api/client.ts';
import { fill, type Text } from './catalogue.ts';
import { fieldText, problemText } from './problem-text.ts';
import problems from './problems/en.ts';

const texts: Record<string, Text> = problems;
const i18n = {
  t: (key: string, values: Record<string, string | number> = {}) => fill(texts[key] ?? '', values, 'en'),
  has: (key: string) => key in texts,
} as Parameters<typeof problemText>[0];

const server = (file: string) => readFileSync(new URL(`../../../server/src/${file}`, import.meta.url), 'utf8');
/** Refusals that only a call's page meets; it has words of its own for them. */
const CALLS = /^(call_full|call_moved|call_peer_gone|offer_invalid)$/;

describe('what a refusal says', () => {
  test('is ready for every code of the server', () => {
    const codes = [...server('error/texts.rs').matchAll(/^ {8}"([a-z_]+)" => \($/gm)].map((match) => match[1] ?? '');
    expect(codes.length).toBeGreaterThan(40);
    expect(codes.filter((code) => !CALLS.test(code) && !(`problem.${code}` in texts))).toEqual([]);
  });

  test('is ready for everything that may be wrong with a field', () => {
    const source = server('error.rs');
    const variants = source.slice(source.indexOf('pub enum FieldErrorCode {')).split('\n}')[0] ?? '';
    const codes = [...variants.matchAll(/^ {4}([A-Z]\w+),/gm)].map((match) => (match[1] ?? '').replace(/\B[A-Z]/g, '_$&').toLowerCase());
    expect(codes).toContain('required');
    expect(codes.filter((code) => !(`field.${code}` in texts))).toEqual([]);
  });

  test('is our own words, else the server’s, else an apology', () => {
    expect(problemText(i18n, new Problem(409, { code: 'no_seat_free', detail: 'No.' }))).toBe(problems['problem.no_seat_free']);
    expect(problemText(i18n, new Problem(409, { code: 'something_new', detail: 'The server’s words.' }))).toBe('The server’s words.');
    expect(problemText(i18n, new Error('bug'))).toBe(problems['problem.internal']);
    expect(problemText(i18n, new Offline())).toBe(problems['problem.offline']);
    expect(problemText(i18n, new Problem(429, { code: 'too_many_attempts' }, 30))).toContain('30 seconds');
    const drafts = { code: 'merge_drafts_too_long', drafts_of: { id: 'op_1', name: 'Ifeoma Okafor' } };
    expect(problemText(i18n, new Problem(409, drafts))).toMatch(/^Ifeoma Okafor has begun an answer in both cases/);
  });

  test('stands below the field it is about', () => {
    const problem = new Problem(422, { code: 'invalid_input', errors: [{ field: 'shortcut', code: 'taken' }] });
    expect(fieldText(i18n, problem, 'shortcut')).toBe(problems['field.taken']);
    expect(fieldText(i18n, problem, 'title')).toBeUndefined();
  });
});
