/**
 * What a person does with a lesson's sheet above the lanes.
 */

import { openLanes } from './lanes.js';
import { until } from './until.js';

/** Opens a lesson's sheet; `teacher` with the teacher's link. */
export async function openSheet(browser, classroom, lesson, { teacher = false, lang = 'en', view } = {}) {
  const url = teacher ? classroom.teacher : `${classroom.url}/classroom`;
  const visitor = await openLanes(browser, url.replace('/classroom', `/classroom?lesson=${lesson}&lang=${lang}`), { view });
  await visitor.page.locator('.checks li').first().waitFor();
  return visitor;
}

/** Predicts and measures; the number and the verdict. `index` is among the questions that a browser can measure. */
export async function measure({ page }, index, prediction) {
  const line = page.locator('.checks li:has(.predict button:not([hidden]))').nth(index);
  await line.locator('.predict input').fill(String(prediction));
  await line.locator('.predict button').click();
  await until('it is measured', async () => (await line.getAttribute('data-verdict')) !== null, 90_000);
  const measured = parseFloat(await line.locator('.measured').textContent());
  return { measured, verdict: await line.getAttribute('data-verdict'), line };
}
