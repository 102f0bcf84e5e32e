import { Api } from '../support/api.ts';
import { Inspector } from '../support/inspector.ts';
import { OperatorBrowser } from '../support/operator.ts';
import { expect, test } from '../support/test.ts';

for (const language of ['en', 'de'] as const) {
  for (const theme of ['light', 'dark'] as const) {
    test.describe(`${language}, ${theme}`, () => {
      test.setTimeout(300_000);

      test('the doors: signing in, setting up, accepting an invitation', async ({ desk, emptyDesk, people }) => {
        const inspector = await Inspector.of(language, theme);
        const page = await people.stranger(desk, { language, theme });
        const stranger = new OperatorBrowser(page, language);
        await page.goto(`${desk.url}/sign-in`);
        await expect(stranger.button('signIn')).toBeVisible();
        await inspector.look(page, 'sign-in');

        await stranger.field('email').fill('nobody@ashgrove.example');
        await page.getByLabel(stranger.name.password, { exact: true }).fill('not this one either');
        await stranger.button('signIn').click();
        await expect(page.getByRole('alert')).toBeVisible();
        await inspector.look(page, 'sign-in refused');

        const api = await Api.signIn(desk, desk.administrator);
        const invite = await api.call<{ link: string }>('POST', '/operator-invites', {
          email: 'jonas@ashgrove.example',
          role: 'operator',
        });
        await page.goto(invite.link);
        await expect(stranger.field('yourName')).toBeVisible();
        await inspector.look(page, 'invitation');
        await page.goto(`${desk.url}/invite/${'x'.repeat(22)}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await inspector.look(page, 'invitation unknown');
        await page.goto(`${desk.url}/setup/${'x'.repeat(22)}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await inspector.look(page, 'set-up closed');
        await page.goto(`${desk.url}/reset`);
        await expect(stranger.field('email')).toBeVisible();
        await inspector.look(page, 'password forgotten');
        await page.goto(`${desk.url}/reset/${'x'.repeat(22)}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await inspector.look(page, 'password link unknown');
        await page.goto(`${desk.url}/help`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await inspector.look(page, 'help');
        await page.goto(`${desk.url}/help/search`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await inspector.look(page, 'help, search');

        const founder = await people.stranger(emptyDesk, { language, theme });
        await founder.goto(emptyDesk.setupLink);
        await expect(new OperatorBrowser(founder, language).button('createOrganization')).toBeVisible();
        await inspector.look(founder, 'set-up');
        await founder.goto(`${emptyDesk.url}/reset`);
        await expect(founder.getByRole('heading', { level: 1 })).toBeVisible();
        await inspector.look(founder, 'password forgotten, no mail');
      });

      test('the desk: list, case, questions, menus', async ({ desk, people, network }) => {
        const inspector = await Inspector.of(language, theme);
        const api = await Api.signIn(desk, desk.operator(0));
        const { id, link } = await api.createCase('Nick Evans', { email: 'nick@evans.example', notes: 'Calls before noon.' });
        const operator = await people.operator(desk, desk.operator(0), { language, theme, network });
        const { page, name } = operator;
        await inspector.look(page, 'desk, no case open');

        await operator.button('createNewCase').click();
        await inspector.look(page, 'desk, new case');
        await page.keyboard.press('Escape');

        await inspector.look(page, 'desk, filter', async () => {
          const filter = page.getByRole('dialog', { name: language === 'en' ? 'Filter cases' : 'Fälle filtern' });
          // A change of the window closes it, sooner or later.
          await expect(async () => {
            if (!(await filter.isVisible())) await operator.button('myActiveCases').click();
            await expect(filter).toBeVisible({ timeout: 1_000 });
          }).toPass();
        });
        await page.keyboard.press('Escape');
        const search = page.getByRole('combobox', { name: name.searchCases, exact: true });
        await search.fill('Evans');
        await expect(page.getByRole('listbox').getByRole('option').first()).toBeVisible();
        await inspector.look(page, 'desk, search');
        await search.fill('79797979');
        await expect(page.getByText(/79797979/)).toBeVisible();
        await inspector.look(page, 'desk, nothing found');
        await search.fill('');
        await page.keyboard.press('Control+k');
        await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible();
        await inspector.look(page, 'desk, palette');
        await page.keyboard.press('Escape');

        const guest = await people.guest(desk, link, { language, theme });
        await guest.chat.send('12345 https://example.org/a-very-long-address/that-has-to-break-somewhere/on-a-phone 🎉');
        await page.goto(`${desk.url}/cases/${id}`);
        await expect(operator.chat.region.getByText('12345')).toBeVisible();
        await operator.chat.send('67890');
        await inspector.look(page, 'case');

        await inspector.look(page, 'case, options', async () => {
          await operator.showDetails();
          await operator.button('options').click();
          await expect(page.getByRole('menu', { name: name.options })).toBeVisible();
        });
        // The window has changed, so the menu is closed.
        await expect(page.getByRole('menu')).toBeHidden();
        await operator.button('options').click();
        await page.getByRole('menuitem', { name: name.deleteCase, exact: true }).click();
        await expect(page.getByRole('alertdialog')).toBeVisible();
        await inspector.look(page, 'case, delete question');
        await page.getByRole('alertdialog').getByRole('button', { name: name.cancel, exact: true }).click();

        await inspector.look(page, 'case, details', () => operator.showDetails());
        await page.goto(`${desk.url}/cases/${id}`);
        await operator.button('quickResponses').click();
        await expect(page.getByRole('option').first()).toBeVisible();
        await inspector.look(page, 'case, quick responses', async () => {
          const first = page.getByRole('option').first();
          await expect(async () => {
            if (!(await first.isVisible())) await operator.button('quickResponses').click();
            await expect(first).toBeVisible({ timeout: 1_000 });
          }).toPass();
        });
        await page.keyboard.press('Escape');
        await operator.showDetails();
        await page.getByRole('button', { name: name.handOver, exact: true }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await inspector.look(page, 'case, hand over');
        await page.keyboard.press('Escape');

        network.set('closed');
        await operator.chat.send('13579');
        await expect(page.getByRole('status').filter({ hasText: /No connection|Keine Verbindung/ }).first()).toBeVisible();
        await inspector.look(page, 'case, offline');
        await operator.showDetails();
        await operator.field('internalNotes').fill('1111');
        await api.call('PATCH', `/cases/${id}`, { notes: { value: '2222', version: 1 } });
        network.set('pass');
        await expect(operator.details.getByText('2222')).toBeVisible({ timeout: 30_000 });
        await inspector.look(page, 'case, conflict', () => operator.showDetails());

        await api.call('POST', `/cases/${id}/complete`, {});
        await expect(operator.button('reopen')).toBeVisible();
        await inspector.look(page, 'case completed');
        await api.call('DELETE', `/cases/${id}`);
        await expect(operator.chat.composer).toBeHidden();
        await inspector.look(page, 'case deleted by somebody else');

        await page.goto(`${desk.url}/nowhere`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await inspector.look(page, 'no such page');
      });

      test('the settings of an administrator', async ({ desk, people }) => {
        const inspector = await Inspector.of(language, theme);
        const operator = await people.operator(desk, desk.administrator, { language, theme });
        const { page } = operator;
        await inspector.look(page, 'settings menu', async () => {
          await operator.button('settings').click();
          await expect(page.getByRole('menu')).toBeVisible();
        });
        await expect(page.getByRole('menu')).toBeHidden();
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog')).toBeVisible();
        await inspector.look(page, 'keyboard shortcuts');
        await page.keyboard.press('Escape');
        for (const section of ['profile', 'language', 'responses', 'security', 'team', 'workflow', 'fields', 'branding', 'audit']) {
          await page.goto(`${desk.url}/settings/${section}`);
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
          await inspector.look(page, `settings, ${section}`);
        }
      });

      test('the guest page and its dead ends', async ({ desk, people, network }) => {
        const inspector = await Inspector.of(language, theme);
        await (await Api.signIn(desk, desk.administrator)).call('PATCH', '/organization', {
          contact_email: 'help@ashgrove.example',
          contact_phone: '+44 113 496 0000',
        });
        const api = await Api.signIn(desk, desk.operator(0));
        const { id, link } = await api.createCase('Nick Evans', { language });
        const guest = await people.guest(desk, link, { language, theme, network });
        await inspector.look(guest.page, 'guest, nothing said yet');

        await api.say(id, 'Guten Tag! 👋 https://example.org/x');
        await guest.chat.send('Danke 🎉');
        await expect(guest.chat.region.getByText('👋')).toBeVisible();
        await inspector.look(guest.page, 'guest, chat');

        network.set('closed');
        await guest.chat.send('123');
        await expect(guest.page.getByRole('status').filter({ hasText: /No connection|Keine Verbindung/ })).toBeVisible();
        await inspector.look(guest.page, 'guest, offline');
        const cutOff = await people.guest(desk, link, { language, theme });
        await expect(cutOff.chat.composer).toBeVisible();
        network.set('pass');
        await expect(cutOff.chat.region.getByText('123')).toBeVisible();

        await api.call('POST', `/cases/${id}/complete`, {});
        await expect(guest.page.getByRole('heading', { name: /completed|abgeschlossen/ })).toBeVisible();
        await inspector.look(guest.page, 'guest, case completed');
        await api.call('DELETE', `/cases/${id}`);
        await expect(guest.page.getByRole('heading', { name: /deleted|gelöscht/ })).toBeVisible();
        await inspector.look(guest.page, 'guest, case deleted');

        const lost = await people.guest(desk, `${desk.url}/g/${'x'.repeat(22)}`, { language, theme });
        await expect(lost.page.getByRole('heading', { level: 1 })).toBeVisible();
        await inspector.look(lost.page, 'guest, link unknown');
      });
    });
  }
}
