import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Offline, Problem } from '../../lib/api/client.ts';
import type { Actor, Case, Conflict, Field } from '../../lib/api/types.ts';
import { settle, TestClock } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import type { FieldChange } from './case-api.ts';
import { CaseField } from './field.svelte.ts';
import { CaseFields, FIELD_NAMES } from './fields.svelte.ts';

const MAREN: Actor = { kind: 'operator', id: 'op_maren', name: 'Maren Lindqvist' };
const IFEOMA: Actor = { kind: 'operator', id: 'op_ifeoma', name: 'Ifeoma Okafor' };
const NOON = '2026-03-12T12:00:00.000Z';

const field = (value: string, version: number, by: Actor = IFEOMA): Field => ({ value, version, changed_by: by, changed_at: NOON });

/** The server's side of one field: versions, conflicts, and answers that can be held back. */
class Server {
  field: Field = field('', 0);
  asked: FieldChange[] = [];
  /** What the next answers are instead of the right ones. */
  failures: unknown[] = [];
  /** An answer that gets lost though the change was made. */
  loseAnswer = false;
  /** What the server makes of a text. */
  tidy = (text: string) => text.trim();

  save = async (change: FieldChange): Promise<Case> => {
    this.asked.push(change);
    const failure = this.failures.shift();
    if (failure) throw failure;
    const value = this.tidy(change.value);
    if (value !== this.field.value) {
      if (change.version !== this.field.version) throw this.conflict(value);
      this.field = field(value, this.field.version + 1, MAREN);
    }
    if (this.loseAnswer) {
      this.loseAnswer = false;
      throw new Offline();
    }
    return { fields: { notes: this.field } } as unknown as Case;
  };

  conflict(yours: string): Problem {
    const { value, version, changed_by, changed_at } = this.field;
    const conflict: Conflict = { field: 'notes', yours, theirs: value, version, changed_by, changed_at };
    return new Problem(409, { code: 'field_conflict', conflicts: [conflict] });
  }
}

let clock: TestClock;
let server: Server;
let saved: number;

function open(): CaseField {
  const notes = new CaseField({
    field: 'notes',
    scope: 'case_1/op_maren',
    me: 'op_maren',
    save: (change) => server.save(change),
    of: (fresh) => fresh.fields.notes,
    onSaved: () => saved++,
    clock,
  });
  notes.merge(server.field);
  return notes;
}

beforeEach(() => {
  clock = new TestClock();
  server = new Server();
  saved = 0;
  vi.stubGlobal('localStorage', new TestStorage());
});

afterEach(() => vi.unstubAllGlobals());

describe('a field', () => {
  test('is saved after a pause in typing, once', async () => {
    const notes = open();
    for (const text of ['G', 'Ga', 'Gas']) {
      notes.type(text);
      await clock.pass(100);
    }
    expect(notes.state).toBe('typing');
    await clock.pass(500);
    expect(server.asked).toEqual([{ value: 'Gas', version: 0 }]);
    expect(notes.state).toBe('saved');
    expect(saved).toBe(1);
    expect(localStorage).toHaveLength(0);
  });

  test('is saved now and then while someone types without a pause', async () => {
    const notes = open();
    for (let letters = 1; letters <= 40; letters++) {
      notes.type('x'.repeat(letters));
      await clock.pass(100);
    }
    expect(server.asked.length).toBeGreaterThanOrEqual(1);
    await clock.pass(1_000);
    expect(server.field.value).toBe('x'.repeat(40));
  });

  test('keeps what is typed while an answer is under way, and saves it over that', async () => {
    const notes = open();
    notes.type('one');
    notes.flush();
    notes.type('one two');
    await clock.pass(1_000);
    expect(server.asked).toEqual([
      { value: 'one', version: 0 },
      { value: 'one two', version: 1 },
    ]);
    expect(notes.text).toBe('one two');
    expect(notes.state).toBe('saved');
  });

  test('shows what the server made of the text only when it is left', async () => {
    const notes = open();
    notes.type('Gas ');
    await clock.pass(500);
    expect(notes.text).toBe('Gas ');
    notes.merge(server.field);
    expect(notes.text).toBe('Gas ');
    notes.leave();
    expect(notes.text).toBe('Gas');
  });

  test('left because its case has gone, it asks the server for nothing', async () => {
    const notes = open();
    notes.type('Gas');
    notes.forget();
    notes.leave();
    await clock.pass(10_000);
    expect(server.asked).toEqual([]);
  });

  test('typed back to what it was needs no saving', async () => {
    server.field = field('Gas', 1);
    const notes = open();
    notes.type('Gas!');
    notes.type('Gas');
    await clock.pass(10_000);
    expect(server.asked).toEqual([]);
    expect(notes.state).toBe('saved');
  });

  test('follows the others as long as nothing is written here', () => {
    const notes = open();
    notes.merge(field('Oil', 1));
    expect(notes.text).toBe('Oil');
    notes.merge(field('old answer', 0));
    expect(notes.text).toBe('Oil');
  });
});

