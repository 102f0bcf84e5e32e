import type { Locator, Page } from '@playwright/test';

/** A part of the page by its name, whichever landmark it is. */
export function landmark(page: Page, name: string): Locator {
  return page
    .getByRole('region', { name, exact: true })
    .or(page.getByRole('complementary', { name, exact: true }))
    .or(page.getByRole('navigation', { name, exact: true }));
}
