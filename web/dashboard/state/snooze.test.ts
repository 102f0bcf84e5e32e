import { describe, expect, test } from 'vitest';
import { OwnTime, snoozeTimes } from './snooze.svelte.ts';

const BERLIN = 'Europe/Berlin';
const times = (now: string) => snoozeTimes(Date.parse(now), BERLIN).map(({ choice, at }) => [choice, new Date(at).toISOString()]);

describe('the times offered for putting a case off', () => {
  test('are on the hour, in the morning, and in the operator’s zone', () => {
    // Thursday, 10:20 in Berlin.
    expect(times('2026-03-12T09:20:00Z')).toEqual([
      ['later', '2026-03-12T13:00:00.000Z'],
      ['tomorrow', '2026-03-13T07:00:00.000Z'],
      ['week', '2026-03-16T07:00:00.000Z'],
    ]);
  });

  test('have no later today in the afternoon', () => {
    expect(times('2026-03-12T15:30:00Z').map(([choice]) => choice)).toEqual(['tomorrow', 'week']);
  });

  test('on a Sunday next week is not tomorrow', () => {
    expect(times('2026-03-15T09:00:00Z').find(([choice]) => choice === 'week')?.[1]).toBe('2026-03-23T07:00:00.000Z');
  });

  test('keep to the clock there over a change of clocks', () => {
    expect(times('2026-03-28T09:00:00Z').find(([choice]) => choice === 'tomorrow')?.[1]).toBe('2026-03-29T06:00:00.000Z');
  });
});

describe('a time of one’s own', () => {
  const now = () => Date.parse('2026-03-12T09:00:00Z');

  test('is read in the operator’s zone and begins with tomorrow', () => {
    const time = new OwnTime(BERLIN, now);
    expect(time.wall).toBe('2026-03-13T09:00');
    expect(time.fault).toBeNull();
    time.wall = '2026-07-01T12:00';
    expect(new Date(time.at ?? 0).toISOString()).toBe('2026-07-01T10:00:00.000Z');
  });

  test('chosen before stands there again, unless it is over', () => {
    expect(new OwnTime(BERLIN, now, '2026-03-20T16:30').wall).toBe('2026-03-20T16:30');
    expect(new OwnTime(BERLIN, now, '2026-03-12T09:30').wall).toBe('2026-03-13T09:00');
  });

  test.each([
    ['', 'missing'],
    ['2026-03-12T09:59', 'past'],
    ['2027-03-13T12:00', 'far'],
  ])('%j is %s', (wall, fault) => {
    const time = new OwnTime(BERLIN, now);
    time.wall = wall;
    expect(time.fault).toBe(fault);
  });
});
