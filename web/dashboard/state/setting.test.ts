import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Offline, Problem } from '../../lib/api/client.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { KeptForms } from './kept-forms.svelte.ts';
import { overall, Setting, type KeptSetting } from './setting.svelte.ts';

let sent: string[];
let answer: () => Promise<unknown>;
let setting: Setting;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answer = () => Promise.resolve();
  setting = new Setting<string>('Maren', (value) => {
    sent.push(value);
    return answer();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a setting', () => {
  test('is saved after a pause in typing, once', async () => {
    setting.type('Maren L');
    await vi.advanceTimersByTimeAsync(300);
    setting.type('Maren Li');
    await vi.advanceTimersByTimeAsync(499);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual(['Maren Li']);
    expect(setting.state).toBe('saved');
  });

  test('is saved at once when it is chosen or left', async () => {
    setting.choose('A');
    setting.type('B');
    setting.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['A', 'B']);
  });

  test('is tried again while nobody answers, with what stands there then', async () => {
    answer = () => Promise.reject(new Offline());
    setting.choose('A');
    await vi.advanceTimersByTimeAsync(0);
    expect(setting.state).toBe('waiting');
    answer = () => Promise.resolve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual(['A', 'A']);
    expect(setting.state).toBe('saved');
  });

  test('that is refused stays as it was typed, and is not sent again by itself', async () => {
    answer = () => Promise.reject(new Problem(422, { code: 'invalid_input' }));
    setting.type('');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual(['']);
    expect(setting.state).toBe('refused');
    setting.take('Maren');
    expect(setting.value).toBe('');
  });

  test('that was chosen and is refused goes back to what the server holds, and says why', async () => {
    const refusal = new Problem(409, { code: 'last_administrator' });
    answer = () => Promise.reject(refusal);
    setting.choose('A');
    expect(setting.value).toBe('A');
    await vi.advanceTimersByTimeAsync(0);
    expect([setting.state, setting.value, setting.error]).toEqual(['refused', 'Maren', refusal]);
    setting.take('B');
    expect(setting.value).toBe('B');
    answer = () => Promise.resolve();
    setting.choose('C');
    await vi.advanceTimersByTimeAsync(0);
    expect([setting.state, setting.value, setting.error]).toEqual(['saved', 'C', null]);
  });

  test('takes what another tab saved, unless it is being changed here', () => {
    setting.take('Maren Lindqvist');
    expect(setting.value).toBe('Maren Lindqvist');
    setting.type('M');
    setting.take('Someone else');
    expect(setting.value).toBe('M');
  });

  test('is sent when the page is left in the middle of a word', () => {
    setting.type('Mar');
    setting.stop();
    expect(sent).toEqual(['Mar']);
  });
});

describe('a setting that is kept', () => {
  const over = () => Promise.reject(new Problem(401, { code: 'not_signed_in' }));
  let signedIn: boolean;
  const kept = () =>
    new KeptForms({ operator: 'op_me', signedIn: () => signedIn, path: () => '/settings/profile' }).form<KeptSetting<string>>('setting/own-name');
  const shown = (held: string) => new Setting<string>(held, (value) => (sent.push(value), answer()), kept());

  beforeEach(() => {
    vi.stubGlobal('sessionStorage', new TestStorage());
    signedIn = true;
    setting = shown('Maren');
  });

  /** Types, and is told that the session is over. */
  async function loseSession(): Promise<void> {
    answer = over;
    setting.type('Maren L');
    await vi.advanceTimersByTimeAsync(500);
    signedIn = false;
    setting.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    sent = [];
    signedIn = true;
    answer = () => Promise.resolve();
  }

  test('goes on its way when it is shown to its operator again', async () => {
    await loseSession();
    setting = shown('Maren');
    expect(setting.value).toBe('Maren L');
    await vi.advanceTimersByTimeAsync(0);
    expect([sent, setting.state]).toEqual([['Maren L'], 'saved']);
    expect(shown('Maren L').overtaken).toBeNull();
    expect(kept().read()).toBeNull();
  });

  test('overwrites nothing that someone else saved meanwhile', async () => {
    await loseSession();
    setting = shown('Maren Lindqvist');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([setting.value, setting.overtaken, setting.state, sent]).toEqual(['Maren L', 'Maren Lindqvist', 'refused', []]);
    setting.type('Maren Li');
    await vi.advanceTimersByTimeAsync(500);
    expect([sent, setting.overtaken, setting.state]).toEqual([['Maren Li'], null, 'saved']);
  });

  test('that was left without a network never overtakes what is typed on the next visit', async () => {
    answer = () => Promise.reject(new Offline());
    setting.type('Maren A');
    setting.stop();
    await vi.advanceTimersByTimeAsync(0);
    const again = shown('Maren');
    again.type('Maren B');
    await vi.advanceTimersByTimeAsync(500);
    sent = [];
    answer = () => Promise.resolve();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([sent, again.state, again.value]).toEqual([['Maren B'], 'idle', 'Maren B']);
    expect(kept().read()).toBeNull();
  });

  test('is not sent in the name of whoever signs in next', async () => {
    answer = () => Promise.reject(new Offline());
    setting.type('Maren L');
    await vi.advanceTimersByTimeAsync(500);
    signedIn = false;
    setting.stop();
    sent = [];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([]);
  });

  test('is found again when its field was left before the refusal came', async () => {
    answer = over;
    setting.type('Maren L');
    setting.stop();
    signedIn = false;
    await vi.advanceTimersByTimeAsync(0);
    signedIn = true;
    expect(new KeptForms({ operator: 'op_me', signedIn: () => true, path: () => '/' }).elsewhere('/')).toBe('/settings/profile');
  });
});

test('a page tells the worst of its settings', () => {
  expect(overall([{ state: 'saved' }, { state: 'waiting' }, { state: 'idle' }])).toBe('waiting');
  expect(overall([{ state: 'saved' }, { state: 'refused' }])).toBe('refused');
  expect(overall([{ state: 'idle' }])).toBe('idle');
});