describe('without a connection', () => {
  test('typed back to what it was is saved while the server may have something else', async () => {
    server.field = field('old', 1);
    const notes = open();
    server.loseAnswer = true;
    notes.type('new');
    await clock.pass(500);
    expect(server.field.value).toBe('new');
    notes.type('old');
    await clock.pass(30_000);
    expect(server.field.value).toBe('old');
    expect(notes.state).toBe('saved');
  });

  test('shows what someone made of the saved text before its answer came', async () => {
    const notes = open();
    const save = server.save;
    server.save = async (change) => {
      const answer = await save(change);
      server.field = field('mine and theirs', 2);
      notes.merge(server.field);
      return answer;
    };
    notes.type('mine');
    await clock.pass(500);
    expect(notes.text).toBe('mine and theirs');
    server.save = save;
    notes.type('mine and theirs, and mine');
    await clock.pass(500);
    expect(server.field.value).toBe('mine and theirs, and mine');
  });

  test('is tried again, more and more slowly, until it is saved', async () => {
    const notes = open();
    server.failures = [new Offline(), new Offline(), new Problem(503, { code: 'overloaded' }), new Offline()];
    notes.type('Gas');
    await clock.pass(500);
    expect(notes.state).toBe('failed');
    await clock.pass(60_000);
    expect(server.asked).toHaveLength(5);
    expect(notes.state).toBe('saved');
    expect(server.field.value).toBe('Gas');
  });

  test('the return of the connection does not wait', async () => {
    const notes = open();
    server.failures = [new Offline()];
    notes.type('Gas');
    await clock.pass(500);
    notes.wake();
    await settle();
    expect(notes.state).toBe('saved');
  });

  test('a text survives a reload and is saved over the version it was written over', async () => {
    const notes = open();
    server.failures = [new Offline()];
    notes.type('Gas');
    await clock.pass(500);
    notes.stop();

    const again = open();
    expect(again.text).toBe('Gas');
    expect(again.state).toBe('typing');
    again.wake();
    await settle();
    expect(server.field.value).toBe('Gas');
    expect(again.state).toBe('saved');
    expect(localStorage).toHaveLength(0);
  });

  test('a text typed when the session had ended is saved after signing in again', async () => {
    const before = open();
    server.failures = [new Problem(401, { code: 'not_signed_in' })];
    before.type('Calls before noon');
    await before.flush();
    expect(before.state).toBe('failed');
    // The desk goes with the session, and a new one opens the case again.
    before.stop();
    const after = open();
    expect(after.text).toBe('Calls before noon');
    await after.flush();
    expect(after.state).toBe('saved');
    expect(server.field.value).toBe('Calls before noon');
    expect(localStorage).toHaveLength(0);
  });

  test('a change whose answer was lost is not mistaken for someone else’s', async () => {
    const notes = open();
    server.loseAnswer = true;
    notes.type('Gas');
    await clock.pass(500);
    notes.type('Gas boiler');
    await clock.pass(5_000);
    expect(notes.state).toBe('saved');
    expect(server.field.value).toBe('Gas boiler');
  });
});

