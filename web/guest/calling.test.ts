import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Call, Participant } from '../lib/api/types.ts';
import { Problem } from '../lib/api/client.ts';
import { keep } from '../lib/call/kept.ts';
import type { CallApi } from '../lib/call/types.ts';
import { testCall, testParticipant } from '../tests/support/call.ts';
import { settle } from '../tests/support/clock.ts';
import { TestStorage } from '../tests/support/storage.ts';
import { Calling } from './calling.svelte.ts';
import type { Part } from './call/part.ts';
import type { StageOptions } from './call/stage.svelte.ts';

const MAREN = { id: 'op_maren', name: 'Maren Lindqvist' };

function participant(kind: 'operator' | 'guest'): Participant {
  const operator = kind === 'operator' ? { operator_id: MAREN.id, name: MAREN.name } : {};
  return testParticipant({ id: `part_${kind}`, kind, ...operator });
}

let revision: number;

function callOf(change: Partial<Call> = {}): Call {
  return testCall({ revision: ++revision, participants: [participant('operator')], ...change });
}

const ended = (change: Partial<Call> = {}) => callOf({ ended_at: '2026-03-12T12:24:00.000Z', participants: [], ...change });

/** What a stage was asked to do; the real one needs devices. */
class FakeStage {
  static latest: FakeStage;
  readonly did: string[] = [];
  readonly options: StageOptions;
  constructor(options: StageOptions) {
    FakeStage.latest = this;
    this.options = options;
  }
  check = async () => void this.did.push('check');
  resumesAlone = async () => grantedBefore;
  join = async () => void this.did.push('join');
  apply = (call: Call) => {
    this.did.push('apply');
    if (call.ended_at !== null) this.options.over({ names: [MAREN.name], ms: 60_000 }, call);
  };
  speaking = (ids: readonly string[]) => void this.did.push(`speaking ${ids.join()}`);
  socketBack = () => void this.did.push('socket back');
  stop = () => void this.did.push('stop');
}

let grantedBefore: boolean;
let codeMissing: boolean;
let last: Call | Problem;
let calling: Calling;

const start = () =>
  new Calling({
    api: {
      get: async () => {
        if (last instanceof Problem) throw last;
        return last;
      },
    } as Partial<CallApi> as CallApi,
    load: async () => {
      if (codeMissing) throw new TypeError('Failed to fetch dynamically imported module');
      return { Stage: FakeStage } as Partial<Record<keyof Part, unknown>> as Part;
    },
  });

beforeEach(() => {
  revision = 0;
  grantedBefore = codeMissing = false;
  vi.stubGlobal('sessionStorage', new TestStorage());
  calling = start();
});

afterEach(() => vi.unstubAllGlobals());

describe('someone calls', () => {
  test('it rings, with the code on its way, until the call ends', async () => {
    calling.hear(callOf());
    expect(calling.view).toBe('ringing');
    expect(calling.caller).toBe('Maren Lindqvist');
    await settle();
    expect(calling.part).not.toBeNull();
    calling.hear(ended());
    expect(calling.view).toBe('missed');
    calling.dismiss();
    expect(calling.view).toBe('none');
  });

  test('it rings on a page that is opened while the call runs', () => {
    calling.take(callOf());
    expect(calling.view).toBe('ringing');
  });

  test('what is older than what is known changes nothing', () => {
    const first = callOf();
    calling.hear(ended());
    calling.hear(first);
    expect(calling.view).toBe('none');
  });

  test('it goes quiet when the guest answers on another device', () => {
    calling.hear(callOf());
    calling.hear(callOf({ participants: [participant('operator'), participant('guest')] }));
    expect(calling.view).toBe('aside');
  });

  test('declining leaves a way back, also over a reload, and the next call rings', () => {
    calling.hear(callOf());
    calling.decline();
    expect(calling.view).toBe('aside');
    calling = start();
    calling.take(callOf());
    expect(calling.view).toBe('aside');
    calling.hear(ended());
    expect(calling.view).toBe('none');
    calling.hear(callOf({ id: 'call_2' }));
    expect(calling.view).toBe('ringing');
  });

  test('a call that ended while nobody was listening is asked for, and told', async () => {
    calling.hear(callOf());
    last = ended();
    calling.take(null);
    await settle();
    expect(calling.call).toBeNull();
    expect(calling.view).toBe('missed');
  });

  test('a call that the server does not know any more is over', async () => {
    calling.hear(callOf());
    last = new Problem(404, { code: 'not_found' });
    calling.take(null);
    await settle();
    expect(calling.view).toBe('missed');
  });
});

