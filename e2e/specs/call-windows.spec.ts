import { loudness, readNumber, showNumber } from '../support/drawn.ts';
import { GuestBrowser } from '../support/guest.ts';
import { expectFlow, flow } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

/** The tiles of the others. */
const TILE = '[data-participant]';

test('what one side shows and says, the other side sees and hears', async ({ desk, people }) => {
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink());
  for (const [side, number] of [[operator, 178], [guest, 77]] as const) {
    await showNumber(side.page, number);
    await side.page.reload();
  }
  await operator.call.control('startVideoCall').click();
  await guest.call.control('joinCall').first().click();
  await expect(guest.page.getByRole('meter')).toBeVisible();
  await guest.call.control('joinCall').click();
  await Promise.all([expectFlow(operator.page), expectFlow(guest.page)]);

  await expect.poll(() => readNumber(guest.call.stage.locator(`${TILE} video`))).toBe(178);
  await expect.poll(() => readNumber(operator.call.stage.locator(`${TILE} video`))).toBe(77);
  for (const side of [operator, guest]) await expect.poll(() => loudness(side.page)).toBeGreaterThan(0.05);

  await guest.call.control('microphone').click();
  await expect.poll(() => loudness(operator.page)).toBeLessThan(0.01);
});

test('a person has one tile, whatever windows they open', async ({ desk, people }) => {
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink());
  await operator.call.control('startVideoCall').click();
  await guest.call.control('joinCall').first().click();
  await expect(guest.page.getByRole('meter')).toBeVisible();
  await guest.call.control('joinCall').click();
  await Promise.all([expectFlow(operator.page), expectFlow(guest.page)]);
  const tiles = () => operator.call.stage.locator(TILE).count();

  const copy = await test.step('a copy of the guest’s tab, with all that the tab had kept, waits for a tap', async () => {
    const opened = guest.page.waitForEvent('popup');
    await guest.page.evaluate(() => void window.open(location.href));
    const page = await opened;
    await expect(page.getByRole('button', { name: 'Back to the call' })).toBeVisible();
    await expectFlow(guest.page);
    expect(await tiles()).toBe(1);
    return new GuestBrowser(page, 'en');
  });

  await test.step('with the tap it takes the place over', async () => {
    await copy.page.getByRole('button', { name: 'Back to the call' }).click();
    await expect(copy.call.stage).toBeVisible();
    await expect(guest.page.getByText('You joined from another window')).toBeVisible();
    await expect(guest.call.control('camera')).toHaveCount(0);
    await expectFlow(operator.page);
    expect(await tiles()).toBe(1);
  });

  await test.step('and the first one takes it back', async () => {
    await guest.page.getByRole('button', { name: 'Use here' }).click();
    await expectFlow(guest.page);
    await expect(copy.page.getByText('You joined from another window')).toBeVisible();
    await expectFlow(operator.page);
    expect(await tiles()).toBe(1);
  });
});

test('who is cut off for longer than anybody waits comes back as the same one', async ({ mediaDesk: desk, relay, people, network }) => {
  test.setTimeout(180_000);
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink(), { network });
  await operator.call.control('startVideoCall').click();
  await guest.call.control('joinCall').first().click();
  await expect(guest.page.getByRole('meter')).toBeVisible();
  await guest.call.control('joinCall').click();
  await Promise.all([expectFlow(operator.page), expectFlow(guest.page)]);
  const tile = operator.call.stage.locator(TILE);
  const who = await tile.getAttribute('data-participant');

  network.set('closed');
  relay.lose((await flow(operator.page)).fragment);
  await expect(operator.call.stage.getByText(/reconnecting/i).first()).toBeVisible();
  // With the sockets gone as well, the place is cleared.
  await expect(tile).toHaveCount(0, { timeout: 60_000 });
  await expect(guest.call.stage.getByText(/reconnecting/i).first()).toBeVisible();

  network.set('pass');
  relay.lose(null);
  await expect(tile).toHaveCount(1, { timeout: 25_000 });
  await expect(tile).toHaveAttribute('data-participant', who ?? '');
  await Promise.all([expectFlow(operator.page), expectFlow(guest.page)]);
});