describe('two in one field', () => {
  async function collide(): Promise<CaseField> {
    const notes = open();
    notes.type('mine');
    server.field = field('theirs', 1);
    await clock.pass(500);
    return notes;
  }

  test('both texts stay, and nothing is overwritten', async () => {
    const notes = await collide();
    expect(notes.state).toBe('conflict');
    expect(notes.text).toBe('mine');
    expect(notes.theirs).toEqual({ text: 'theirs', version: 1, by: IFEOMA, at: NOON });
    await clock.pass(60_000);
    expect(server.field.value).toBe('theirs');
    expect(server.asked).toHaveLength(1);
  });

  test('the own text can be written on and is chosen as it then stands', async () => {
    const notes = await collide();
    notes.type('mine, better');
    notes.leave();
    expect(notes.state).toBe('conflict');
    notes.keepMine();
    await settle();
    expect(server.field).toMatchObject({ value: 'mine, better', version: 2 });
    expect(notes.state).toBe('saved');
    expect(notes.theirs).toBeNull();
  });

  test('the other text can be chosen', async () => {
    const notes = await collide();
    notes.merge(server.field);
    notes.keepTheirs();
    expect(notes.text).toBe('theirs');
    expect(notes.state).toBe('saved');
    expect(localStorage).toHaveLength(0);
  });

  test('both together', async () => {
    const notes = await collide();
    notes.keepBoth();
    await settle();
    expect(server.field.value).toBe('theirs\nmine');
  });

  test('a third text comes into the choice', async () => {
    const notes = await collide();
    server.field = field('theirs, longer', 2);
    notes.merge(server.field);
    expect(notes.theirs).toMatchObject({ text: 'theirs, longer', version: 2 });
    notes.keepMine();
    await settle();
    expect(server.field).toMatchObject({ value: 'mine', version: 3 });
  });

  test('a third text that comes before the refusal is the one to choose from', async () => {
    const notes = open();
    server.field = field('second', 1);
    const refusal = server.conflict('first');
    server.save = async () => {
      server.field = field('third', 2);
      notes.merge(server.field);
      throw refusal;
    };
    notes.type('first');
    await clock.pass(500);
    expect(notes.state).toBe('conflict');
    expect(notes.theirs?.text).toBe('third');
  });

  test('the same words are no conflict', async () => {
    const notes = open();
    notes.type('Gas');
    server.field = field('Gas', 1);
    notes.merge(server.field);
    expect(notes.state).toBe('saved');
  });

  test('the choice survives a reload', async () => {
    (await collide()).stop();
    const again = open();
    again.wake();
    await settle();
    expect(again.state).toBe('conflict');
    expect(again.text).toBe('mine');
    expect(again.theirs?.text).toBe('theirs');
  });

  test('a language is chosen whole, so the last choice stands', async () => {
    const language = new CaseField({
      field: 'language',
      of: (fresh) => fresh.fields.language,
      lastWins: true,
      scope: 'case_1/op_maren',
      me: 'op_maren',
      save: async (change) => {
        server.asked.push(change);
        if (change.version === 0) {
          throw new Problem(409, {
            code: 'field_conflict',
            conflicts: [{ field: 'language', yours: 'de', theirs: 'en', version: 1, changed_by: IFEOMA, changed_at: NOON }],
          });
        }
        return { fields: { language: field('de', 2, MAREN) } } as unknown as Case;
      },
      onSaved: () => saved++,
      clock,
    });
    language.type('de');
    language.flush();
    await settle();
    expect(server.asked.map(({ version }) => version)).toEqual([0, 1]);
    expect(language.state).toBe('saved');
  });
});

describe('a field of a case that is completed', () => {
  test('says that its text waits, keeps it, and saves it when the case is opened again', async () => {
    let completed = false;
    const make = () =>
      new CaseField({
        field: 'notes',
        scope: 'case_1/op_maren',
        me: 'op_maren',
        save: (change) => server.save(change),
        of: (fresh) => fresh.fields.notes,
        held: () => completed,
        onSaved: () => saved++,
        clock,
      });
    const notes = make();
    notes.merge(server.field);
    notes.type('Calls before noon');
    completed = true;
    await notes.flush();
    expect(notes.state).toBe('held');
    notes.type('');
    notes.leave();
    await clock.pass(60_000);
    expect(notes.text).toBe('Calls before noon');
    expect(notes.state).toBe('held');
    expect(server.asked).toEqual([]);

    const again = make();
    again.wake();
    expect(again.state).toBe('held');
    completed = false;
    again.wake();
    await settle();
    expect(again.state).toBe('saved');
    expect(server.field.value).toBe('Calls before noon');
    expect(localStorage).toHaveLength(0);
  });

  test('waits after an attempt that nobody answered, too', async () => {
    let completed = false;
    server.failures = [new Offline()];
    const notes = new CaseField({
      field: 'notes',
      scope: 'case_1/op_maren',
      me: 'op_maren',
      save: (change) => server.save(change),
      of: (fresh) => fresh.fields.notes,
      held: () => completed,
      onSaved: () => saved++,
      clock,
    });
    notes.merge(server.field);
    notes.type('Gas');
    await clock.pass(500);
    expect(notes.state).toBe('failed');
    completed = true;
    await clock.pass(60_000);
    expect(notes.state).toBe('held');
    expect(server.asked).toHaveLength(1);
  });
});

