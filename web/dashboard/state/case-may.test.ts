import { expect, test } from 'vitest';
import { caseMay } from './case-may.ts';
import type { CaseView } from './case.svelte.ts';

interface Stand {
  status?: 'active' | 'awaiting' | 'completed';
  joined?: boolean;
  seat?: boolean;
  reassign?: boolean;
  role?: 'operator' | 'administrator';
}

const may = ({ status = 'active', joined = true, seat = true, reassign = true, role = 'operator' }: Stand) =>
  caseMay({
    case: { status, mine: { joined } },
    deps: { me: { operator: { role }, rights: { seat, reassign, delete: true } } },
    mayWork: seat,
    completed: status === 'completed',
    locked: status === 'completed' || !seat,
  } as unknown as CaseView);

test('an operator on an active case may do everything but put it in the queue', () => {
  expect(may({})).toEqual({ snooze: true, merge: true, queue: false, delete: true, handOver: true });
  expect(may({ role: 'administrator' }).queue).toBe(true);
});

test('a case is handed over and snoozed only by those who are on it', () => {
  expect(may({ joined: false })).toMatchObject({ snooze: false, handOver: false, merge: true });
  expect(may({ status: 'awaiting', joined: false, role: 'administrator' })).toMatchObject({ snooze: false, queue: false, handOver: false });
});

test('what is completed, and what one only reads, is left as it is', () => {
  expect(may({ status: 'completed' })).toEqual({ snooze: false, merge: false, queue: false, delete: true, handOver: false });
  expect(may({ seat: false })).toMatchObject({ snooze: false, merge: false, handOver: false });
  expect(may({ reassign: false })).toMatchObject({ snooze: true, merge: false, handOver: false });
});
