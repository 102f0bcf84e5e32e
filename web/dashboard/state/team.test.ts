import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestApi, refusal } from '../../tests/support/api.ts';
import type { LiveEvent, OperatorRow } from '../../lib/api/types.ts';
import { Team } from './team.svelte.ts';

const operator = (id: string, more: Partial<OperatorRow> = {}): OperatorRow => ({
  id,
  name: `Name of ${id}`,
  email: `${id}@ashgrove.example`,
  role: 'operator',
  online: false,
  created_at: '2026-03-12T10:00:00Z',
  active: true,
  seat: true,
  rights: { reassign: true, delete: true, export: false },
  picture: null,
  ...more,
});
const changed = (id: string) =>
  ({ actor: { kind: 'operator', id: 'op_1', name: 'Name of op_1' }, event: { type: 'operator.changed', operator: { id, name: `Name of ${id}` } } }) as Pick<LiveEvent, 'event' | 'actor'>;

let api: TestApi;
let rows: OperatorRow[];
let team: Team;

beforeEach(() => {
  api = new TestApi();
  rows = [operator('op_1', { role: 'administrator' }), operator('op_2'), operator('op_3', { seat: false }), operator('op_4', { active: false })];
  api.on('GET /operators?limit=100', () => ({ items: rows, next: null }));
  team = new Team();
});
afterEach(() => vi.unstubAllGlobals());

describe('a team', () => {
  test('knows who works here, who may be asked, and the names of those who left', async () => {
    await team.load();
    expect(team.active.map(({ id }) => id)).toEqual(['op_1', 'op_2', 'op_3']);
    expect(team.seated.map(({ id }) => id)).toEqual(['op_1', 'op_2']);
    expect(team.nameOf('op_4')).toBe('Name of op_4');
  });

  test('goes on over pages', async () => {
    api.on('GET /operators?limit=100', () => ({ items: rows.slice(0, 2), next: 'a b' }));
    api.on('GET /operators?limit=100&cursor=a%20b', () => ({ items: rows.slice(2), next: null }));
    await team.load();
    expect(team.operators).toHaveLength(4);
  });

  test('shows a change once the server has taken it', async () => {
    await team.load();
    api.on('PATCH /operators/op_2', () => operator('op_2', { seat: false }));
    await team.change('op_2', { seat: false });
    expect(api.writes).toEqual([{ what: 'PATCH /operators/op_2', body: { seat: false } }]);
    expect(team.find('op_2')?.seat).toBe(false);
  });

  test('stays as it was when a change is refused', async () => {
    await team.load();
    api.on('PATCH /operators/op_1', () => refusal(409, 'last_administrator'));
    await expect(team.change('op_1', { role: 'operator' })).rejects.toMatchObject({ code: 'last_administrator' });
    expect(team.find('op_1')?.role).toBe('administrator');
  });

  test('asks again when someone was changed elsewhere, also while it is asking', async () => {
    await team.load();
    let answer: (page: unknown) => void = () => undefined;
    api.on('GET /operators?limit=100', () => new Promise((resolve) => (answer = resolve)));
    const slow = team.load();
    team.apply(changed('op_2'));
    await vi.waitFor(() => expect(api.calls).toHaveLength(2));
    answer({ items: rows, next: null });
    await slow;
    await vi.waitFor(() => expect(api.calls).toHaveLength(3));
    answer({ items: [operator('op_2', { role: 'administrator' })], next: null });
    await vi.waitFor(() => expect(team.find('op_2')?.role).toBe('administrator'));
  });

  test('says why it could not be loaded', async () => {
    api.on('GET /operators?limit=100', () => refusal(500, 'internal'));
    await team.load();
    expect([team.loaded, team.error]).toMatchObject([false, { code: 'internal' }]);
  });
});
