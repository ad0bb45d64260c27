/**
 * What a person does with the page of the lanes.
 */

import { TRANSPORTS, Visitor } from './browser.js';
import { until } from './until.js';

export const LANES = Object.keys(TRANSPORTS);

/** Opens the page and waits until every lane is connected. */
export async function openLanes(browser, url, options = {}) {
  const visitor = await Visitor.open(browser, url, options);
  visitor.name = 'lanes';
  await allConnected(visitor);
  return visitor;
}

/** Waits until every lane is connected. */
export function allConnected(visitor) {
  return until('all lanes are connected', async () =>
    (await visitor.page.locator('.lane[data-state="connected"]').count()) === LANES.length,
  );
}

/** One lane, by its name. */
export const lane = (visitor, name) => visitor.page.locator(`.lane[data-lane="${name}"]`);

/** Waits until every lane shows this text as its last message. */
export async function everyLaneHears(visitor, text) {
  await until(`every lane hears ${text}`, async () => {
    const last = await visitor.page.locator('#lanes .lane .last').allTextContents();
    return last.length === LANES.length && last.every((line) => line.includes(text));
  });
}

/** Types a message, once. */
export async function sayInLanes(visitor, text) {
  await visitor.page.locator('#text').fill(text);
  await visitor.page.locator('#text').press('Enter');
}

/** A number that a lane shows, by its key. */
export async function book(visitor, name, key) {
  return Number((await lane(visitor, name).locator(`[data-book="${key}"]`).textContent()).replace(/\D/g, ''));
}
