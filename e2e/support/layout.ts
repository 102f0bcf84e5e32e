import { expect, type Page } from '@playwright/test';

/** Nothing may reach past an edge: a page scrolls in one direction, and every control can be got at. */
export async function expectWithinEdges(page: Page, where: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 0;
  const outside = await page.evaluate((width) => {
    const root = document.documentElement;
    const found: string[] = [];
    const name = (element: Element) => `${element.tagName.toLowerCase()}.${element.className} "${(element.textContent ?? '').trim().slice(0, 40)}"`;
    if (root.scrollWidth > root.clientWidth || root.scrollWidth > width) {
      found.push(`the page is ${root.scrollWidth} px wide in a window of ${width}`);
    }
    for (const element of document.body.querySelectorAll('*')) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('[inert]')) continue;
      const { overflowX } = getComputedStyle(element);
      if ((overflowX === 'auto' || overflowX === 'scroll') && element.scrollWidth > element.clientWidth + 1) {
        found.push(`scrolls sideways: ${name(element)}`);
      }
      if (element.matches('a[href], button, input, textarea, select')) {
        const { left, right, width: own } = element.getBoundingClientRect();
        // What only a screen reader meets is one pixel wide.
        if (own > 1 && (right > width + 1 || left < -1)) found.push(`out of the window: ${name(element)}`);
      }
    }
    return found;
  }, width);
  expect(outside, `${where} at ${width}`).toEqual([]);
}
