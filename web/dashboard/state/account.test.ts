import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestApi, refusal } from '../../tests/support/api.ts';
import { i18n } from '../i18n.ts';
import { passwordFault, passwordHint, strengthOf } from '../entry/password.ts';
import { Picture, PICTURE_BYTES_MAX } from './branding.svelte.ts';
import { PasswordChange, PasswordReset } from './password.svelte.ts';

let api: TestApi;

beforeEach(() => {
  api = new TestApi();
});
afterEach(() => vi.unstubAllGlobals());

describe('the own password', () => {
  test('is changed with the one that holds, and forgotten by the page', async () => {
    const password = new PasswordChange();
    password.current = 'the old one here';
    password.next = 'a new one here 12';
    api.on('POST /me/password', () => undefined);
    expect(await password.change()).toBe(true);
    expect(api.writes[0]?.body).toEqual({ current: 'the old one here', new: 'a new one here 12' });
    expect([password.current, password.next, password.done]).toEqual(['', '', true]);
  });

  test('stays in the fields when it is refused', async () => {
    const password = new PasswordChange();
    password.next = 'a new one here 12';
    api.on('POST /me/password', () => refusal(422, 'invalid_input', { errors: [{ field: 'current', code: 'wrong_password' }] }));
    expect(await password.change()).toBe(false);
    expect([password.next, password.done, password.act.error]).toMatchObject(['a new one here 12', false, { code: 'invalid_input' }]);
  });
});

describe('a forgotten password', () => {
  test('is asked for alike, whoever asks', async () => {
    const reset = new PasswordReset();
    api.on('GET /setup', () => ({ open: false, mail: true }));
    api.on('POST /password-resets', () => new Response(null, { status: 202 }));
    await reset.start();
    await reset.ask('nobody@example.com');
    expect([reset.mail, reset.asked]).toEqual([true, true]);
  });

  test('is set with the link from the mail', async () => {
    const reset = new PasswordReset();
    api.on('POST /password-resets/lookup', () => ({ email: 'maren@ashgrove.example' }));
    api.on('POST /password-resets/use', () => undefined);
    await reset.look('token');
    expect([reset.phase, reset.email]).toEqual(['open', 'maren@ashgrove.example']);
    reset.next = 'a new one here 12';
    await reset.use('token');
    expect([reset.phase, reset.next]).toEqual(['done', '']);
  });

  test('says when the link holds no more, before and after choosing', async () => {
    const reset = new PasswordReset();
    api.on('POST /password-resets/lookup', () => refusal(410, 'reset_invalid'));
    await reset.look('token');
    expect(reset.phase).toBe('invalid');
    const late = new PasswordReset();
    late.phase = 'open';
    api.on('POST /password-resets/use', () => refusal(410, 'reset_invalid'));
    await late.use('token');
    expect(late.phase).toBe('invalid');
  });

  test('is not called invalid when nobody answered', async () => {
    const reset = new PasswordReset();
    await reset.look('token');
    expect(reset.phase).toBe('failed');
  });
});

describe('how good a new password is', () => {
  beforeEach(async () => {
    vi.stubGlobal('document', { documentElement: { lang: '', dir: '' } });
    vi.stubGlobal('navigator', { languages: ['en'] });
    await i18n.use('en');
  });

  test.each(['aaaaaaaaaaaaaaaa', '123456789012', 'abcdefghijklmnop', 'abababababababab'])('%s is weak', (password) => expect(strengthOf(password)).toBe('weak'));
  test.each(['Tr0ub4dor&3x', 'kettle-moon9'])('%s is fair', (password) => expect(strengthOf(password)).toBe('fair'));
  test.each(['grey horse mends two lamps', 'x7!Kq9#mV2$pL4&w'])('%s is strong', (password) => expect(strengthOf(password)).toBe('strong'));

  test('is said only once it is long enough', () => {
    expect(passwordFault('short')).toContain('7 more');
    expect(passwordHint('short')).toContain('7 more');
    expect(passwordHint('grey horse mends two lamps')).toContain('Strong');
  });
});

describe('a picture', () => {
  const file = (type: string, size = 10) => new Blob([new Uint8Array(size)], { type });

  test('is shown while it goes up, and then the server’s', async () => {
    let sent: (value: unknown) => void = () => undefined;
    const picture = new Picture(() => new Promise((resolve) => (sent = resolve)));
    const done = picture.choose(file('image/png'));
    expect(picture.preview).toMatch(/^blob:/);
    sent(undefined);
    await done;
    expect([picture.preview, picture.saved]).toEqual([null, true]);
  });

  test('that the server would refuse is not sent', async () => {
    const send = vi.fn();
    const picture = new Picture(send);
    await picture.choose(file('image/gif'));
    expect(picture.fault).toBe('kind');
    await picture.choose(file('image/png', PICTURE_BYTES_MAX + 1));
    expect(picture.fault).toBe('size');
    expect(send).not.toHaveBeenCalled();
  });

  test('that was refused leaves the one before, and says so', async () => {
    const picture = new Picture(() => Promise.reject(new Error('no')));
    await picture.choose(file('image/png'));
    expect([picture.preview, picture.saved]).toEqual([null, false]);
    expect(picture.act.error).toBeInstanceOf(Error);
    await picture.choose(file('image/gif'));
    expect(picture.act.error).toBeNull();
  });
});
