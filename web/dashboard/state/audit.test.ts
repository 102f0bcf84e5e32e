import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestApi, refusal } from '../../tests/support/api.ts';
import { AuditLog } from './audit.svelte.ts';

const entries = (from: number, count: number) => Array.from({ length: count }, (_, index) => ({ n: from - index }));

let api: TestApi;
let log: AuditLog;
const numbers = () => log.items.map(({ n }) => n);

beforeEach(() => {
  api = new TestApi();
  log = new AuditLog();
  api.on('GET /audit?limit=50', () => ({ items: entries(9, 3), next: '7' }));
  api.on('GET /audit?limit=50&cursor=7', () => ({ items: entries(6, 2), next: null }));
});
afterEach(() => vi.unstubAllGlobals());

describe('the audit log', () => {
  test('is read in parts, to its end', async () => {
    await log.load();
    expect([numbers(), log.more]).toEqual([[9, 8, 7], true]);
    await log.earlier();
    expect([numbers(), log.more]).toEqual([[9, 8, 7, 6, 5], false]);
    await log.earlier();
    expect(api.calls).toHaveLength(2);
  });

  test('shows what was chosen, however late an older answer comes', async () => {
    let late: (page: unknown) => void = () => undefined;
    api.on('GET /audit?limit=50&actor=op_1', () => new Promise((resolve) => (late = resolve)));
    api.on('GET /audit?limit=50&actor=op_1&verb=case.deleted', () => ({ items: entries(2, 1), next: null }));
    const first = log.choose({ actor: 'op_1' });
    await log.choose({ verb: 'case.deleted' });
    late({ items: entries(9, 9), next: null });
    await first;
    expect([numbers(), log.loading]).toEqual([[2], false]);
  });

  test('keeps what it has when the next part does not come, and can go on', async () => {
    await log.load();
    api.on('GET /audit?limit=50&cursor=7', () => refusal(503, 'overloaded'));
    await log.earlier();
    expect([numbers(), log.error]).toMatchObject([[9, 8, 7], { code: 'overloaded' }]);
    api.on('GET /audit?limit=50&cursor=7', () => ({ items: entries(6, 1), next: null }));
    await log.earlier();
    expect([numbers(), log.error]).toEqual([[9, 8, 7, 6], null]);
  });

  test('tells what the server found when it was verified', async () => {
    api.on('POST /audit/verify', () => ({ ok: false, entries: 4, broken_at: 5 }));
    await log.verify();
    expect(log.checked).toEqual({ ok: false, entries: 4, broken_at: 5 });
    api.on('POST /audit/verify', () => refusal(503, 'overloaded'));
    await expect(log.verify()).rejects.toMatchObject({ code: 'overloaded' });
    expect(log.checked).toBeNull();
  });
});