describe('joining', () => {
  test('camera and microphone come first, then the call', async () => {
    calling.hear(callOf());
    await calling.open();
    expect(calling.view).toBe('check');
    calling.enter();
    expect(calling.view).toBe('call');
    expect(FakeStage.latest.did).toEqual(['check', 'join']);
  });

  test('without its code it says so, and joins when the code comes', async () => {
    codeMissing = true;
    calling.hear(callOf());
    await calling.open();
    expect(calling.broken).toBe(true);
    expect(calling.view).toBe('ringing');
    codeMissing = false;
    await calling.open();
    expect(calling.broken).toBe(false);
    expect(calling.view).toBe('check');
  });

  test('going back to the chat lets the devices go', async () => {
    calling.hear(callOf());
    await calling.open();
    calling.decline();
    expect(calling.stage).toBeNull();
    expect(FakeStage.latest.did).toEqual(['check', 'stop']);
    expect(calling.view).toBe('aside');
  });

  test('a call that ends before is told, and the devices are let go', async () => {
    calling.hear(callOf());
    await calling.open();
    calling.hear(ended());
    expect(calling.view).toBe('missed');
    expect(FakeStage.latest.did).toContain('stop');
  });
});

describe('in the call', () => {
  beforeEach(async () => {
    calling.hear(callOf());
    await calling.open();
    calling.enter();
  });

  test('snapshots, speakers and the socket’s return reach the media', () => {
    calling.hear(callOf());
    calling.speaking('call_1', ['part_operator']);
    calling.speaking('call_other', ['part_stranger']);
    calling.socketBack();
    expect(FakeStage.latest.did.slice(2)).toEqual(['apply', 'speaking part_operator', 'socket back']);
  });

  test('its end is thanked for', () => {
    calling.hear(ended());
    expect(calling.view).toBe('thanks');
    expect(calling.summary).toEqual({ names: ['Maren Lindqvist'], ms: 60_000 });
    expect(calling.stage).toBeNull();
  });

  test('who left can join again while it runs, and hears no ring', async () => {
    FakeStage.latest.options.over({ names: [], ms: 0 }, callOf());
    expect(calling.view).toBe('thanks');
    calling.hear(callOf());
    expect(calling.view).toBe('thanks');
    expect(calling.call).not.toBeNull();
    const before = FakeStage.latest;
    await calling.open();
    expect(FakeStage.latest).not.toBe(before);
    expect(calling.view).toBe('check');
  });

  test('an end that the media heard of first is an end', () => {
    FakeStage.latest.options.over({ names: [], ms: 0 }, ended());
    expect(calling.view).toBe('thanks');
    expect(calling.call).toBeNull();
  });

  test('a completed case takes everything away', () => {
    calling.stop();
    expect(FakeStage.latest.did).toContain('stop');
    expect(calling.view).toBe('none');
  });

  test('a session that was renewed meanwhile finds its place again', async () => {
    const call = callOf();
    calling.hear(call);
    keep(sessionStorage, 'call_1', { participantId: 'part_1', token: 'secret', microphoneOn: true, cameraOn: true });
    grantedBefore = true;
    calling.stop();
    calling.take(call);
    await settle();
    expect(calling.view).toBe('call');
  });
});

describe('a page loaded again during the call', () => {
  beforeEach(() => keep(sessionStorage, 'call_1', { participantId: 'part_1', token: 'secret', microphoneOn: true, cameraOn: true }));

  test('goes back by itself where no question would come up', async () => {
    grantedBefore = true;
    calling.take(callOf());
    expect(calling.view).toBe('returning');
    await settle();
    expect(calling.view).toBe('call');
    expect(FakeStage.latest.did).toEqual(['join']);
  });

  test('offers its place where the browser would ask', async () => {
    calling.take(callOf({ participants: [participant('operator'), participant('guest')] }));
    await settle();
    expect(calling.view).toBe('back');
    calling.enter();
    expect(FakeStage.latest.did).toEqual(['join']);
  });

  test('stays where a tap is possible when its code does not come', async () => {
    codeMissing = true;
    calling.take(callOf());
    await settle();
    expect(calling.view).toBe('back');
    expect(calling.broken).toBe(true);
  });

  test('finds the call over', async () => {
    calling.take(callOf());
    await settle();
    calling.hear(ended());
    expect(calling.view).toBe('missed');
    expect(FakeStage.latest.did).toEqual(['stop']);
  });
});
