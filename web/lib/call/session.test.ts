import { beforeEach, describe, expect, test } from 'vitest';
import { testCall, testParticipant } from '../../tests/support/call.ts';
import { settle, TestClock } from '../../tests/support/clock.ts';
import { FakeBrowser, fakeDevices, FakeMedia } from '../../tests/support/media.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { Offline, Problem } from '../api/client.ts';
import { Devices } from './devices.svelte.ts';
import { CallSession } from './session.svelte.ts';
import type { Call, CallApi, Joined, Participant } from './types.ts';

const ME = 'part_me';

function person(id: string, given: Partial<Participant> = {}): Participant {
  return testParticipant({ id, kind: id === ME ? 'operator' : 'guest', ...given });
}

/** The server's side of one call. */
class FakeServer implements CallApi {
  revision = 1;
  participants: Participant[] = [];
  endedAt: string | null = null;
  /** What was asked, in order. */
  asked: string[] = [];
  bodies: object[] = [];
  /** Thrown at the next requests of a kind. */
  refuse: Partial<Record<'join' | 'offer' | 'media' | 'get', Error>> = {};
  /** Requests of a kind that nobody answers. */
  swallow = new Set<string>();
  token = 0;

  call(): Call {
    return testCall({ ended_at: this.endedAt, revision: this.revision, participants: this.participants });
  }
  /** The next snapshot. */
  change(act: () => void = () => {}): Call {
    this.revision += 1;
    act();
    return this.call();
  }
  async #take(kind: 'join' | 'offer' | 'media' | 'get', body: object = {}): Promise<void> {
    this.asked.push(kind);
    this.bodies.push(body);
    if (this.swallow.has(kind)) await new Promise(() => {});
    const refusal = this.refuse[kind];
    if (refusal) throw refusal;
  }
  async join(_call: string, body: object): Promise<Joined> {
    await this.#take('join', body);
    this.token += 1;
    if (!this.participants.some(({ id }) => id === ME)) this.participants = [...this.participants, person(ME)];
    return { participant_id: ME, token: `token ${this.token}`, answer: 'answer', call: this.change() };
  }
  async offer(_call: string, _who: string, body: object) {
    await this.#take('offer', body);
    return { answer: 'answer', call: this.change() };
  }
  async media(_call: string, _who: string, body: object): Promise<void> {
    await this.#take('media', body);
  }
  async leave(): Promise<void> {
    this.asked.push('leave');
  }
  async get(): Promise<Call> {
    await this.#take('get');
    return this.call();
  }
  /** The bodies of one kind of request. */
  of(kind: string): object[] {
    return this.bodies.filter((_, at) => this.asked[at] === kind);
  }
}

const refused = (status: number, code: string) => new Problem(status, { code });

let clock: TestClock;
let server: FakeServer;
let media: FakeMedia;
let devices: Devices;
let browser: FakeBrowser;
let ended: Call[];
let session: CallSession;
let live: boolean;

function enter(storage?: Storage): CallSession {
  media = new FakeMedia();
  devices = new Devices(fakeDevices(clock, media));
  browser = new FakeBrowser(clock, storage);
  return new CallSession({ api: server, devices, call: server.call(), me: { kind: 'guest' }, live: () => live, onEnded: (call) => ended.push(call), environment: browser.environment });
}

beforeEach(() => {
  clock = new TestClock();
  server = new FakeServer();
  server.participants = [person('part_guest')];
  ended = [];
  live = true;
  session = enter();
});

async function connect(): Promise<void> {
  await session.join();
  await clock.pass(2_000);
}

