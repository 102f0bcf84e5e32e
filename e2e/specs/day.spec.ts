import type { Locator } from '@playwright/test';
import { Api } from '../support/api.ts';
import { Received } from '../support/eavesdrop.ts';
import { Inspector } from '../support/inspector.ts';
import type { Language } from '../support/names.ts';
import type { OperatorBrowser } from '../support/operator.ts';
import { expect, test } from '../support/test.ts';

/** Where the customer stands when they share it. */
const GATE = { latitude: 52.5163, longitude: 13.3777, accuracy: 12 };

/** What the day presses and reads, beyond the names that all tests share. */
const WORDS = {
  en: {
    countryCode: /^Country code/,
    searchCountry: 'Search country or code',
    country: 'Germ',
    phone: 'Phone number',
    createdManually: 'created manually',
    results: 'Search results',
    internal: 'Internal',
    internalMessage: 'Internal message',
    mentioned: 'You were mentioned',
    looking: /is looking/,
    location: /location/i,
    getLocation: 'Get location',
    shareLocation: 'Share location',
    within: /within 12\sm/,
    taken: (name: string) => `${name} already took this case`,
    merge: 'Merge with another case',
    becomes: /becomes a part of/,
    mergeNow: 'Merge the cases',
    to: 'To',
    note: /^Note/,
    handedOver: 'Handed over to you',
    tomorrow: /^Tomorrow morning/,
    snoozed: /^Snoozed for you until/,
    goTo: 'Go to Contract since',
    completed: /completed/,
    merged: /merged/i,
    verify: 'Verify',
    whole: /entries/,
  },
  de: {
    countryCode: /^Landesvorwahl/,
    searchCountry: 'Land oder Vorwahl suchen',
    country: 'Deutschl',
    phone: 'Telefonnummer',
    createdManually: 'von Hand erstellt',
    results: 'Suchergebnisse',
    internal: 'Intern',
    internalMessage: 'Interne Nachricht',
    mentioned: 'Sie wurden erwähnt',
    looking: /sieht .* an/,
    location: /Standort/i,
    getLocation: 'Standort anfordern',
    shareLocation: 'Standort teilen',
    within: /auf 12\sm genau/,
    taken: (name: string) => `${name} hat diesen Fall schon übernommen`,
    merge: 'Mit anderem Fall zusammenführen',
    becomes: /wird Teil von/,
    mergeNow: 'Fälle zusammenführen',
    to: 'An',
    note: /^Notiz zur Übergabe/,
    handedOver: 'An Sie übergeben',
    tomorrow: /^Morgen früh/,
    snoozed: /^Für Sie zurückgestellt bis/,
    goTo: 'Zu Contract since',
    completed: /abgeschlossen/,
    merged: /zusammengeführt/,
    verify: 'Prüfen',
    whole: /Einträge/,
  },
} as const;

/** Chooses an entry of the Options of the open case. */
async function option(operator: OperatorBrowser, name: string | RegExp): Promise<void> {
  await operator.button('options').click();
  await operator.page.getByRole('menuitem', { name }).click();
}

/** Types into the search field and opens the hit with these words. */
async function find(operator: OperatorBrowser, results: string, words: string, hit: string | RegExp): Promise<void> {
  const field = operator.page.getByRole('combobox', { name: operator.name.searchCases, exact: true });
  await field.fill(words);
  await operator.page.getByRole('listbox', { name: results }).getByRole('option').filter({ hasText: hit }).first().click();
}

const DAYS: { language: Language; theme: 'light' | 'dark' }[] = [
  { language: 'en', theme: 'light' },
  { language: 'de', theme: 'dark' },
];

