import { describe, expect, test, vi } from 'vitest';
import { settle } from '../../tests/support/clock.ts';
import { Offline, Problem } from '../../lib/api/client.ts';
import type { LocationAnswer, LocationRequest } from '../../lib/api/types.ts';
import { Asked } from '../asked.svelte.ts';
import { Answering } from './answering.svelte.ts';

const PLACE = { coords: { latitude: 52.5163, longitude: 13.3777, accuracy: 12 } } as GeolocationPosition;

function device(result: GeolocationPosition | number) {
  return {
    getCurrentPosition: vi.fn((found: PositionCallback, failed?: PositionErrorCallback | null) => {
      if (typeof result === 'number') failed?.({ code: result } as GeolocationPositionError);
      else found(PLACE);
    }),
  };
}

/** An answering whose answers are kept; `failures` are what sending throws, in order. */
function answering(result: GeolocationPosition | number, failures: unknown[] = []) {
  const sent: LocationAnswer[] = [];
  const place = device(result);
  const send = async (answer: LocationAnswer) => {
    const failure = failures.shift();
    if (failure) throw failure;
    sent.push(answer);
  };
  return { answer: new Answering('loc_1', send, place), sent, place };
}

describe('the question for the location', () => {
  test('reads nothing before the guest agrees, and then sends what the device knows', async () => {
    const { answer, sent, place } = answering(PLACE);
    expect(place.getCurrentPosition).not.toHaveBeenCalled();
    await answer.share();
    expect(sent).toEqual([{ request: 'loc_1', answer: 'shared', latitude: 52.5163, longitude: 13.3777, accuracy_m: 12 }]);
    expect(answer.phase).toBe('shared');
  });

  test('refused reads nothing and says so', async () => {
    const { answer, sent, place } = answering(PLACE);
    await answer.refuse();
    expect(place.getCurrentPosition).not.toHaveBeenCalled();
    expect(sent).toEqual([{ request: 'loc_1', answer: 'refused' }]);
    expect(answer.phase).toBe('refused');
    await answer.share();
    expect(sent).toHaveLength(1);
  });

  test.each([
    [1, 'denied'],
    [2, 'unavailable'],
    [3, 'timeout'],
  ])('error %i of the browser is told as %s', async (code, reason) => {
    const { answer, sent } = answering(code);
    await answer.share();
    expect(sent).toEqual([{ request: 'loc_1', answer: 'failed', reason }]);
    expect([answer.phase, answer.reason]).toEqual(['failed', reason]);
  });

  test('a browser without any sense of place counts as not knowing', async () => {
    const sent: LocationAnswer[] = [];
    const answer = new Answering('loc_1', async (one) => void sent.push(one), undefined);
    await answer.share();
    expect(sent[0]?.reason).toBe('unavailable');
  });

  test('what could not be sent is kept and sent again, without asking the device twice', async () => {
    const { answer, sent, place } = answering(PLACE, [new Offline()]);
    await answer.share();
    expect(answer.phase).toBe('unsent');
    await answer.again();
    expect(answer.phase).toBe('shared');
    expect(sent).toHaveLength(1);
    expect(place.getCurrentPosition).toHaveBeenCalledTimes(1);
  });

  test('an answer that nobody waits for any more is said to be late', async () => {
    const { answer } = answering(PLACE, [new Problem(409, { code: 'location_not_asked' })]);
    await answer.share();
    expect(answer.phase).toBe('late');
  });
});

describe('a question on the page', () => {
  const question = (id: string) => ({ id, at: '2026-03-12T12:00:00Z', operator: { id: 'op_1', name: 'Maren' } }) as LocationRequest;

  test('goes when it is taken back, unless the guest is answering it', async () => {
    const asked = new Asked(async () => undefined);
    asked.take(question('loc_1'));
    expect(asked.request?.id).toBe('loc_1');
    asked.take(null);
    expect(asked.request).toBeNull();

    asked.take(question('loc_2'));
    asked.hold();
    asked.take(null);
    expect(asked.request?.id).toBe('loc_2');
    asked.close();
    await settle();
    expect(asked.request).toBeNull();
  });

  test('a new question takes the place of the old one', () => {
    const asked = new Asked(async () => undefined);
    asked.take(question('loc_1'));
    asked.hold();
    asked.take(question('loc_2'));
    asked.take(null);
    expect(asked.request).toBeNull();
  });
});
