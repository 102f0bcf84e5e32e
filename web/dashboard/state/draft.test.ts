import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Offline, Problem } from '../../lib/api/client.ts';
import type { Draft } from '../../lib/api/types.ts';
import { settle, TestClock } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { CaseDraft } from './draft.svelte.ts';

const NOON = '2026-03-12T12:00:00.000Z';

/** The server's side of a draft; an emptied one is told with its version, and only over words is there a conflict. */
class Server {
  text = '';
  version = 0;
  asked: string[] = [];
  failures: unknown[] = [];

  save = async (text: string, version: number): Promise<Draft> => {
    this.asked.push(text);
    const failure = this.failures.shift();
    if (failure) throw failure;
    if (text !== this.text) {
      if (this.text !== '' && version !== this.version) {
        throw new Problem(409, {
          code: 'field_conflict',
          conflicts: [{ field: 'draft', yours: text, theirs: this.text, version: this.version, changed_by: null, changed_at: NOON }],
        });
      }
      this.text = text;
      this.version += 1;
    }
    return { text: this.text, version: this.version, saved_at: NOON };
  };

  get told(): Draft | null {
    return this.version ? { text: this.text, version: this.version, saved_at: NOON } : null;
  }
}

let clock: TestClock;
let server: Server;

function open(): CaseDraft {
  const draft = new CaseDraft({ scope: 'case_1/op_maren', save: (text, version) => server.save(text, version), clock });
  draft.merge(server.told);
  return draft;
}

beforeEach(() => {
  clock = new TestClock();
  server = new Server();
  vi.stubGlobal('localStorage', new TestStorage());
});

afterEach(() => vi.unstubAllGlobals());

describe('a draft', () => {
  test('is saved after a pause and found by the next device', async () => {
    const draft = open();
    draft.type('Good mor');
    draft.type('Good morning');
    await clock.pass(800);
    expect(server.asked).toEqual(['Good morning']);
    expect(draft.state).toBe('saved');
    expect(open().text).toBe('Good morning');
  });

  test('is gone when it was sent, at once', async () => {
    const draft = open();
    draft.type('Good morning');
    await clock.pass(800);
    expect(draft.send()).toBe('Good morning');
    await settle();
    expect(server.text).toBe('');
    expect(draft.state).toBe('empty');
    expect(localStorage).toHaveLength(0);
  });

  test('sent before it was ever saved leaves nothing behind', async () => {
    const draft = open();
    draft.type('Quick');
    draft.send();
    await clock.pass(60_000);
    expect(server.asked).toEqual([]);
    expect(draft.state).toBe('empty');
    expect(localStorage).toHaveLength(0);
  });

  test('sent while it is being saved is taken back afterwards', async () => {
    const draft = open();
    draft.type('Quick');
    draft.flush();
    draft.send();
    await clock.pass(1_000);
    expect(server.asked).toEqual(['Quick', '']);
    expect(server.text).toBe('');
  });

  test('the next one after an emptied one is saved', async () => {
    const draft = open();
    draft.type('One');
    await clock.pass(800);
    draft.send();
    await settle();
    const later = open();
    later.type('Two');
    await clock.pass(800);
    expect(server.text).toBe('Two');
    expect(later.state).toBe('saved');
  });

  test('survives a reload without a connection', async () => {
    server.failures = [new Offline()];
    const draft = open();
    draft.type('Half a sen');
    await clock.pass(800);
    expect(draft.state).toBe('failed');
    draft.stop();
    const again = open();
    expect(again.text).toBe('Half a sen');
    await settle();
    expect(server.text).toBe('Half a sen');
  });

  test('stays when an answer comes that was asked for before it was saved', async () => {
    const draft = open();
    const before = server.told;
    draft.type('Good morning');
    await clock.pass(800);
    draft.merge(before);
    expect(draft.text).toBe('Good morning');
    expect(draft.state).toBe('saved');
  });

  test('sent after a save whose answer was lost is not offered again', async () => {
    const lost = server.save;
    server.save = async (text, version) => {
      await lost(text, version);
      server.save = lost;
      throw new Offline();
    };
    const draft = open();
    draft.type('Good morning');
    await clock.pass(800);
    expect(server.text).toBe('Good morning');
    draft.send();
    await clock.pass(30_000);
    expect(draft.text).toBe('');
    expect(server.text).toBe('');
  });

  test('is tried again by itself', async () => {
    server.failures = [new Offline(), new Offline()];
    const draft = open();
    draft.type('Words');
    await clock.pass(30_000);
    expect(server.text).toBe('Words');
    expect(draft.pending).toBe(false);
  });
});

describe('two windows', () => {
  async function collide(): Promise<CaseDraft> {
    const draft = open();
    draft.type('from here');
    await clock.pass(800);
    const other = new CaseDraft({ scope: 'case_1/op_maren', save: (text, version) => server.save(text, version), clock });
    other.merge(server.told);
    other.type('from there');
    await clock.pass(800);
    draft.type('from here, more');
    await clock.pass(800);
    return draft;
  }

  test('keep both texts until one is chosen', async () => {
    const draft = await collide();
    expect(draft.state).toBe('conflict');
    expect(draft.text).toBe('from here, more');
    expect(draft.theirs?.text).toBe('from there');
    draft.keepMine();
    await settle();
    expect(server.text).toBe('from here, more');
    expect(draft.theirs).toBeNull();
  });

  test('can take the other one, or both', async () => {
    const draft = await collide();
    draft.keepBoth();
    await settle();
    expect(server.text).toBe('from there\nfrom here, more');
  });

  test('sending one leaves the other to be sent', async () => {
    const draft = await collide();
    expect(draft.send()).toBe('from here, more');
    await settle();
    expect(draft.text).toBe('from there');
    expect(draft.theirs).toBeNull();
    expect(server.text).toBe('from there');
  });

  test('sending one does not throw away what the other wrote unseen', async () => {
    const draft = open();
    draft.type('from here');
    await clock.pass(800);
    const other = new CaseDraft({ scope: 'case_1/op_maren', save: (text, version) => server.save(text, version), clock });
    other.merge(server.told);
    other.type('from here, and much more');
    await clock.pass(800);
    expect(draft.send()).toBe('from here');
    await clock.pass(1_000);
    expect(server.text).toBe('from here, and much more');
    expect(draft.text).toBe('from here, and much more');
  });

  test('emptied in one, the other is empty too', async () => {
    const draft = open();
    draft.type('from here');
    await clock.pass(800);
    const other = new CaseDraft({ scope: 'case_1/op_maren', save: (text, version) => server.save(text, version), clock });
    other.merge(server.told);
    other.type('');
    await clock.pass(800);
    draft.merge(server.told);
    expect(draft.text).toBe('');
    expect(draft.state).toBe('empty');
  });

  test('what one sent, the other does not offer again', async () => {
    const draft = open();
    draft.type('Good morning ');
    await clock.pass(800);
    draft.sentElsewhere('something else');
    expect(draft.text).toBe('Good morning ');
    draft.sentElsewhere('Good morning');
    expect(draft.text).toBe('');
    expect(draft.state).toBe('empty');
  });
});