describe('a value that is not right', () => {
  test('stays with its reason and is not tried again', async () => {
    const notes = open();
    server.failures = [new Problem(422, { code: 'invalid_input', errors: [{ field: 'notes', code: 'too_long' }] })];
    notes.type('long');
    await clock.pass(60_000);
    expect(notes.state).toBe('refused');
    expect(notes.error?.fields[0]?.code).toBe('too_long');
    expect(server.asked).toHaveLength(1);

    notes.type('short');
    await clock.pass(500);
    expect(notes.state).toBe('saved');
    expect(notes.error).toBeNull();
  });
});

describe('all fields together', () => {
  const blank = Object.fromEntries(FIELD_NAMES.map((name) => [name, field('', 0)])) as Case['fields'];

  test('say the worst of what they stand at', async () => {
    const failures: Record<string, unknown> = {
      email: new Problem(422, { code: 'invalid_input', errors: [{ field: 'email', code: 'invalid' }] }),
      phone: new Offline(),
    };
    const fields = new CaseFields({
      scope: 'case_1/op_maren',
      me: 'op_maren',
      save: async (name) => {
        if (failures[name]) throw failures[name];
        return { fields: { ...blank, [name]: field('x', 1, MAREN) } } as unknown as Case;
      },
      onSaved: () => saved++,
      clock,
    });
    fields.merge(blank, []);
    expect(fields.state).toBe('saved');
    expect(fields.touched).toBe(false);
    fields.all.name.type('x');
    expect(fields.state).toBe('saving');
    await clock.pass(500);
    expect(fields.state).toBe('saved');
    expect(fields.touched).toBe(true);
    fields.all.phone.type('+44');
    await clock.pass(500);
    expect(fields.state).toBe('failed');
    expect(fields.pending).toBe(true);
    fields.all.email.type('x');
    await clock.pass(500);
    expect(fields.refused.map(({ name }) => name)).toEqual(['email']);
    expect(fields.unsettled).toBe(true);
    // What nobody answered is not hidden by what is only to be corrected.
    expect(fields.state).toBe('failed');
    delete failures.phone;
    fields.all.notes.type('x');
    fields.wake();
    expect(fields.state).toBe('saving');
    await clock.pass(500);
    expect(fields.state).toBe('refused');
    expect(fields.all.notes.state).toBe('saved');
    fields.forget();
    expect(localStorage).toHaveLength(0);
  });
});

