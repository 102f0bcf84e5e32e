import { beforeEach, expect, test, vi } from 'vitest';
import { TestClock } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { Offline, Problem } from '../api/client.ts';
import type { Entry } from '../api/types.ts';
import { Outbox, type OutboxOptions } from './outbox.svelte.ts';

/** A server that keeps one entry per key, however often it is asked. */
class FakeServer {
  entries: Entry[] = [];
  asked: string[] = [];
  /** What goes wrong next; an `after` failure happens when the entry is already kept. */
  next: { error: Error; after?: boolean }[] = [];
  reachable = true;
  atOnce = 0;
  mostAtOnce = 0;

  send = async ({ key, text }: { key: string; text: string }): Promise<Entry> => {
    this.asked.push(text);
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await Promise.resolve();
    this.atOnce -= 1;
    if (!this.reachable) throw new Offline();
    const failure = this.next.shift();
    if (failure && !failure.after) throw failure.error;
    let entry = this.entries.find((known) => known.event.type === 'message.sent' && known.event.client_key === key);
    if (!entry) {
      entry = {
        entry: this.entries.length + 1,
        at: new Date(0).toISOString(),
        actor: { kind: 'guest', id: null, name: null },
        event: { type: 'message.sent', text, client_key: key },
        merged_from: null,
      };
      this.entries.push(entry);
    }
    if (failure) throw failure.error;
    return entry;
  };

  get texts(): string[] {
    return this.entries.map((entry) => (entry.event.type === 'message.sent' ? entry.event.text : ''));
  }
}

const problem = (status: number, code: string, retry: number | null = null) => new Problem(status, { code, detail: code }, retry);

let clock: TestClock;
let storage: TestStorage;
let server: FakeServer;
let target: EventTarget;

function open(options: Partial<OutboxOptions> = {}): Outbox {
  const outbox = new Outbox({ scope: 'case_1/guest', send: server.send, storage, clock, random: () => 1, target, exclusively: (_, act) => act(), ...options });
  outbox.start();
  return outbox;
}

beforeEach(() => {
  clock = new TestClock();
  storage = new TestStorage();
  server = new FakeServer();
  target = new EventTarget();
});

test('sends in order, one at a time', async () => {
  const outbox = open();
  for (const text of ['one', 'two', 'three']) outbox.add(text);
  expect(outbox.items.map((item) => item.state)).toEqual(['sending', 'waiting', 'waiting']);
  await clock.pass(0);
  expect(server.texts).toEqual(['one', 'two', 'three']);
  expect(server.mostAtOnce).toBe(1);
  expect(outbox.items).toEqual([]);
  expect(storage.length).toBe(0);
});

test('keeps the order when the network is away, and tries again later', async () => {
  const outbox = open();
  server.reachable = false;
  outbox.add('one');
  outbox.add('two');
  await clock.pass(20_000);
  expect(outbox.items.map((item) => item.state)).toEqual(['waiting', 'waiting']);
  expect(server.asked).not.toContain('two');
  server.reachable = true;
  await clock.pass(30_000);
  expect(server.texts).toEqual(['one', 'two']);
});

test('a lock the browser refuses is asked for again', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  let refused = 0;
  const outbox = open({
    exclusively: (_, act) => {
      if (refused++ === 0) throw new DOMException('The document is not fully active', 'InvalidStateError');
      return refused === 2 ? Promise.reject(new DOMException('Lost', 'AbortError')) : act();
    },
  });
  outbox.add('one');
  await clock.pass(0);
  expect(outbox.items.map((item) => item.state)).toEqual(['waiting']);
  await clock.pass(1_000);
  expect(server.texts).toEqual([]);
  await clock.pass(2_000);
  expect(server.texts).toEqual(['one']);
  expect(outbox.items).toEqual([]);
  expect(told).toHaveBeenCalledTimes(2);
  told.mockRestore();
});

test('where nothing can be sent, it asks once and then waits to be woken', async () => {
  let completed = true;
  const outbox = open({ passing: ['case_completed'], held: () => completed });
  server.next = Array.from({ length: 9 }, () => ({ error: problem(409, 'case_completed') }));
  outbox.add('one');
  await clock.pass(600_000);
  outbox.wake();
  await clock.pass(600_000);
  expect(server.asked).toEqual(['one']);
  server.next = [];
  completed = false;
  outbox.wake();
  await clock.pass(0);
  expect(server.texts).toEqual(['one']);
});

test('tries at once when the network returns', async () => {
  const outbox = open();
  server.reachable = false;
  outbox.add('one');
  await clock.pass(60_000);
  server.reachable = true;
  target.dispatchEvent(new Event('online'));
  await clock.pass(0);
  expect(server.texts).toEqual(['one']);
});

test('a message whose answer was lost is there once', async () => {
  const outbox = open();
  server.next = [{ error: new Offline(), after: true }];
  outbox.add('one');
  outbox.add('two');
  await clock.pass(5_000);
  expect(server.texts).toEqual(['one', 'two']);
  expect(server.asked).toEqual(['one', 'one', 'two']);
});

