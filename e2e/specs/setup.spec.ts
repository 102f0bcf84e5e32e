import { expect, test } from '../support/test.ts';
import { OperatorBrowser } from '../support/operator.ts';
import { names } from '../support/names.ts';

const PASSWORD = 'seven quiet heat pumps';

test('the printed link founds the organization once, and its administrator brings in an operator', async ({
  emptyDesk,
  people,
}) => {
  const founder = new OperatorBrowser(await people.stranger(emptyDesk), 'en');
  await founder.page.goto(emptyDesk.setupLink);
  await founder.field('organization').fill('Ashgrove Heating');
  await founder.field('yourName').fill('Maren Lindqvist');
  await founder.field('email').fill('maren@ashgrove.example');
  await founder.page.getByLabel(names.en.password, { exact: true }).fill(PASSWORD);
  await founder.button('createOrganization').click();
  await expect(founder.caseList).toBeVisible();
  await expect(founder.caseList.getByText('Maren Lindqvist')).toBeVisible();

  await test.step('the link is closed for good, also after a restart', async () => {
    await emptyDesk.kill();
    await emptyDesk.start();
    const late = new OperatorBrowser(await people.stranger(emptyDesk), 'en');
    await late.page.goto(emptyDesk.setupLink);
    await expect(late.page.getByRole('heading', { name: 'This server is set up already' })).toBeVisible();
    await expect(late.button('createOrganization')).toBeHidden();
    const answer = await late.ask('POST', '/setup', {
      token: emptyDesk.setupLink.split('/').at(-1),
      organization: 'Second',
      name: 'Eve',
      email: 'eve@second.example',
      password: PASSWORD,
      language: 'en',
      time_zone: 'Europe/Berlin',
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'setup_closed' } });
  });

  const link = await test.step('invite an operator by link', async () => {
    await founder.page.goto(`${emptyDesk.url}/settings/team`);
    await founder.page.getByRole('button', { name: 'Invite operator' }).click();
    const dialog = founder.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: names.en.email, exact: true }).fill('jonas@ashgrove.example');
    await dialog.getByRole('button', { name: 'Create invitation' }).click();
    const invitation = await founder.page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
    await founder.page.getByRole('button', { name: 'Done' }).click();
    await expect(founder.page.getByText('jonas@ashgrove.example')).toBeVisible();
    return invitation;
  });

  const colleague = new OperatorBrowser(await people.stranger(emptyDesk), 'en');
  await colleague.page.goto(link);
  await expect(colleague.page.getByRole('heading', { name: 'Join Ashgrove Heating' })).toBeVisible();
  await colleague.field('yourName').fill('Jonas Weber');
  await colleague.page.getByLabel(names.en.password, { exact: true }).fill(PASSWORD);
  await colleague.page.getByRole('button', { name: 'Accept invitation' }).click();
  await expect(colleague.caseList.getByText('Jonas Weber')).toBeVisible();

  await test.step('sign out and in again', async () => {
    await colleague.button('settings').click();
    await colleague.page.getByRole('menuitem', { name: names.en.signOut, exact: true }).click();
    await expect(colleague.button('signIn')).toBeVisible();
    await colleague.signIn({ name: 'Jonas Weber', email: 'jonas@ashgrove.example', password: PASSWORD, role: 'operator' });
    await expect(colleague.caseList).toBeVisible();
  });

  await test.step('the invitation is used up', async () => {
    const other = await people.stranger(emptyDesk);
    await other.goto(link);
    await expect(other.getByRole('heading', { name: 'This invitation cannot be opened' })).toBeVisible();
  });
});