describe('the organization’s own fields', () => {
  const blank = Object.fromEntries(FIELD_NAMES.map((name) => [name, field('', 0)])) as Case['fields'];
  const own = (value: Field) => [{ field: { id: 'fld_1', label: 'Year built', kind: 'text', options: [] }, value }] as unknown as Case['custom'];
  let stored: Field;
  let asks: { name: string; change: FieldChange }[];

  const make = () =>
    new CaseFields({
      scope: 'case_1/op_maren',
      me: 'op_maren',
      save: async (name, change) => {
        asks.push({ name, change });
        if (change.version !== stored.version) {
          const { value, version, changed_by, changed_at } = stored;
          throw new Problem(409, { code: 'field_conflict', conflicts: [{ field: name, yours: change.value, theirs: value, version, changed_by, changed_at }] });
        }
        stored = field(change.value, stored.version + 1, MAREN);
        return { fields: blank, custom: own(stored) } as unknown as Case;
      },
      onSaved: () => saved++,
      clock,
    });

  beforeEach(() => {
    stored = field('1968', 1);
    asks = [];
  });

  test('come with the case, and are saved by their id', async () => {
    const fields = make();
    fields.merge(blank, own(stored));
    fields.custom.get('fld_1')?.type('1970');
    await clock.pass(500);
    expect(asks).toEqual([{ name: 'fld_1', change: { value: '1970', version: 1 } }]);
    expect(fields.state).toBe('saved');
    expect(fields.touched).toBe(true);
  });

  test('keep both texts where two people wrote at once', async () => {
    const fields = make();
    fields.merge(blank, own(stored));
    fields.custom.get('fld_1')?.type('1970');
    stored = field('1975', 2);
    await clock.pass(500);
    expect(fields.state).toBe('conflict');
    expect(fields.conflicts).toBe(1);
    expect(fields.custom.get('fld_1')?.theirs?.text).toBe('1975');
    fields.custom.get('fld_1')?.keepMine();
    await settle();
    expect(stored.value).toBe('1970');
  });

  test('of an earlier visit go on their way before the case is here', async () => {
    const fields = make();
    fields.merge(blank, own(stored));
    fields.custom.get('fld_1')?.type('1970');
    fields.stop();
    const again = make();
    expect(again.pending).toBe(true);
    again.wake();
    await settle();
    expect(stored.value).toBe('1970');
  });

  test('are gone when they are archived', () => {
    const fields = make();
    fields.merge(blank, own(stored));
    fields.merge(blank, []);
    expect(fields.custom.size).toBe(0);
    expect(fields.removed.size).toBe(0);
    expect(fields.state).toBe('saved');
  });

  describe('that go while someone types', () => {
    const typed = (fields: CaseFields) => [...fields.removed.values()].map(({ id, text, definition }) => [id, text, definition?.label]);

    test('leave what was typed to be seen, and it is never sent', async () => {
      const fields = make();
      fields.merge(blank, own(stored));
      fields.custom.get('fld_1')?.type('197');
      fields.merge(blank, []);
      await clock.pass(60_000);
      await fields.flush();
      expect(asks).toEqual([]);
      expect(fields.custom.size).toBe(0);
      expect(typed(fields)).toEqual([['fld_1', '197', 'Year built']]);
      expect(fields.state).toBe('refused');
      expect(fields.pending).toBe(false);
    });

    test('are still told of after a reload, until that is dismissed', async () => {
      const before = make();
      before.merge(blank, own(stored));
      before.custom.get('fld_1')?.type('197');
      before.merge(blank, []);
      before.stop();

      const fields = make();
      fields.merge(blank, []);
      fields.wake();
      await clock.pass(60_000);
      expect(asks).toEqual([]);
      expect(typed(fields)).toEqual([['fld_1', '197', 'Year built']]);
      fields.dismiss('fld_1');
      expect(fields.removed.size).toBe(0);
      expect(fields.state).toBe('saved');
      expect(localStorage).toHaveLength(0);
    });

    test('are known by the refusal too, which comes once', async () => {
      let sent = 0;
      const refuses = () =>
        new CaseFields({
          scope: 'case_1/op_maren',
          me: 'op_maren',
          save: async () => {
            sent++;
            throw new Problem(422, { code: 'unknown_field' });
          },
          onSaved: () => saved++,
          clock,
        });
      const fields = refuses();
      fields.merge(blank, own(stored));
      fields.custom.get('fld_1')?.type('1970');
      await clock.pass(500);
      expect(typed(fields)).toEqual([['fld_1', '1970', 'Year built']]);
      const again = refuses();
      again.wake();
      await clock.pass(60_000);
      expect(sent).toBe(1);
      expect(typed(again)).toEqual([['fld_1', '1970', 'Year built']]);
    });

    test('take it up again when they come back', async () => {
      const fields = make();
      fields.merge(blank, own(stored));
      fields.custom.get('fld_1')?.type('1970');
      fields.merge(blank, []);
      fields.merge(blank, own(stored));
      expect(fields.removed.size).toBe(0);
      await settle();
      expect(asks).toEqual([{ name: 'fld_1', change: { value: '1970', version: 1 } }]);
      expect(stored.value).toBe('1970');
      expect(fields.state).toBe('saved');
      expect(localStorage).toHaveLength(0);
    });

    test('have nothing to tell when the text had arrived before', async () => {
      let answer: (fresh: Case) => void = () => {};
      const fields = new CaseFields({
        scope: 'case_1/op_maren',
        me: 'op_maren',
        save: () => new Promise((resolve) => (answer = resolve)),
        onSaved: () => saved++,
        clock,
      });
      fields.merge(blank, own(stored));
      fields.custom.get('fld_1')?.type('1970');
      await clock.pass(500);
      fields.merge(blank, []);
      expect(fields.removed.size).toBe(1);
      answer({ fields: blank, custom: own(field('1970', 2, MAREN)) } as unknown as Case);
      await settle();
      expect(fields.removed.size).toBe(0);
      expect(localStorage).toHaveLength(0);
    });
  });
});

test('a field that one may not change waits, with the reason, until one may', async () => {
  let allowed = false;
  const notes = new CaseField({
    field: 'notes',
    scope: 'case_2/op_maren',
    me: 'op_maren',
    of: (fresh) => fresh.fields.notes,
    save: async ({ value }) => {
      if (!allowed) throw new Problem(403, { code: 'seat_required' });
      return { fields: { notes: field(value, 1, MAREN) } } as unknown as Case;
    },
    onSaved: () => saved++,
    clock,
  });
  notes.type('x');
  await clock.pass(60_000);
  expect(notes.state).toBe('refused');
  expect(notes.error?.code).toBe('seat_required');
  allowed = true;
  notes.wake();
  await settle();
  expect(notes.state).toBe('saved');
});
