import type { Locator } from '@playwright/test';
import { expect, test } from '../support/test.ts';

test('two operators write in one field: both texts are kept and shown, and a person decides', async ({
  desk,
  people,
  network,
}) => {
  const first = await people.operator(desk, desk.operator(0));
  const second = await people.operator(desk, desk.operator(1), { network });
  await first.createCase('Nick Evans');
  await first.addOperator(desk.operator(1).name);
  await second.openCase('Nick Evans');

  await test.step('what one writes, the other sees', async () => {
    await first.field('internalNotes').fill('Gas boiler from 2004.');
    await expect(second.field('internalNotes')).toHaveValue('Gas boiler from 2004.');
  });

  await test.step('cut off, the second writes on; it says that this is not saved', async () => {
    network.set('closed');
    await second.field('internalNotes').fill('Gas boiler from 2004. Wants to keep the radiators.');
    await expect(second.details.getByRole('status').filter({ hasText: 'Not saved' })).toBeVisible();
    await first.field('internalNotes').fill('Gas boiler from 2004. Call back on Tuesday.');
    await expect(first.details.getByRole('status').filter({ hasText: first.name.saved })).toBeVisible();
    network.set('pass');
  });

  await test.step('back again, both texts stand side by side and nothing was overwritten', async () => {
    await expect(second.details.getByText('Call back on Tuesday.')).toBeVisible({ timeout: 30_000 });
    expect(await textOf(second.details)).toContain('Gas boiler from 2004. Wants to keep the radiators.');
    await expect(second.details.getByText(desk.operator(0).name).first()).toBeVisible();
    await expect(first.field('internalNotes')).toHaveValue('Gas boiler from 2004. Call back on Tuesday.');
  });

  await test.step('the second keeps theirs; both screens show it', async () => {
    await second.details.getByRole('button', { name: 'Keep yours' }).click();
    for (const operator of [first, second]) {
      await expect(operator.field('internalNotes')).toHaveValue('Gas boiler from 2004. Wants to keep the radiators.');
    }
  });
});

test('both type at once: no letter of either is gone', async ({ desk, people }) => {
  const first = await people.operator(desk, desk.operator(0));
  const second = await people.operator(desk, desk.operator(1));
  await first.createCase('Nick Evans');
  await first.addOperator(desk.operator(1).name);
  await second.openCase('Nick Evans');

  await Promise.all([
    first.field('internalNotes').pressSequentially('alpha alpha alpha', { delay: 60 }),
    second.field('internalNotes').pressSequentially('omega omega omega', { delay: 60 }),
  ]);

  await expect(async () => {
    // Whoever came second is asked; the text of the other is the one that is saved.
    const screens = await Promise.all([first, second].map((operator) => textOf(operator.details)));
    const asked = screens.filter((screen) => screen.includes('alpha alpha alpha') && screen.includes('omega omega omega'));
    expect(asked.length).toBeGreaterThanOrEqual(1);
  }).toPass();
});

/** Everything to read in a part of the page, what stands in fields included. */
async function textOf(part: Locator): Promise<string> {
  const written = await part.locator('textarea, input').evaluateAll((fields) =>
    fields.map((field) => (field as HTMLInputElement | HTMLTextAreaElement).value),
  );
  return [await part.innerText(), ...written].join('\n');
}
