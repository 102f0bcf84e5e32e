import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestClock } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { CaseDraft } from './draft.svelte.ts';
import { Writing } from './writing.svelte.ts';

const SCOPE = 'case_1/op_maren';
const IFEOMA = { id: 'op_ifeoma', name: 'Ifeoma Okafor' };
let saved: string[];

function open(): Writing {
  const draft = new CaseDraft({
    scope: SCOPE,
    save: async (text, version) => {
      saved.push(text);
      return { text, version: version + 1, saved_at: '2026-03-12T12:00:00Z' };
    },
    clock: new TestClock(),
  });
  draft.merge(null);
  return new Writing(SCOPE, draft);
}

beforeEach(() => {
  saved = [];
  vi.stubGlobal('localStorage', new TestStorage());
});

afterEach(() => vi.unstubAllGlobals());

describe('what is being written', () => {
  test('goes to everyone unless it is turned to the team', () => {
    const writing = open();
    writing.type('Good morning');
    expect(writing.send()).toEqual({ text: 'Good morning', audience: { internal: false, mentions: [] } });
    expect(writing.text).toBe('');
  });

  test('comes along when it is turned, and leaves nothing for the customer', () => {
    const writing = open();
    writing.type('He is difficult');
    writing.turn('internal');
    expect(writing.text).toBe('He is difficult');
    expect(writing.draft.text).toBe('');
    expect(writing.send()).toEqual({ text: 'He is difficult', audience: { internal: true, mentions: [] } });
  });

  test('keeps two texts apart where both kinds have one', () => {
    const writing = open();
    writing.turn('internal');
    writing.type('For us');
    writing.turn('message');
    // What stands for the team went along, because nothing stood here.
    expect(writing.text).toBe('For us');
    writing.type('For you');
    writing.turn('internal');
    expect(writing.text).toBe('For you');
    writing.type('For us again');
    writing.draft.type('For you again');
    writing.turn('message');
    expect(writing.text).toBe('For you again');
    writing.turn('internal');
    expect(writing.text).toBe('For us again');
  });

  test('to the team is never where the customer’s answer is kept, and comes back as such', () => {
    const writing = open();
    writing.turn('internal');
    writing.type('Only us, @Ifeoma Okafor');
    writing.mention(IFEOMA);
    writing.draft.flush();
    expect(saved).toEqual([]);

    const again = open();
    expect(again.kind).toBe('internal');
    expect(again.text).toBe('Only us, @Ifeoma Okafor');
    expect(again.draft.text).toBe('');
    expect(again.send().audience).toEqual({ internal: true, mentions: ['op_ifeoma'] });
    expect(open().kind).toBe('message');
  });

  test('mentions only those whose names still stand in it', () => {
    const writing = open();
    writing.turn('internal');
    writing.type('@Ifeoma Okafor please look');
    writing.mention(IFEOMA);
    expect(writing.mentioned).toEqual([IFEOMA]);
    writing.type('please look');
    expect(writing.mentioned).toEqual([]);
    expect(writing.send().audience.mentions).toEqual([]);
  });

  test('is forgotten with the case', () => {
    const writing = open();
    writing.turn('internal');
    writing.type('x');
    writing.forget();
    expect(localStorage).toHaveLength(0);
  });
});
