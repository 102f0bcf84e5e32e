import { beforeEach, describe, expect, test } from 'vitest';
import { HURRY_MS, Ladder, PAUSES_MS, QUIET_MS, REJOIN_MS, RESTART_MS, type Action } from './ladder.ts';

const STEP_MS = 250;

/** A connection whose packets a test turns on and off, looked at four times a second. */
class Line {
  readonly ladder = new Ladder(() => 1);
  at = 1_000;
  receives = true;
  sends = true;
  open = true;
  answers = false;
  #received = 0;
  #answered = 0;
  #sent = 0;

  constructor() {
    this.ladder.begin(this.at);
  }

  look(ms = STEP_MS): Action {
    this.at += ms;
    if (this.receives) this.#received += 10;
    if (this.answers) this.#answered += 1;
    if (this.sends) this.#sent += 10;
    const counts = { received: this.#received, answered: this.#answered, sent: this.#sent };
    return this.ladder.sample(this.at, { at: this.at, ...counts, sending: this.sends, open: this.open });
  }

  /** Looks for so long; gives what was asked for and after which time. */
  run(ms: number): [number, Action][] {
    const from = this.at;
    const said: [number, Action][] = [];
    while (this.at - from < ms) {
      const action = this.look();
      if (action !== 'none') said.push([this.at - from, action]);
      // As the connection does it: an attempt that nobody answers.
      if (action === 'rejoin') this.ladder.failed(this.at);
    }
    return said;
  }
}

let line: Line;

beforeEach(() => {
  line = new Line();
  line.run(1_000);
});

describe('a connection that carries', () => {
  test('is flowing and left alone', () => {
    expect(line.ladder.flowing).toBe(true);
    expect(line.run(60_000)).toEqual([]);
  });

  test('does not flow before its transport is up, whatever the handshake counts', () => {
    const fresh = new Line();
    fresh.open = false;
    fresh.run(2_000);
    expect(fresh.ladder.flowing).toBe(false);
    fresh.open = true;
    fresh.run(500);
    expect(fresh.ladder.flowing).toBe(true);
  });

  test('does not flow while nothing of ours goes out that should', () => {
    const fresh = new Line();
    let received = 0;
    for (let at = 1_250; at <= 3_000; at += STEP_MS) {
      fresh.ladder.sample(at, { at, received: (received += 5), answered: 0, sent: 0, sending: true, open: true });
    }
    expect(fresh.ladder.flowing).toBe(false);
  });
});

describe('silence', () => {
  test('restarts after two seconds and joins again after six', () => {
    line.receives = false;
    expect(line.run(REJOIN_MS)).toEqual([
      [RESTART_MS, 'restart'],
      [REJOIN_MS, 'rejoin'],
    ]);
    expect(line.ladder.flowing).toBe(false);
  });

  test('that ends after the restart needs nothing more', () => {
    line.receives = false;
    line.run(RESTART_MS + 500);
    line.receives = true;
    expect(line.run(REJOIN_MS)).toEqual([]);
    expect(line.ladder.flowing).toBe(true);
  });

  test('is legal for longer when we send nothing', () => {
    line.sends = false;
    line.run(1_000);
    line.receives = false;
    expect(line.run(QUIET_MS - STEP_MS)).toEqual([]);
    expect(line.run(STEP_MS)).toEqual([[STEP_MS, 'restart']]);
  });

  test('is not ended by answers to checks, where media or feedback is due', () => {
    line.receives = false;
    line.answers = true;
    expect(line.run(REJOIN_MS).map(([, action]) => action)).toEqual(['restart', 'rejoin']);
    expect(line.ladder.flowing).toBe(false);
  });

  test('is none while checks are answered and nothing else is due', () => {
    line.sends = false;
    line.run(1_000);
    line.receives = false;
    line.answers = true;
    expect(line.run(60_000)).toEqual([]);
    expect(line.ladder.flowing).toBe(true);
  });

  test('counts when only the server hears nothing', () => {
    line.ladder.heard(line.at, false);
    expect(line.run(RESTART_MS)).toEqual([[RESTART_MS, 'restart']]);
    line.ladder.heard(line.at, true);
    expect(line.run(REJOIN_MS)).toEqual([]);
    expect(line.ladder.flowing).toBe(true);
  });
});

describe('joining again', () => {
  test('is tried with pauses that grow to the longest', () => {
    line.receives = false;
    const at = line
      .run(90_000)
      .filter(([, action]) => action === 'rejoin')
      .map(([ms]) => ms);
    const pauses = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
    const longest = PAUSES_MS.at(-1);
    expect(pauses.slice(0, 7)).toEqual([...PAUSES_MS, longest, longest]);
  });

  test('begins its pauses anew once packets have flowed', () => {
    line.receives = false;
    line.run(40_000);
    line.ladder.begin(line.at);
    line.receives = true;
    line.run(1_000);
    line.receives = false;
    const [, first, second] = line.run(12_000);
    expect(first?.[1]).toBe('rejoin');
    expect((second?.[0] ?? 0) - (first?.[0] ?? 0)).toBe(PAUSES_MS[0]);
  });

  test('comes at once when the server has forgotten us', () => {
    line.ladder.gone(line.at);
    expect(line.look()).toBe('rejoin');
  });

  test('gives a new connection time to come up', () => {
    line.ladder.gone(line.at);
    line.look();
    line.receives = false;
    line.ladder.begin(line.at);
    expect(line.run(REJOIN_MS - STEP_MS)).toEqual([]);
    expect(line.look()).toBe('rejoin');
  });
});

describe('a change of the network', () => {
  test('is answered quickly when nothing comes any more', () => {
    line.receives = false;
    line.ladder.hurry(line.at);
    expect(line.run(HURRY_MS)).toEqual([[HURRY_MS, 'restart']]);
  });

  test('does nothing while packets go on', () => {
    line.ladder.hurry(line.at);
    expect(line.run(REJOIN_MS)).toEqual([]);
  });

  test('ends a pause between attempts', () => {
    line.receives = false;
    line.run(REJOIN_MS + 1_000);
    line.ladder.hurry(line.at);
    expect(line.look()).toBe('rejoin');
  });
});

describe('a page that slept', () => {
  test('does not take its sleep for silence, and looks at once', () => {
    line.receives = false;
    expect(line.look(60_000)).toBe('none');
    expect(line.run(HURRY_MS)).toEqual([[HURRY_MS, 'restart']]);
  });

  test('goes on when packets came meanwhile and come still', () => {
    expect(line.look(60_000)).toBe('none');
    expect(line.run(REJOIN_MS)).toEqual([]);
    expect(line.ladder.flowing).toBe(true);
  });

  test('is not confused by a clock that is set back', () => {
    expect(line.look(-3_600_000)).toBe('none');
    line.receives = false;
    expect(line.run(RESTART_MS).map(([, action]) => action)).toEqual(['restart']);
  });
});