test('survives a reload, order and keys included', async () => {
  server.reachable = false;
  const before = open();
  const keys = ['one', 'two', 'three'].map((text) => before.add(text).key);
  await clock.pass(0);
  before.stop();

  server.reachable = true;
  const after = open();
  expect(after.items.map((item) => item.key)).toEqual(keys);
  await clock.pass(0);
  expect(server.texts).toEqual(['one', 'two', 'three']);
});

test('another sender or case does not see it', async () => {
  server.reachable = false;
  open().add('mine');
  const other = open({ scope: 'case_2/guest' });
  await clock.pass(0);
  expect(other.items).toEqual([]);
});

test('two tabs send it once and both see it go', async () => {
  let busy: Promise<void> = Promise.resolve();
  const exclusively = (_: string, act: () => Promise<void>) => (busy = busy.then(act));
  const one = open({ exclusively });
  const two = open({ exclusively });
  one.add('from one');
  const changed = Object.assign(new Event('storage'), { key: storage.key(0) });
  target.dispatchEvent(changed);
  expect(two.items.map((item) => item.text)).toEqual(['from one']);
  await clock.pass(0);
  target.dispatchEvent(changed);
  expect(server.texts).toEqual(['from one']);
  expect(server.asked).toEqual(['from one']);
  expect(one.items).toEqual([]);
  expect(two.items).toEqual([]);
});

test('a refused message stays and lets the next one pass', async () => {
  const outbox = open();
  server.next = [{ error: problem(422, 'invalid_input') }];
  outbox.add('bad');
  outbox.add('good');
  await clock.pass(0);
  expect(server.texts).toEqual(['good']);
  expect(outbox.items).toMatchObject([{ text: 'bad', state: 'failed', problem: { code: 'invalid_input' } }]);
});

test('a refused message is still refused after a reload, and sent when tried again', async () => {
  const before = open();
  server.next = [{ error: problem(409, 'case_completed') }];
  before.add('late');
  await clock.pass(0);
  before.stop();

  const after = open();
  expect(after.items).toMatchObject([{ text: 'late', state: 'failed' }]);
  after.retry(after.items[0]?.key ?? '');
  await clock.pass(0);
  expect(server.texts).toEqual(['late']);
});

test('what passes by itself here is not refused', async () => {
  const refusals: string[] = [];
  const outbox = open({ passing: ['case_completed'], onProblem: (refused) => refusals.push(refused.code) });
  server.next = [{ error: problem(409, 'case_completed') }];
  outbox.add('late');
  await clock.pass(0);
  expect(refusals).toEqual(['case_completed']);
  expect(outbox.items).toMatchObject([{ state: 'waiting', problem: null }]);
});

test('only a refused message can be discarded, and gives its text back', async () => {
  const outbox = open();
  server.next = [{ error: problem(422, 'invalid_input') }];
  const { key } = outbox.add('words');
  expect(outbox.discard(key)).toBeNull();
  await clock.pass(0);
  expect(outbox.discard(key)).toBe('words');
  expect(outbox.items).toEqual([]);
  expect(storage.length).toBe(0);
});

test('waits as long as the server asks', async () => {
  const outbox = open();
  server.next = [{ error: problem(429, 'too_many_attempts', 20) }];
  outbox.add('one');
  await clock.pass(19_999);
  expect(server.asked).toHaveLength(1);
  await clock.pass(1);
  expect(server.texts).toEqual(['one']);
});

test('the live event may come before the answer', async () => {
  const sent: Entry[] = [];
  const outbox = open({ onSent: (entry) => sent.push(entry) });
  const { key } = outbox.add('one');
  outbox.acknowledge(key);
  expect(outbox.items).toEqual([]);
  await clock.pass(0);
  expect(server.texts).toEqual(['one']);
  expect(sent).toHaveLength(1);
});

test('the acknowledged message is handed on before it leaves the outbox', async () => {
  const there: number[] = [];
  const outbox = open({ onSent: () => there.push(outbox.items.length) });
  outbox.add('one');
  await clock.pass(0);
  expect(there).toEqual([1]);
});

test('a full storage loses nothing while the page lives', async () => {
  storage.full = true;
  server.reachable = false;
  const outbox = open();
  outbox.add('one');
  await clock.pass(5_000);
  expect(outbox.items.map((item) => item.text)).toEqual(['one']);
  server.reachable = true;
  await clock.pass(30_000);
  expect(server.texts).toEqual(['one']);
  expect(outbox.items).toEqual([]);
});

test('clearing forgets everything kept', async () => {
  server.reachable = false;
  const outbox = open();
  outbox.add('one');
  await clock.pass(0);
  outbox.clear();
  expect(outbox.items).toEqual([]);
  expect(storage.length).toBe(0);
});
