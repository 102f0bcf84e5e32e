import { describe, expect, test } from 'vitest';
import { replaceTrigger, triggerAt } from './triggers.ts';

const at = (text: string, internal = false) => triggerAt(text, text.length, internal);

describe('a slash', () => {
  test.each([
    ['/', ''],
    ['/gre', 'gre'],
    ['Hello /gre', 'gre'],
    ['Hello\n/über-uns', 'über-uns'],
  ])('in %j asks for %j', (text, query) => {
    expect(at(text)).toMatchObject({ kind: 'response', query, from: text.lastIndexOf('/') });
  });

  test.each(['and/or', 'https://x', '/gre et', '//', ''])('in %j asks for nothing', (text) => {
    expect(at(text)).toBeNull();
  });

  test('counts where the caret is, not at the end', () => {
    expect(triggerAt('/gre and more', 4, false)).toMatchObject({ query: 'gre', from: 0 });
    expect(triggerAt('/gre and more', 13, false)).toBeNull();
  });

  test('is found behind a long text', () => {
    const text = `${'word '.repeat(100)}/hi`;
    expect(at(text)).toEqual({ kind: 'response', query: 'hi', from: 500 });
  });
});

describe('an at sign', () => {
  test.each([
    ['@', ''],
    ['@Ife', 'Ife'],
    ['Ask @Ifeoma Ok', 'Ifeoma Ok'],
    ['(@Jürg', 'Jürg'],
  ])('in %j asks for %j within the team', (text, query) => {
    expect(at(text, true)).toMatchObject({ kind: 'mention', query, from: text.lastIndexOf('@') });
    expect(at(text)).toBeNull();
  });

  test('in an address asks for nothing', () => {
    expect(at('amina@haddad', true)).toBeNull();
  });
});

test('what is chosen takes the place of the sign', () => {
  const trigger = triggerAt('Hi /gre there', 7, false);
  if (!trigger) throw new Error('no trigger');
  expect(replaceTrigger('Hi /gre there', trigger, 7, 'Good morning')).toEqual({ text: 'Hi Good morning there', caret: 15 });
});
