/**
 * What axe-core finds wrong with a page.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails when axe-core finds something serious, or the page is wider than its window. */
export async function isAccessible(page, where) {
  // Evaluated by the debugger, which the page's own policy does not bind.
  const { violations } = await page.evaluate(`(() => { ${axe}; return axe.run(document, { resultTypes: ['violations'] }); })()`);
  const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  const told = serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
  assert.deepEqual(told, [], where);
  assert.deepEqual(await tooWide(page), [], `${where}: too wide`);
}

/**
 * What makes the page wider than its window: nothing, or the page's width and
 * the elements that stick out. The width of a phone is that of its look: its
 * `innerWidth` grows with a page that does not fit.
 */
export function tooWide(page) {
  return page.evaluate((width) => {
    const { scrollWidth } = document.documentElement;
    if (scrollWidth <= width) return [];
    const out = [...document.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > width + 1);
    return [`${scrollWidth} px`, ...out.map(({ tagName, id, className }) => `${tagName}#${id}.${className}`)];
  }, page.viewportSize().width);
}

/** Looks in which every view is looked at. */
export const LOOKS = {
  'desktop, light': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  'desktop, dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'phone, light': { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true },
  'phone, dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
};
