import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Me, QuickResponse } from '../../lib/api/types.ts';
import { settle } from '../../tests/support/clock.ts';
import { fillPlaceholders, gapsIn, needs, piecesOf } from './placeholders.ts';
import { QuickResponses } from './quick-responses.svelte.ts';
import { ResponsePick } from './response-pick.svelte.ts';

const response = (shortcut: string, title: string, text = ''): QuickResponse => ({ id: `qr_${shortcut}`, scope: 'global', shortcut, title, text, version: 1, changed_at: '2026-03-12T12:00:00Z' });

let items: QuickResponse[];
let loads: number;

beforeEach(() => {
  items = [response('greet', 'Good morning', 'Good morning {case_name}, this is {operator_name}.'), response('call', 'How to reach us', 'Call {contact_phone}'), response('link', 'Your way in', '{guest_link}')];
  loads = 0;
  vi.stubGlobal('fetch', async () => {
    loads += 1;
    return Response.json({ items });
  });
});

afterEach(() => vi.unstubAllGlobals());

describe('placeholders', () => {
  test('are filled where something is known, and stay as gaps where not', () => {
    expect(piecesOf('Hi {case_name}, {contact_phone}!', { case_name: 'Amina' })).toEqual([
      { text: 'Hi Amina, ', gap: false },
      { text: '{contact_phone}', gap: true },
      { text: '!', gap: false },
    ]);
    expect(fillPlaceholders('{case_name}', { case_name: '' })).toBe('{case_name}');
    expect(fillPlaceholders('{unknown} and {}', {})).toBe('{unknown} and {}');
  });

  test('a value that looks like one is not filled again', () => {
    expect(fillPlaceholders('{case_name}', { case_name: '{guest_link}', guest_link: 'x' })).toBe('{guest_link}');
  });

  test('that are not written as they should be are gaps too, and are not filled', () => {
    for (const words of ['{case_name', 'case_name}', '{{case_name}}', '{ case_name }', '{Case_Name}', '{case name']) {
      const from = 'Hi '.length;
      expect(gapsIn(`Hi ${words}, how are you?`)).toEqual([{ name: 'case_name', from, to: from + words.length }]);
      expect(piecesOf(words, { case_name: 'Amina' })).toEqual([{ text: words, gap: true }]);
    }
    for (const words of ['{x}', 'f(x) { return; }', 'case_name', '{case_names}', '{my_case_name}', 'the case name']) expect(gapsIn(words)).toEqual([]);
  });

  test('are found with their places', () => {
    expect(gapsIn('a {case_name} b {guest_link}')).toEqual([
      { name: 'case_name', from: 2, to: 13 },
      { name: 'guest_link', from: 16, to: 28 },
    ]);
    expect(needs('to {guest_link}', 'guest_link')).toBe(true);
    expect(needs('to you', 'guest_link')).toBe(false);
  });
});

describe('quick responses', () => {
  test('are loaded when first wanted, and again when someone changed them', async () => {
    const responses = new QuickResponses();
    responses.apply({ event: { type: 'quick_responses.changed' } });
    expect(loads).toBe(0);
    await responses.ensure();
    await responses.ensure();
    expect(loads).toBe(1);
    responses.apply({ event: { type: 'quick_responses.changed' } });
    await settle();
    expect(loads).toBe(2);
  });

  test('are found by the beginning of the shortcut, then by the title', async () => {
    const responses = new QuickResponses();
    await responses.ensure();
    expect(responses.find('').map(({ shortcut }) => shortcut)).toEqual(['call', 'greet', 'link']);
    expect(responses.find('gr').map(({ shortcut }) => shortcut)).toEqual(['greet']);
    expect(responses.find('reach').map(({ shortcut }) => shortcut)).toEqual(['call']);
    expect(responses.find('xyz')).toEqual([]);
  });
});

describe('choosing one', () => {
  let links: number;

  async function open(): Promise<ResponsePick> {
    links = 0;
    const responses = new QuickResponses();
    await responses.ensure();
    return new ResponsePick(responses, {
      me: () => ({ operator: { name: 'Maren' }, organization: { name: 'Ashgrove', contact_email: 'a@x.example', contact_phone: '' } }) as Me,
      case: () => ({ name: 'Amina', number: 7 }),
      guestLink: async () => {
        links += 1;
        return 'https://x.example/g/1';
      },
    });
  }

  test('walks through what is offered, and begins anew with other letters', async () => {
    const pick = await open();
    pick.look('');
    expect(pick.step('ArrowDown')).toBe(true);
    expect(pick.current?.shortcut).toBe('greet');
    expect(pick.step('x')).toBe(false);
    pick.look('l');
    expect(pick.current?.shortcut).toBe('link');
  });

  test('fills it from the case, and asks for the link only where it is needed', async () => {
    const pick = await open();
    const [greet, call, link] = items;
    expect(greet && (await pick.fill(greet))).toBe('Good morning Amina, this is Maren.');
    expect(call && (await pick.fill(call))).toBe('Call {contact_phone}');
    expect(links).toBe(0);
    expect(link && (await pick.fill(link))).toBe('https://x.example/g/1');
    expect(links).toBe(1);
  });
});
