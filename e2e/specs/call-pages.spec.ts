import { Api } from '../support/api.ts';
import { Inspector } from '../support/inspector.ts';
import { expectFlow } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

// Two of the four pairs: pictures that move cost the machine much, and the stage is dark in both themes.
for (const [language, theme] of [
  ['en', 'light'],
  ['de', 'dark'],
] as const) {
  test(`the call in every state: ${language}, ${theme}`, async ({ desk, people }) => {
    test.setTimeout(300_000);
    const inspector = await Inspector.of(language, theme);
    const api = await Api.signIn(desk, desk.operator(0));
    const { id, link } = await api.createCase('Nick Evans', { language });
    const other = await api.createCase('Ida Evans', { language });
    const operator = await people.operator(desk, desk.operator(0), { language, theme });
    const guest = await people.guest(desk, link, { language, theme });
    const { page, name } = operator;
    await page.goto(`${desk.url}/cases/${id}`);

    await operator.call.control('startVideoCall').click();
    await expect(operator.call.stage).toBeVisible();
    await inspector.look(page, 'call, nobody else there');
    await expect(guest.call.control('joinCall')).toBeVisible();
    await inspector.look(guest.page, 'guest, somebody calls');

    await guest.call.control('joinCall').click();
    await expect(guest.page.getByRole('meter')).toBeVisible();
    await inspector.look(guest.page, 'guest, camera and microphone check');
    await guest.call.control('joinCall').click();
    await expectFlow(page);
    await expectFlow(guest.page);
    await api.say(id, '12345');
    await inspector.look(page, 'call, the guest is there');
    await inspector.look(guest.page, 'guest, call');

    await inspector.look(page, 'call, devices', async () => {
      await operator.call.control('devices').click();
      await expect(page.getByRole('dialog', { name: name.devices })).toBeVisible();
    });
    // The window has changed, so the panel is closed.
    await expect(page.getByRole('dialog', { name: name.devices })).toBeHidden();
    await operator.call.control('endCall').click();
    await expect(page.getByRole('alertdialog')).toBeVisible();
    await inspector.look(page, 'call, end question');
    await page.keyboard.press('Escape');
    await page.goto(`${desk.url}/cases/${id}`);
    await expectFlow(page);
    await operator.openCase('Ida Evans');
    await expect(operator.call.stage).toBeVisible();
    await inspector.look(page, 'call, small window');

    await api.call('POST', `/cases/${id}/complete`, {});
    await api.call('POST', `/cases/${id}/reopen`, {});
    await page.goto(`${desk.url}/cases/${id}`);
    await expect(operator.call.control('startVideoCall')).toBeVisible();
    await inspector.look(page, 'call, over');

    // A colleague calls: the other operator may join, the guest says thank you in the end.
    const { id: second } = await api.call<{ id: string }>('POST', `/cases/${other.id}/calls`, {});
    await page.goto(`${desk.url}/cases/${other.id}`);
    await expect(operator.call.control('joinCall')).toBeVisible();
    await inspector.look(page, 'call, open without me');
    const visitor = await people.guest(desk, other.link, { language, theme });
    await visitor.call.control('joinCall').first().click();
    await expect(visitor.page.getByRole('meter')).toBeVisible();
    await visitor.call.control('joinCall').click();
    await expect(visitor.call.stage).toBeVisible();
    await api.call('POST', `/cases/${other.id}/calls/${second}/end`, {});
    await expect(visitor.call.stage).toBeHidden();
    await inspector.look(visitor.page, 'guest, after the call');

    const shut = await people.guest(desk, link, { language, theme, devices: [] });
    await operator.openCase('Nick Evans');
    await operator.call.control('startVideoCall').click();
    await shut.call.control('joinCall').first().click();
    await expect(shut.page.getByRole('list')).not.toHaveCount(0);
    await inspector.look(shut.page, 'guest, devices refused');
    await expect(operator.call.stage).toBeVisible();
  });
}