for (const { language, theme } of DAYS) test(`a working day of three operators and two customers: ${language}, ${theme}`, async ({ desk, people }) => {
  test.setTimeout(300_000);
  const words = WORDS[language];
  const inspector = await Inspector.of(language, theme);
  const seen = { language, theme };
  const chief = await people.operator(desk, desk.administrator, seen);
  const one = await people.operator(desk, desk.operator(0), seen);
  const two = await people.operator(desk, desk.operator(1), seen);
  const second = desk.operator(1).name;
  const api = await Api.signIn(desk, desk.administrator);

  await test.step('the administrator prepares the desk: a field, a prepared text, the location', async () => {
    await api.call('POST', '/custom-fields', { label: 'Contract since', kind: 'date', icon: 'calendar', help: 'As in the contract', required: true });
    await api.call('POST', '/quick-responses', { scope: 'global', shortcut: 'welcome', title: 'Welcome', text: 'Welcome to {organization_name}. This is case {case_number}.' });
    await chief.page.goto(`${desk.url}/settings/workflow`);
    const location = chief.page.getByRole('switch', { name: words.location });
    if ((await location.getAttribute('aria-checked')) !== 'true') await location.click();
    await expect(location).toHaveAttribute('aria-checked', 'true');
  });

  await test.step('a case with a number from the list of countries, notes and a tag', async () => {
    await one.button('createNewCase').click();
    const dialog = one.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: one.name.caseName, exact: true }).fill('Nick Evans');
    await dialog.getByRole('button', { name: words.countryCode }).click();
    await one.page.getByRole('combobox', { name: words.searchCountry }).fill(words.country);
    await one.page.keyboard.press('Enter');
    const phone = dialog.getByRole('textbox', { name: words.phone, exact: true });
    await expect(phone).toHaveValue(/^\+49/);
    await phone.pressSequentially('170 1234567');
    await dialog.getByRole('textbox', { name: one.name.internalNotes, exact: true }).fill('canary: prefers the morning');
    await inspector.look(one.page, 'day, new case');
    await dialog.getByRole('button', { name: one.name.createCase, exact: true }).click();
    await expect(one.page.getByRole('heading', { name: 'Nick Evans' })).toBeVisible();
  });

  const guest = await people.guest(desk, await one.copyGuestLink(), { ...seen, location: GATE });
  const received = new Received(guest.page);
  await guest.page.reload();

  await test.step('the customer writes; the phone stands in the details as one writes it', async () => {
    await guest.chat.send('My boiler of 2019 makes a humming sound');
    await one.chat.expectToSay('My boiler of 2019 makes a humming sound');
    await expect(one.details.getByText(words.createdManually)).toBeVisible();
    await expect(one.details.getByRole('textbox', { name: words.phone })).toHaveValue(/\+49\s?170/);
  });

  await test.step('a prepared text, filled in, goes to the customer', async () => {
    await one.chat.composer.fill('/welc');
    await expect(one.page.getByRole('option', { name: /Welcome/ })).toBeVisible();
    await one.page.keyboard.press('Enter');
    await expect(one.chat.composer).toHaveValue(/^Welcome to .+\. This is case #?\d+\.$/);
    await one.chat.composer.press('Enter');
    await expect(guest.chat.region.getByText(/^Welcome to .+ This is case/)).toBeVisible();
  });

  await test.step('a colleague is asked, in private', async () => {
    await one.page.getByRole('radio', { name: words.internal, exact: true }).check({ force: true });
    const composer = one.chat.region.getByRole('textbox', { name: words.internalMessage, exact: true });
    await composer.pressSequentially(`canary: please look @${second.slice(0, 4)}`);
    await one.page.getByRole('option', { name: second }).click();
    // The name brings its blank along; the one typed out of habit is that one.
    await composer.pressSequentially(' now');
    await expect(composer).toHaveValue(`canary: please look @${second} now`);
    await one.page.keyboard.press('Enter');
    await expect(one.chat.region.getByText('canary: please look')).toBeVisible();
    await two.page.goto(`${desk.url}/?view=attention`);
    await expect(two.caseRow('Nick Evans')).toContainText(words.mentioned);
    await two.openCase('Nick Evans');
    await expect(two.chat.region.getByText('canary: please look')).toBeVisible();
    await expect(one.caseRow('Nick Evans')).toContainText(words.looking);
    await inspector.look(two.page, 'day, mentioned');
  });

  await test.step('the location is asked for, and given', async () => {
    await one.details.getByRole('button', { name: words.getLocation }).click();
    await expect(guest.page.getByRole('button', { name: words.shareLocation })).toBeVisible();
    await inspector.look(guest.page, 'day, guest asked for the location');
    await guest.page.getByRole('button', { name: words.shareLocation }).click();
    await expect(one.details.getByText(/52[.,]51/)).toBeVisible();
    await expect(one.details.getByText(words.within)).toBeVisible();
  });

  await test.step('two reach for a waiting case at once: one has it, the other learns who', async () => {
    const { id } = await api.createCase('Grace Hopper');
    await api.call('POST', `/cases/${id}/queue`, {});
    const take = (operator: OperatorBrowser) => operator.caseList.getByRole('button', { name: `${operator.name.take} Grace Hopper`, exact: true });
    await two.page.goto(desk.url);
    await Promise.all([expect(take(one)).toBeVisible(), expect(take(two)).toBeVisible()]);
    // The second press is on its way while the first one wins.
    let arrive = () => {};
    const held = new Promise<void>((resolve) => (arrive = resolve));
    await two.page.route('**/claim', async (route) => {
      await held;
      await route.continue();
    });
    await take(two).click();
    await take(one).click();
    await expect(one.caseRow('Grace Hopper')).toBeVisible();
    arrive();
    await expect(two.caseList.getByText(words.taken(desk.operator(0).name))).toBeVisible();
    await expect(take(two)).toBeHidden();
    const { operators } = await api.call<{ operators: { name: string }[] }>('GET', `/cases/${id}`);
    expect(operators.map(({ name }) => name)).toEqual([desk.operator(0).name]);
  });

  await test.step('the same customer, twice: seen and merged', async () => {
    const { id, link } = await api.createCase('N. Evans', { phone: '0049 170 1234567' });
    const again = await people.guest(desk, link, seen);
    await again.chat.send('It is me again, the boiler of 2019 is cold now');
    await one.openCase('Nick Evans');
    await expect(one.details.getByRole('link', { name: /N\. Evans/ })).toBeVisible();
    await option(one, words.merge);
    const dialog = one.page.getByRole('dialog');
    await dialog.getByRole('combobox').fill('N. Evans');
    await one.page.getByRole('option').filter({ hasText: 'N. Evans' }).first().click();
    await expect(dialog.getByText(words.becomes)).toBeVisible();
    await inspector.look(one.page, 'day, merge');
    await dialog.getByRole('button', { name: words.mergeNow, exact: true }).click();
    await expect(dialog).toBeHidden();
    await one.chat.expectToSay('It is me again, the boiler of 2019 is cold now');
    const answer = await one.ask('GET', `/cases/${id}`);
    expect(answer.status).toBe(410);
    await one.chat.send('We have it all in one place');
    await again.chat.expectToSay('We have it all in one place');
    await guest.chat.expectToSay('We have it all in one place');
  });

  await test.step('found by a number as people say it, and by what was said', async () => {
    await find(one, words.results, '0170 123 45 67', 'Nick Evans');
    await find(one, words.results, 'humming', 'makes a humming sound');
    await expect(one.chat.region.getByText('My boiler of 2019 makes a humming sound')).toBeInViewport();
    await one.page.keyboard.press('Control+k');
    await one.page.keyboard.type('Nick');
    await expect(one.page.getByRole('dialog').getByRole('option').filter({ hasText: 'Nick Evans' }).first()).toBeVisible();
    await inspector.look(one.page, 'day, palette');
    await one.page.keyboard.press('Escape');
  });

  await test.step('handed over with a note', async () => {
    await one.page.getByRole('button', { name: one.name.handOver, exact: true }).click();
    const dialog = one.page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: words.to, exact: true }).selectOption({ label: await optionOf(dialog, second) });
    await dialog.getByRole('textbox', { name: words.note }).fill('canary: wants to be called before noon');
    await dialog.getByRole('button', { name: one.name.handOver, exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(two.caseRow('Nick Evans')).toContainText(words.handedOver);
    await two.openCase('Nick Evans');
    await expect(two.chat.region.getByText('canary: wants to be called before noon')).toBeVisible();
  });

  await test.step('put off until tomorrow; the customer wakes it', async () => {
    await option(two, words.tomorrow);
    await expect(two.page.getByText(words.snoozed)).toBeVisible();
    await expect(two.caseRow('Nick Evans')).toBeHidden();
    await guest.chat.send('One more thing');
    await expect(two.caseRow('Nick Evans')).toBeVisible();
    await expect(two.page.getByText(words.snoozed)).toBeHidden();
  });

  await test.step('separated: what is not one’s own is gone at once', async () => {
    await one.page.goto(`${desk.url}/?operator=everyone`);
    await expect(one.caseRow('Nick Evans')).toBeVisible();
    await api.call('PATCH', '/organization', { separate_operators: true });
    await expect(one.caseRow('Nick Evans')).toBeHidden();
    await api.call('PATCH', '/organization', { separate_operators: false });
  });

  await test.step('not completed while something required is missing, then completed and opened again', async () => {
    await two.button('complete').click();
    await two.page.getByRole('button', { name: words.goTo }).click();
    const since = two.details.getByRole('textbox', { name: 'Contract since', exact: true });
    await expect(since).toBeFocused();
    await since.fill('2019-05-02');
    await since.blur();
    await expect(two.details.getByRole('status').filter({ hasText: two.name.saved })).toBeVisible();
    await inspector.look(two.page, 'day, details', () => two.showDetails());
    await two.button('complete').click();
    await expect(two.button('reopen')).toBeVisible();
    await expect(guest.page.getByRole('heading', { name: words.completed })).toBeVisible();
    await two.button('reopen').click();
    await expect(two.button('complete')).toBeVisible();
    await expect(guest.chat.composer).toBeVisible();
  });

  await test.step('not a byte of what the team keeps to itself has reached the customer', async () => {
    const all = await received.all();
    expect(all).toContain('We have it all in one place');
    expect(all).not.toContain('canary');
  });

  await test.step('what was done stands in the log, and the log is whole', async () => {
    await chief.page.goto(`${desk.url}/settings/audit`);
    await expect(chief.page.getByText(words.merged).filter({ visible: true }).first()).toBeVisible();
    await chief.page.getByRole('button', { name: words.verify, exact: true }).click();
    await expect(chief.page.getByText(words.whole).filter({ visible: true }).first()).toBeVisible();
    await inspector.look(chief.page, 'day, audit log');
  });
});

/** The whole label of the choice that begins with these words. */
async function optionOf(dialog: Locator, begin: string): Promise<string> {
  const choice = dialog.getByRole('option').filter({ hasText: new RegExp(`^${begin}`) });
  return (await choice.textContent()) ?? '';
}
