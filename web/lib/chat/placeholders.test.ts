import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fillPlaceholders, piecesOf, PLACEHOLDERS, placeholdersLeft, unknownPlaceholders, type PlaceholderValues } from './placeholders.ts';

const values: PlaceholderValues = {
  case_name: 'Grace {case_number}',
  case_number: '12',
  operator_name: 'Maren',
  organization_name: 'Ashgrove',
  contact_email: '',
  contact_phone: '',
  guest_link: 'https://desk.example/g/x',
};

test('the names are the server’s', () => {
  const source = readFileSync(new URL('../../../server/src/placeholders.rs', import.meta.url), 'utf8');
  const list = source.slice(source.indexOf('NAMES'), source.indexOf('];'));
  expect([...list.matchAll(/"([a-z_]+)"/g)].map((match) => match[1])).toEqual([...PLACEHOLDERS]);
});

test('values are put in once, and what has none stays to be seen', () => {
  expect(fillPlaceholders('Hello {case_name}, mail {contact_email}!', values)).toBe('Hello Grace {case_number}, mail {contact_email}!');
  expect(placeholdersLeft('{contact_email} {x} {case_name}')).toEqual(['contact_email', 'case_name']);
});

test('braces around anything else are text', () => {
  expect(piecesOf('a {x} {case_name}')).toEqual([
    { text: 'a {x} ', name: null },
    { text: '{case_name}', name: 'case_name' },
  ]);
});

test('names that are none are told, each once', () => {
  expect(unknownPlaceholders('{customer} { case_name } {customer} {} {\n} {case_name}')).toEqual(['customer', ' case_name ']);
});
