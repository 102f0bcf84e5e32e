import { test as base } from '@playwright/test';
import { Desk } from './desk.ts';
import { People } from './people.ts';
import { Network } from './proxy.ts';
import { MediaRelay } from './relay.ts';

interface Fixtures {
  /** A running desk with the sample organization. */
  desk: Desk;
  /** A running desk that nobody has set up. */
  emptyDesk: Desk;
  /** Browsers for the persons of the test. */
  people: People;
  /** The network of media, to disturb; `mediaDesk` is behind it. */
  relay: MediaRelay;
  /** A running desk with the sample organization, its media behind the relay. */
  mediaDesk: Desk;
  /** A network to cut, for one person. */
  network: Network;
}

export const test = base.extend<Fixtures>({
  desk: async ({}, use, info) => {
    const desk = await Desk.demo();
    await use(desk);
    if (info.status !== info.expectedStatus) await info.attach('server log', { body: desk.lastWords });
    await desk.stop();
  },
  emptyDesk: async ({}, use, info) => {
    const desk = await Desk.empty();
    await use(desk);
    if (info.status !== info.expectedStatus) await info.attach('server log', { body: desk.lastWords });
    await desk.stop();
  },
  relay: async ({}, use) => {
    const relay = await MediaRelay.start();
    await use(relay);
    await relay.stop();
  },
  mediaDesk: async ({ relay }, use, info) => {
    const desk = await Desk.behind(relay);
    await use(desk);
    if (info.status !== info.expectedStatus) await info.attach('server log', { body: desk.lastWords });
    await desk.stop();
  },
  network: async ({}, use) => {
    const network = await Network.start();
    await use(network);
    await network.stop();
  },
  people: async ({ browser }, use) => {
    const people = new People(browser);
    await use(people);
    await people.leave();
  },
});

export { expect } from '@playwright/test';
