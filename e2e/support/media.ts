import { expect, type Page } from '@playwright/test';

/** Packets and pictures of a page's newest connection, as the browser counts them. */
export interface Flow {
  state: string;
  fragment: string;
  protocol: string;
  /** Frames decoded, and audio packets received, in all. */
  frames: number;
  sounds: number;
  /** Frames encoded in all. */
  sent: number;
  /** How many connections the page has made so far. */
  connections: number;
}

declare global {
  interface Window {
    connections: RTCPeerConnection[];
  }
}

/** Remembers a page's connections, so that a test can ask the browser what really flows. */
export async function watchMedia(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.connections = [];
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.connections.push(this);
      }
    };
  });
}

/** What flows now. */
export async function flow(page: Page): Promise<Flow> {
  return page.evaluate(async () => {
    const flow = { state: 'none', fragment: '', protocol: '', frames: 0, sounds: 0, sent: 0, connections: window.connections.length };
    const newest = window.connections.at(-1);
    if (!newest) return flow;
    flow.state = newest.connectionState;
    flow.fragment = /a=ice-ufrag:(\S+)/.exec(newest.localDescription?.sdp ?? '')?.[1] ?? '';
    const report = await newest.getStats();
    report.forEach((stat: Record<string, unknown>) => {
      if (stat['type'] === 'inbound-rtp' && stat['kind'] === 'video') flow.frames += Number(stat['framesDecoded'] ?? 0);
      if (stat['type'] === 'inbound-rtp' && stat['kind'] === 'audio') flow.sounds += Number(stat['packetsReceived'] ?? 0);
      if (stat['type'] === 'outbound-rtp' && stat['kind'] === 'video') flow.sent += Number(stat['framesEncoded'] ?? 0);
      if (stat['type'] === 'candidate-pair' && stat['nominated'] && stat['state'] === 'succeeded') {
        flow.protocol = String((report.get(String(stat['localCandidateId'])) as { protocol?: string } | undefined)?.protocol);
      }
    });
    return flow;
  });
}

/** Waits until sound, and picture if there is one, keep coming in: connected means that packets flow. */
export async function expectFlow(page: Page, what: { picture: boolean } = { picture: true }, timeout = 15_000): Promise<void> {
  let before = await flow(page);
  await expect
    .poll(
      async () => {
        const now = await flow(page);
        const more = now.connections === before.connections && now.sounds > before.sounds && (!what.picture || now.frames > before.frames);
        before = now;
        return more;
      },
      { timeout, intervals: [400] },
    )
    .toBe(true);
}
