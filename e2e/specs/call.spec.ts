import { expectFlow, flow } from '../support/media.ts';
import type { GuestBrowser } from '../support/guest.ts';
import type { OperatorBrowser } from '../support/operator.ts';
import { expect, test } from '../support/test.ts';

/** The guest answers: what stands between the ring and the call is the look at camera and microphone. */
async function join(guest: GuestBrowser): Promise<void> {
  await guest.call.control('joinCall').first().click();
  await expect(guest.page.getByRole('meter')).toBeVisible();
  await guest.call.control('joinCall').click();
  await expect(guest.call.stage).toBeVisible();
}

/** Each has one tile of the other, and packets go both ways. */
async function expectToSeeEachOther(operator: OperatorBrowser, guest: GuestBrowser, timeout?: number): Promise<void> {
  await Promise.all([expectFlow(operator.page, { picture: true }, timeout), expectFlow(guest.page, { picture: true }, timeout)]);
  for (const side of [operator, guest]) await expect.poll(() => side.call.pictures()).toBe(2);
}

test('operator and guest see each other in the case', async ({ desk, people }) => {
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink());
  await expect(guest.chat.composer).toBeVisible();

  await test.step('the page rings, the guest looks at camera and microphone, and joins', async () => {
    await operator.call.control('startVideoCall').click();
    await expect(operator.call.stage).toBeVisible();
    await expect(guest.call.control('joinCall')).toBeVisible();
    await join(guest);
    await expectToSeeEachOther(operator, guest);
  });

  await test.step('they write meanwhile', async () => {
    await operator.chat.send('Do you see the valve?');
    await guest.page.getByRole('button', { name: /^Chat/ }).click();
    await guest.chat.expectToSay('Do you see the valve?');
    await guest.chat.send('Yes, on the left');
    await operator.chat.expectToSay('Yes, on the left');
    await guest.page.keyboard.press('Escape');
  });

  await test.step('microphone and camera off, and on again', async () => {
    await guest.call.control('microphone').click();
    await guest.call.expectOn('microphone', false);
    await expect(operator.call.stage.getByText('Microphone off')).toBeAttached();
    await guest.call.control('camera').click();
    await guest.call.expectOn('camera', false);
    await expect.poll(() => operator.call.pictures()).toBe(1);
    await guest.call.control('camera').click();
    await guest.call.control('microphone').click();
    await expectToSeeEachOther(operator, guest);
  });

  await test.step('a reload brings the same person back, once', async () => {
    await guest.page.reload();
    await expect(guest.call.stage).toBeVisible();
    await expectToSeeEachOther(operator, guest);
    await operator.page.reload();
    await expect(operator.call.stage).toBeVisible();
    await expectToSeeEachOther(operator, guest);
  });

  await test.step('the call goes on in a small window beside another case', async () => {
    await operator.createCase('Ida Evans');
    await expect(operator.call.stage).toBeVisible();
    await expectFlow(operator.page);
    expect((await flow(operator.page)).connections).toBe(1);
    await operator.openCase('Nick Evans');
    await expectToSeeEachOther(operator, guest);
  });

  await test.step('the end: who and how long, and the chat stays', async () => {
    await operator.call.control('endCall').click();
    await operator.page.getByRole('alertdialog').getByRole('button', { name: operator.name.endCall, exact: true }).click();
    await expect(guest.page.getByRole('heading', { name: /Thank you/ })).toBeVisible();
    await expect(guest.call.stage).toBeHidden();
    await expect(operator.call.control('startVideoCall')).toBeVisible();
    await expect(operator.chat.region.getByText(/started a video call$/)).toHaveCount(1);
    await expect(operator.chat.region.getByText(/^Video call started by Ifeoma Okafor ended after \d+/)).toHaveCount(1);
    await guest.chat.send('Thank you');
    await operator.chat.expectToSay('Thank you');
    for (const side of [operator, guest]) expect((await flow(side.page)).state).toBe('closed');
  });
});

test('the call stays up', async ({ mediaDesk: desk, relay, people, network }) => {
  test.setTimeout(240_000);
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink(), { network });
  await operator.call.control('startVideoCall').click();
  await join(guest);
  await expectToSeeEachOther(operator, guest);
  const fragment = async () => (await flow(guest.page)).fragment;

  await test.step('a new address heals without the guest doing anything', async () => {
    await relay.move(await fragment());
    await expectToSeeEachOther(operator, guest, 5_000);
    expect((await flow(guest.page)).connections).toBe(1);
  });

  await test.step('the socket is lost and the media is not: the call goes on', async () => {
    network.set('closed');
    await expect(guest.page.getByText('No connection', { exact: false }).first()).toBeAttached();
    await expectToSeeEachOther(operator, guest);
    network.set('pass');
    await expect(guest.page.getByText('No connection', { exact: false })).toHaveCount(0);
  });

  for (const seconds of [5, 30]) {
    await test.step(`the network is cut for ${seconds} s: both are told, and it comes back with one tile`, async () => {
      const cut = relay.loseFor((await flow(operator.page)).fragment, seconds);
      await expect(operator.call.stage.getByText(/reconnecting/i).first()).toBeVisible();
      await expect(guest.call.stage.getByText(/reconnecting/i).first()).toBeVisible();
      await cut;
      await expectToSeeEachOther(operator, guest, 20_000);
    });
  }

  await test.step('the server loses power: back within 15 seconds', async () => {
    await desk.kill();
    await desk.start();
    await expectToSeeEachOther(operator, guest, 15_000);
  });

  await test.step('the line is poor: sound and picture go on', async () => {
    relay.loss(await fragment(), 10);
    await expectToSeeEachOther(operator, guest);
  });
});

test('no UDP gets through: the call takes TCP', async ({ mediaDesk: desk, relay, people }) => {
  relay.blockUdp();
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink());
  await operator.call.control('startVideoCall').click();
  await join(guest);
  await expectToSeeEachOther(operator, guest, 20_000);
  expect((await flow(guest.page)).protocol).toBe('tcp');
});

test('without camera by voice, without both by chat', async ({ desk, people }) => {
  const operator = await people.operator(desk, desk.operator(0), { devices: ['microphone'] });
  await operator.createCase('Nick Evans');
  const link = await operator.copyGuestLink();
  await operator.call.control('startVideoCall').click();
  await expect(operator.call.stage).toBeVisible();
  await operator.call.expectOn('microphone', true);
  await operator.call.expectOn('camera', false);

  const guest = await people.guest(desk, link, { devices: [] });
  await guest.call.control('joinCall').first().click();
  await expect(guest.page.getByText('Your browser does not let us see or hear you')).toBeVisible();
  await guest.call.control('joinCall').click();
  await expectFlow(guest.page, { picture: false });
  await expect(operator.call.stage.getByText('No microphone')).toBeAttached();
});
