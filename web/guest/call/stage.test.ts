import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Call } from '../../lib/api/types.ts';
import type { CallApi } from '../../lib/call/types.ts';
import type { CallSession, CallSessionOptions } from '../../lib/call/session.svelte.ts';
import type { Devices } from '../../lib/call/devices.svelte.ts';
import { testCall, testParticipant } from '../../tests/support/call.ts';
import { Stage, type Summary } from './stage.svelte.ts';

const START = 1_700_000_000_000;

let now: number;
let revision: number;
let admitted: boolean;
let kept: boolean;
let did: string[];
let summaries: Summary[];
let stage: Stage;
let options: CallSessionOptions;
let answers: Record<string, PermissionState> | null;

function callOf(operators: string[], endedAt: string | null = null): Call {
  return testCall({
    started_at: new Date(START).toISOString(),
    ended_at: endedAt,
    revision: ++revision,
    participants: operators.map((name) => testParticipant({ id: `part_${name}`, kind: 'operator', operator_id: `op_${name}`, name })),
  });
}

/** A session that keeps a record instead of a connection. */
function fakeSession(given: CallSessionOptions): CallSession {
  options = given;
  const session: Partial<CallSession> = {
    call: given.call,
    participantId: null,
    join: async () => {
      did.push('join');
      if (admitted) session.participantId = 'part_guest';
    },
    leave: async () => void did.push('leave'),
    close: () => void did.push('close'),
    apply: () => void did.push('apply'),
    resumable: async () => kept,
    socketBack: () => void did.push('socket back'),
    speaking: (ids) => void did.push(`speaking ${ids.join()}`),
  };
  return session as CallSession;
}

const devices = { request: async () => void did.push('request'), stop: () => void did.push('devices stop') } as Partial<Devices> as Devices;

beforeEach(() => {
  now = START;
  revision = 0;
  did = [];
  admitted = true;
  kept = true;
  summaries = [];
  answers = { camera: 'granted', microphone: 'granted' };
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.stubGlobal('navigator', {
    permissions: {
      query: async ({ name }: { name: string }) => {
        if (!answers) throw new TypeError('not a permission');
        return { state: answers[name] };
      },
    },
  });
  stage = new Stage({
    api: {} as CallApi,
    call: callOf(['Maren Lindqvist']),
    over: (summary) => summaries.push(summary),
    now: () => now,
    devices,
    session: fakeSession,
  });
});

afterEach(() => vi.unstubAllGlobals());

test('who was met and for how long is known when the guest leaves', async () => {
  await stage.join();
  now += 60_000;
  stage.apply(callOf(['Maren Lindqvist', 'Tomasz Wilk']));
  now += 60_000;
  stage.leave();
  expect(summaries).toEqual([{ names: ['Maren Lindqvist', 'Tomasz Wilk'], ms: 120_000 }]);
  expect(did).toEqual(['join', 'apply', 'leave', 'devices stop']);
});

test('who came to an empty call met nobody', async () => {
  stage = new Stage({ api: {} as CallApi, call: callOf([]), over: (summary) => summaries.push(summary), now: () => now, devices, session: fakeSession });
  await stage.join();
  expect(stage.met).toBe(false);
  stage.leave();
  expect(summaries).toEqual([{ names: [], ms: 0 }]);
});

test('who was not let in met nobody', async () => {
  admitted = false;
  await stage.join();
  stage.apply(callOf(['Maren Lindqvist']));
  stage.leave();
  expect(summaries).toEqual([{ names: [], ms: 0 }]);
});

test('the time counts from the first meeting', async () => {
  stage = new Stage({ api: {} as CallApi, call: callOf([]), over: (summary) => summaries.push(summary), now: () => now, devices, session: fakeSession });
  await stage.join();
  now += 60_000;
  stage.apply(callOf(['Maren Lindqvist']));
  expect(stage.met).toBe(true);
  now += 30_000;
  stage.leave();
  expect(summaries[0]?.ms).toBe(30_000);
});

test('what happens before joining is no meeting', () => {
  stage.apply(callOf(['Maren Lindqvist']));
  expect(stage.met).toBe(false);
});

test('an end is told once, whoever tells it', async () => {
  await stage.join();
  const ended = callOf([], new Date(START).toISOString());
  options.onEnded?.(ended);
  stage.apply(ended);
  expect(summaries).toHaveLength(1);
});

test('a page that goes says nothing, and lets the devices go', async () => {
  await stage.join();
  stage.stop();
  options.onEnded?.(callOf([]));
  expect(summaries).toEqual([]);
  expect(did).toEqual(['join', 'close', 'devices stop']);
});

test.each([
  [{ camera: 'granted', microphone: 'granted' }, true],
  [{ camera: 'denied', microphone: 'granted' }, true],
  [{ camera: 'prompt', microphone: 'granted' }, false],
  [null, false],
] as const)('with %j it goes back alone: %s', async (permissions, alone) => {
  answers = permissions;
  expect(await stage.resumesAlone()).toBe(alone);
});

test('a copy of a tab that is in the call does not go back alone', async () => {
  kept = false;
  expect(await stage.resumesAlone()).toBe(false);
});