describe('joining', () => {
  test('offers what is sent and three slots of each kind, before the devices are there', async () => {
    media.hold = new Promise(() => {});
    await session.join();
    expect(browser.peer.transceivers.map(({ kind, direction }) => `${kind} ${direction}`)).toEqual([
      'audio sendonly',
      'video sendonly',
      ...['audio recvonly', 'video recvonly', 'audio recvonly', 'video recvonly', 'audio recvonly', 'video recvonly'],
    ]);
    expect(server.of('join')).toEqual([{ offer: 'offer of 8', microphone: 'off', video: 'off' }]);
    expect(session.phase).toBe('connecting');
  });

  test('sends the devices when they come, without another offer, and says so', async () => {
    await connect();
    expect(browser.peer.sent.audio).toBe(media.last('audio'));
    expect(browser.peer.sent.video).toBe(media.last('video'));
    expect(server.asked.filter((kind) => kind === 'join' || kind === 'offer')).toEqual(['join']);
    expect(server.of('media').at(-1)).toMatchObject({ token: 'token 1', microphone: 'on', video: 'camera' });
  });

  test('is connected only when packets flow', async () => {
    await session.join();
    browser.peer.flows = false;
    await clock.pass(3_000);
    expect(session.phase).toBe('connecting');
    browser.peer.flows = true;
    await clock.pass(1_000);
    expect(session.phase).toBe('connected');
  });

  test('goes on without microphone and camera', async () => {
    media.refuse = { audio: 'NotAllowedError', video: 'NotFoundError' };
    await connect();
    expect(session.phase).toBe('connected');
    expect(session.self).toMatchObject({ microphone: 'absent', video: 'absent', stream: null });
    expect(server.of('media').at(-1)).toMatchObject({ microphone: 'absent', video: 'absent' });
  });

  test.each([
    [409, 'call_full', 'failed', 'full'],
    [503, 'calls_unavailable', 'failed', 'unavailable'],
    [422, 'offer_invalid', 'failed', 'refused'],
    [409, 'call_ended', 'ended', null],
    [404, 'not_found', 'ended', null],
    [409, 'call_moved', 'moved', null],
  ] as const)('refused with %i %s is %s', async (status, code, phase, problem) => {
    server.refuse.join = refused(status, code);
    await session.join();
    expect(session.phase).toBe(phase);
    expect(session.problem).toBe(problem);
    expect(media.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
    expect(ended.length).toBe(phase === 'ended' ? 1 : 0);
  });

  test('tries again by itself while nobody answers', async () => {
    server.refuse.join = new Offline();
    await session.join();
    expect([session.phase, session.problem]).toEqual(['joining', 'offline']);
    server.refuse = {};
    await clock.pass(5_000);
    expect([session.phase, session.problem]).toEqual(['connected', null]);
  });

  test('in a browser without calls says so', async () => {
    browser.environment.createPeer = null;
    await session.join();
    expect([session.phase, session.problem]).toEqual(['failed', 'unsupported']);
  });
});

describe('a reload', () => {
  test('goes on as the same participant, muted if it was', async () => {
    const storage = new TestStorage();
    session = enter(storage);
    await connect();
    await session.toggleMicrophone();

    session.close();
    session = enter(storage);
    expect(await session.resumable()).toBe(true);
    await connect();
    expect(server.of('join').at(-1)).toMatchObject({ token: 'token 1' });
    expect(session.microphoneOn).toBe(false);
    expect(server.asked).not.toContain('leave');
  });

  test('after leaving begins nothing', async () => {
    const storage = new TestStorage();
    session = enter(storage);
    await connect();
    await session.leave();
    expect(session.phase).toBe('left');
    expect(server.asked).toContain('leave');
    expect(await session.resumable()).toBe(false);
    expect(browser.peer.connectionState).toBe('closed');
  });
});

describe('a tab that was duplicated', () => {
  test('joins by itself, and does not speak as the other one', async () => {
    const storage = new TestStorage();
    session = enter(storage);
    await connect();
    const claims = browser.claims;

    const copy = enter(storage);
    browser.claims = claims;
    expect(await copy.resumable()).toBe(false);
    await copy.join();
    expect(server.of('join')).toHaveLength(2);
    expect(server.of('join').at(-1)).not.toHaveProperty('token');

    session.close();
    copy.close();
    const reloaded = enter(storage);
    browser.claims = claims;
    expect(await reloaded.resumable()).toBe(true);
  });
});

describe('snapshots', () => {
  beforeEach(connect);

  const slots = (mid: string) => [
    { mid: '2', kind: 'audio' as const, from: 'part_guest', paused: false },
    { mid, kind: 'video' as const, from: 'part_guest', paused: false },
  ];
  const mine = (given: Partial<Participant>) => () => {
    server.participants = server.participants.map((each) => (each.id === ME ? { ...each, ...given } : each));
  };

  test('put the others’ streams into tiles that stay', () => {
    session.apply(server.change(mine({ slots: slots('3') })));
    const [tile] = session.others;
    const shown = tile?.video;
    expect(shown).not.toBeNull();
    expect(tile?.hasVideo).toBe(true);
    session.apply(server.change());
    expect(session.others[0]).toBe(tile);
    expect(session.others[0]?.video).toBe(shown);
    expect(browser.audios[0]?.srcObject).toBe(tile?.audio);
  });

  test('move a stream to whom its slot is given', () => {
    session.apply(server.change(mine({ slots: slots('3') })));
    const stream = session.others[0]?.video;
    server.participants = [...server.participants, person('part_other')];
    session.apply(server.change(mine({ slots: [{ mid: '3', kind: 'video', from: 'part_other', paused: true }] })));
    const [guest, other] = session.others;
    expect(guest?.video).toBeNull();
    expect(other?.video).toBe(stream);
    expect(other?.hasVideo).toBe(false);
    expect(browser.audios[0]?.removed).toBe(true);
  });

  test('that are older are dropped', () => {
    const older = server.call();
    session.apply(server.change(() => (server.participants = [person(ME)])));
    expect(session.others).toEqual([]);
    session.apply({ ...older, participants: [person(ME), person('part_guest')] });
    expect(session.others).toEqual([]);
  });

  test('bound what is sent', async () => {
    session.apply(server.change(mine({ send_max_kbps: 300 })));
    await settle();
    expect(browser.peer.sent).toMatchObject({ video_bps: 300_000, video_on: true });
    session.apply(server.change(mine({ send_max_kbps: 0 })));
    await settle();
    expect(browser.peer.sent.video_on).toBe(false);
  });

  test('that lack slots get more by one offer', async () => {
    session.apply(server.change(mine({ slots_missing: 2 })));
    session.apply(server.change());
    await settle();
    expect(server.of('offer')).toEqual([{ token: 'token 1', offer: 'offer of 12' }]);
  });

  test('tell who speaks', () => {
    session.speaking(['part_guest', ME]);
    expect(session.others[0]?.speaking).toBe(true);
    expect(session.self.speaking).toBe(true);
  });

  test('with an end end it', () => {
    session.apply(server.change(() => (server.endedAt = '2026-11-22T09:05:00Z')));
    expect(session.phase).toBe('ended');
    expect(ended).toHaveLength(1);
    expect(media.last('video').readyState).toBe('ended');
  });

  test('without us make us ask, and another window takes over', async () => {
    server.refuse.offer = refused(409, 'call_moved');
    session.apply(server.change(() => (server.participants = [person('part_guest')])));
    await settle();
    expect(session.phase).toBe('moved');
    // No light goes on for a call that is elsewhere.
    await session.toggleCamera();
    await session.toggleMicrophone();
    expect(media.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
    await session.useHere();
    await clock.pass(1_000);
    expect(session.phase).toBe('connected');
    expect(server.of('join').at(-1)).not.toHaveProperty('token');
  });
});

describe('a connection that dies', () => {
  beforeEach(connect);

  test('looks for new paths, and goes on', async () => {
    browser.peer.flows = false;
    await clock.pass(2_250);
    expect(session.phase).toBe('reconnecting');
    expect(browser.peer.restarts).toBe(1);
    expect(server.of('offer')).toHaveLength(1);
    browser.peer.flows = true;
    await clock.pass(500);
    expect(session.phase).toBe('connected');
    expect(browser.peers).toHaveLength(1);
  });

  test('joins again as the same participant, and keeps the picture until the new one', async () => {
    const slots = [{ mid: '3', kind: 'video' as const, from: 'part_guest', paused: false }];
    session.apply(server.change(() => (server.participants = server.participants.map((each) => (each.id === ME ? { ...each, slots } : each)))));
    const last = session.others[0]?.video;
    // A new connection has no slots at first.
    server.participants = server.participants.map((each) => ({ ...each, slots: [] }));
    server.refuse.offer = new Offline();
    browser.peer.flows = false;
    await clock.pass(7_000);
    expect(browser.peers).toHaveLength(2);
    expect(server.of('join').at(-1)).toMatchObject({ token: 'token 1' });
    expect(session.phase).toBe('connected');
    expect(session.others[0]?.video).toBe(last);
    session.apply(server.change(() => (server.participants = server.participants.map((each) => (each.id === ME ? { ...each, slots } : each)))));
    expect(session.others[0]?.video).not.toBe(last);
    expect(browser.peer.sent.audio).toBe(media.last('audio'));
  });

  test('does not wait when the server has forgotten it', async () => {
    server.refuse.offer = refused(410, 'call_peer_gone');
    browser.peer.flows = false;
    await clock.pass(2_500);
    expect(browser.peers).toHaveLength(2);
  });

  test('is not held up by a request that nobody answers', async () => {
    server.swallow.add('offer');
    browser.peer.flows = false;
    await clock.pass(6_500);
    expect(browser.peers).toHaveLength(2);
    await clock.pass(1_000);
    expect(session.phase).toBe('connected');
  });

  test('comes back when the server does, soon after its socket', async () => {
    browser.peer.flows = false;
    server.refuse = { join: new Offline(), offer: new Offline(), get: new Offline() };
    await clock.pass(12_000);
    expect([session.phase, session.problem]).toEqual(['reconnecting', 'offline']);
    server.refuse = {};
    session.socketBack();
    await clock.pass(1_000);
    expect([session.phase, session.problem, session.reconnectingSince]).toEqual(['connected', null, null]);
  });

  test('ends where the server says so', async () => {
    server.refuse.offer = refused(409, 'call_ended');
    browser.peer.flows = false;
    await clock.pass(2_500);
    expect(session.phase).toBe('ended');
  });

  test('is looked at when the network changes', async () => {
    browser.peer.flows = false;
    browser.window.dispatchEvent(new Event('online'));
    await clock.pass(1_000);
    expect(browser.peer.restarts).toBe(1);
  });
});

describe('without the live socket', () => {
  const heard = (connected: boolean) => () => {
    server.participants = server.participants.map((each) => (each.id === ME ? { ...each, connected } : each));
  };

  beforeEach(() => {
    // As the server answers: it has heard nothing yet of who joins.
    server.participants = [...server.participants, person(ME, { connected: false })];
  });

  test('asks whether the server hears us, and is connected', async () => {
    await session.join();
    server.change(heard(true));
    await clock.pass(2_500);
    expect(session.phase).toBe('connected');
    expect(browser.peers).toHaveLength(1);
  });

  test('takes no old word against packets that flow', async () => {
    server.swallow.add('get');
    await session.join();
    await clock.pass(5_000);
    expect(session.phase).toBe('connected');
    await clock.pass(30_000);
    expect(session.phase).toBe('connected');
    expect(browser.peers).toHaveLength(1);
  });

  test('joins again where the server goes on to say that it hears nothing', async () => {
    await session.join();
    await clock.pass(7_000);
    expect(session.phase).toBe('connecting');
    expect(browser.peers).toHaveLength(2);
  });

  test('sees who comes and goes', async () => {
    heard(true)();
    await connect();
    live = false;
    server.change(() => (server.participants = [...server.participants, person('part_other')]));
    await clock.pass(2_000);
    expect(session.others.map(({ id }) => id)).toEqual(['part_guest', 'part_other']);
    live = true;
    await clock.pass(2_000);
    const asked = server.asked.length;
    await clock.pass(10_000);
    expect(server.asked).toHaveLength(asked);
  });
});

describe('leaving while the way in is not yet open', () => {
  test('leaves nobody behind', async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    const { join } = server;
    server.join = async (...given) => {
      await held;
      return join.apply(server, given);
    };
    const joining = session.join();
    await settle();
    await session.leave();
    expect(session.phase).toBe('left');
    expect(server.asked).not.toContain('leave');
    answer();
    await joining;
    await settle();
    expect(server.asked).toContain('leave');
    expect(session.phase).toBe('left');
    expect(browser.peers.every(({ connectionState }) => connectionState === 'closed')).toBe(true);
    expect(media.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });
});

describe('what the others are told', () => {
  beforeEach(connect);

  test('is the latest, again and again until it is known', async () => {
    server.refuse.media = new Offline();
    await session.toggleMicrophone();
    await session.toggleCamera();
    await settle();
    server.refuse = {};
    await clock.pass(3_500);
    expect(server.of('media').at(-1)).toMatchObject({ microphone: 'off', video: 'off' });
    expect(browser.peer.sent.video).toBeNull();
  });

  test('is that a phone call came in, and that it is over', async () => {
    media.last('audio').dispatchEvent(new Event('mute'));
    await clock.pass(1_100);
    expect(session.interrupted).toBe(true);
    expect(server.of('media').at(-1)).toMatchObject({ microphone: 'interrupted' });
    await session.resume();
    await settle();
    expect(session.interrupted).toBe(false);
    expect(server.of('media').at(-1)).toMatchObject({ microphone: 'on' });
    expect(browser.peer.sent.audio).toBe(media.last('audio'));
  });
});

describe('a shared screen', () => {
  beforeEach(connect);

  test('takes the camera’s place and gives it back, without an offer', async () => {
    const camera = media.last('video');
    await session.shareScreen();
    await settle();
    expect(browser.peer.sent.video).toBe(browser.screens[0]);
    expect(browser.screens[0]?.contentHint).toBe('detail');
    expect(session.sharing).toBe(true);
    expect(session.cameraOn).toBe(true);
    expect(server.of('media').at(-1)).toMatchObject({ video: 'screen' });
    // The browser's own bar.
    browser.screens[0]?.end();
    await settle();
    expect(browser.peer.sent.video).toBe(camera);
    expect(server.of('media').at(-1)).toMatchObject({ video: 'camera' });
    expect(server.asked).not.toContain('offer');
  });

  test('that the person did not choose changes nothing', async () => {
    browser.refuseScreen = true;
    await session.shareScreen();
    expect(session.sharing).toBe(false);
    expect(browser.peer.sent.video).toBe(media.last('video'));
  });
});

describe('sound', () => {
  test('that the browser holds back waits for a tap', async () => {
    browser.soundBlocked = true;
    server.participants = [person('part_guest')];
    await connect();
    const slots = [{ mid: '2', kind: 'audio' as const, from: 'part_guest', paused: false }];
    session.apply(server.change(() => (server.participants = server.participants.map((each) => ({ ...each, slots })))));
    await settle();
    expect(session.soundBlocked).toBe(true);
    for (const audio of browser.audios) audio.blocked = false;
    await session.unlockSound();
    expect(session.soundBlocked).toBe(false);
  });
});
