import { expect, test } from '../support/test.ts';
import type { Conversation } from '../support/conversation.ts';

/** Every word that the tests send, wherever it stands on a screen. */
const WORDS = /(?:operator|guest)-\d\d\b/;

/** Within this time an operator sees that a guest has come (S104) or is gone (S105). */
const ONLINE_MS_MAX = 2_000;
const AWAY_MS_MAX = 30_000;
/** Within this time a guest who waits at a completed case is let in when it is opened again. */
const REOPENED_MS_MAX = 3_000;

/** Sends from both sides at once, each in order. */
async function bothWrite(operator: Conversation, guest: Conversation, from: number, to: number): Promise<void> {
  const write = async (who: Conversation, name: string) => {
    for (let n = from; n <= to; n++) await who.send(`${name}-${String(n).padStart(2, '0')}`);
  };
  await Promise.all([write(operator, 'operator'), write(guest, 'guest')]);
}

/** Both screens show the same words: each exactly once, each sender's in order, in one order of all. */
async function expectOneStory(operator: Conversation, guest: Conversation, each: number): Promise<void> {
  await expect(async () => {
    const [here, there] = [await operator.said(WORDS), await guest.said(WORDS)];
    expect(here).toHaveLength(2 * each);
    expect(there).toEqual(here);
  }).toPass({ timeout: 45_000 });
  const story = await operator.said(WORDS);
  for (const name of ['operator', 'guest']) {
    const own = story.filter((word) => word.startsWith(name));
    expect(own).toEqual(Array.from({ length: each }, (_, n) => `${name}-${String(n + 1).padStart(2, '0')}`));
  }
}

test('an operator and a guest meet in a case, write, and part', async ({ desk, people }) => {
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const link = await operator.copyGuestLink();
  await expect(operator.details.getByText(operator.name.away, { exact: true })).toBeVisible();

  const guest = await people.guest(desk, link);
  await expect(operator.details.getByText(operator.name.online, { exact: true })).toBeVisible({ timeout: ONLINE_MS_MAX });
  await expect(guest.page.getByText('Nick Evans').first()).toBeVisible();

  await test.step('twenty messages each way', async () => {
    await bothWrite(operator.chat, guest.chat, 1, 20);
    await expectOneStory(operator.chat, guest.chat, 20);
  });

  await test.step('a reload shows the same', async () => {
    await Promise.all([operator.page.reload(), guest.page.reload()]);
    await expectOneStory(operator.chat, guest.chat, 20);
  });

  await test.step('typing shows, and goes away', async () => {
    await guest.chat.composer.pressSequentially('Well', { delay: 40 });
    await expect(operator.chat.region.getByText('is typing')).toBeVisible();
    await guest.chat.composer.fill('');
    await expect(operator.chat.region.getByText('is typing')).toBeHidden();
    await operator.chat.composer.pressSequentially('Well', { delay: 40 });
    await expect(guest.chat.region.getByText('is typing')).toBeVisible();
    await operator.chat.composer.fill('');
    await expect(guest.chat.region.getByText('is typing')).toBeHidden();
  });

  await test.step('both see what the other has read', async () => {
    await expect(operator.chat.region.getByText(/^Read( \d\d:\d\d)?$/).last()).toBeVisible();
    await expect(guest.chat.region.getByText(/^\d\d:\d\d, read$/).last()).toBeVisible();
  });

  await test.step('a new name reaches the guest', async () => {
    await operator.rename('Nick and Ida Evans');
    await expect(guest.page.getByText('Nick and Ida Evans').first()).toBeVisible();
  });

  await test.step('complete, reopen, delete', async () => {
    await operator.button('complete').click();
    await expect(operator.button('reopen')).toBeVisible();
    await expect(guest.page.getByRole('heading', { name: 'completed' })).toBeVisible();
    await expect(guest.chat.composer).toBeHidden();
    // Whoever comes, or comes back, meanwhile waits at the door.
    const second = await people.guest(desk, link);
    for (const page of [second.page, guest.page]) {
      await page.reload();
      await expect(page.getByRole('heading', { name: 'completed' })).toBeVisible();
      await expect(page.getByText('Nick and Ida Evans')).toHaveCount(0);
    }

    await operator.button('reopen').click();
    await expect(operator.button('complete')).toBeVisible();
    for (const { chat } of [guest, second]) {
      await expect(chat.composer).toBeVisible({ timeout: REOPENED_MS_MAX });
      await expectOneStory(operator.chat, chat, 20);
    }
    await second.page.close();

    const id = operator.caseId;
    await operator.deleteCase();
    await expect(guest.page.getByRole('heading', { name: 'deleted' })).toBeVisible();
    expect(await operator.ask('DELETE', `/cases/${id}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const late = await people.guest(desk, link);
    await expect(late.page.getByRole('heading', { name: 'deleted' })).toBeVisible();
  });
});

test('nothing is lost, doubled or reordered when the network and the server go away', async ({
  desk,
  people,
  network,
}) => {
  test.setTimeout(240_000);
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink(), { network });
  await bothWrite(operator.chat, guest.chat, 1, 2);
  await expectOneStory(operator.chat, guest.chat, 2);

  await test.step('the cable is pulled', async () => {
    network.set('closed');
    await expect(guest.page.getByText('No connection', { exact: false })).toBeVisible();
    await bothWrite(operator.chat, guest.chat, 3, 5);
    await expect(guest.chat.region.getByText('Sending…').first()).toBeVisible();
    network.set('pass');
    await expectOneStory(operator.chat, guest.chat, 5);
  });

  await test.step('the connection looks open and carries nothing, and the server loses power', async () => {
    network.set('halfOpen');
    await Promise.all([
      bothWrite(operator.chat, guest.chat, 6, 8),
      expect(operator.details.getByText(operator.name.away, { exact: true })).toBeVisible({ timeout: AWAY_MS_MAX }),
    ]);
    await expect(guest.page.getByText('No connection', { exact: false })).toBeVisible({ timeout: 45_000 });
    await desk.kill();
    await bothWrite(operator.chat, guest.chat, 9, 10);
    await desk.start();
    await bothWrite(operator.chat, guest.chat, 11, 12);
    network.set('pass');
    await expectOneStory(operator.chat, guest.chat, 12);
  });

  await test.step('and all is as before', async () => {
    await expect(operator.details.getByText(operator.name.online, { exact: true })).toBeVisible();
    await expect(guest.page.getByText('No connection', { exact: false })).toBeHidden();
    await expect(guest.chat.region.getByText('Sending…')).toBeHidden();
    await bothWrite(operator.chat, guest.chat, 13, 14);
    await expectOneStory(operator.chat, guest.chat, 14);
  });
});

test('words written without a network are sent by the next visit', async ({ desk, people, network }) => {
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const link = await operator.copyGuestLink();
  const guest = await people.guest(desk, link, { network });
  await expect(guest.chat.composer).toBeVisible();
  network.set('closed');
  await guest.chat.send('The train goes into a tunnel');
  await guest.chat.expectToSay('The train goes into a tunnel');
  const browser = guest.page.context();
  await guest.page.close();
  network.set('pass');
  const later = await browser.newPage();
  await later.goto(link);
  await operator.chat.expectToSay('The train goes into a tunnel');
  expect(await operator.chat.said(/The train goes into a tunnel/)).toHaveLength(1);
});
