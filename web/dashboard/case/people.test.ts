import { expect, test } from 'vitest';
import type { Me, OperatorRow } from '../../lib/api/types.ts';
import { cutAtNames, likeName, seesCase } from './people.ts';

const team = [{ name: 'Jonas Weber' }, { name: 'Ifeoma Okafor' }, { name: 'Jürgen Jonasson' }, { name: 'Weber Ott' }];
const names = (query: string) => likeName(team, query).map(({ name }) => name);

test('a name is found by the beginning of any of its words, with and without accents', () => {
  expect(names('')).toEqual(['Ifeoma Okafor', 'Jonas Weber', 'Jürgen Jonasson', 'Weber Ott']);
  expect(names('web')).toEqual(['Weber Ott', 'Jonas Weber']);
  expect(names('jurg')).toEqual(['Jürgen Jonasson']);
  expect(names('jonas')).toEqual(['Jonas Weber', 'Jürgen Jonasson']);
  expect(names('xyz')).toEqual([]);
});

test('names behind an at sign are cut out, the longest that fits', () => {
  expect(cutAtNames('Ask @Ana Lima or @Ana, not a@b', ['Ana', 'Ana Lima'])).toEqual([
    { text: 'Ask ', name: false },
    { text: '@Ana Lima', name: true },
    { text: ' or ', name: false },
    { text: '@Ana', name: true },
    { text: ', not a@b', name: false },
  ]);
  expect(cutAtNames('@Ana', ['Ana'])).toEqual([{ text: '@Ana', name: true }]);
  expect(cutAtNames('', ['Ana'])).toEqual([]);
});

test('of separated operators only those on a case see it, and all see one that waits', () => {
  const me = { organization: { separate_operators: true } } as Me;
  const jonas = { id: 'op_jonas', role: 'operator', active: true } as OperatorRow;
  expect(seesCase(jonas, [{ id: 'op_jonas' }], false, me)).toBe(true);
  expect(seesCase(jonas, [], false, me)).toBe(false);
  expect(seesCase(jonas, [], true, me)).toBe(true);
  expect(seesCase({ ...jonas, role: 'administrator' }, [], false, me)).toBe(true);
  expect(seesCase({ ...jonas, active: false }, [{ id: 'op_jonas' }], false, me)).toBe(false);
  expect(seesCase(jonas, [], false, { organization: { separate_operators: false } } as Me)).toBe(true);
});
