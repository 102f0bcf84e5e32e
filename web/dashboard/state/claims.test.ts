import { beforeEach, expect, test, vi } from 'vitest';
import { Offline, Problem } from '../../lib/api/client.ts';
import type { CaseRow } from '../../lib/api/types.ts';
import { Claims } from './claims.svelte.ts';

const row = { id: 'case_1', name: 'Grace Adeyemi', number: 1293 } as CaseRow;
const IFEOMA = { id: 'op_2', name: 'Ifeoma Okafor' };
let asked: string[];
let answer: () => Promise<void>;
let claims: Claims;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  asked = [];
  answer = async () => undefined;
  claims = new Claims({
    claim: (id) => {
      asked.push(`claim ${id}`);
      return answer();
    },
    ask: (id) => void asked.push(`ask ${id}`),
  });
  return () => vi.useRealTimers();
});

test('a double click takes once', async () => {
  expect(await Promise.all([claims.take(row), claims.take(row)])).toEqual([true, false]);
  expect(asked).toEqual(['claim case_1']);
});

test('whoever was quicker is named in the place, the case is asked for, and the news goes by itself', async () => {
  answer = () => Promise.reject(new Problem(409, { code: 'case_taken', taken_by: IFEOMA }));
  expect(await claims.take(row)).toBe(false);
  expect(claims.lost).toEqual([{ row, by: IFEOMA }]);
  expect(asked).toEqual(['claim case_1', 'ask case_1']);
  expect(claims.busy.size).toBe(0);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(claims.lost).toEqual([]);
});

test('the news can be put away', async () => {
  answer = () => Promise.reject(new Problem(409, { code: 'case_taken', taken_by: null }));
  await claims.take(row);
  claims.dismiss(row.id);
  expect(claims.lost).toEqual([]);
});

test('another failure stands with the case until the next try', async () => {
  answer = () => Promise.reject(new Offline());
  await claims.take(row);
  expect(claims.errors.get(row.id)).toBeInstanceOf(Offline);
  answer = async () => undefined;
  expect(await claims.take(row)).toBe(true);
  expect(claims.errors.size).toBe(0);
});
