/**
 * What axe-core finds wrong with the pages, in each of their views, in both
 * languages, light and dark, wide and narrow: nothing serious.
 */

import { after, before, test } from 'node:test';
import { isAccessible, LOOKS } from '../axe.js';
import { launch, skip, Visitor } from '../browser.js';
import { everyLaneHears, openLanes, sayInLanes } from '../lanes.js';
import { startClassroom, startServer } from '../server.js';
import { until } from '../until.js';

let classroom;
let browser;
before(async () => {
  classroom = await startClassroom();
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await classroom.stop();
});

/** Every look and both languages; each look in each language only at night. */
const LANGS = { 'desktop, light': ['en'], 'desktop, dark': ['zh'], 'phone, light': ['zh'], 'phone, dark': ['en'] };

const each = [];
for (const [look, view] of Object.entries(LOOKS)) {
  const langs = process.env.WIREBENCH_NIGHTLY ? ['en', 'zh'] : LANGS[look];
  for (const lang of langs) each.push({ what: `${look}, ${lang}`, lang, view });
}

for (const { what, lang, view } of each) {
  test(`the chat: ${what}`, { skip }, async () => {
    const visitor = await Visitor.open(browser, `${classroom.url}/?lang=${lang}`, { view });
    const { page } = visitor;
    visitor.name = 'ann';
    const state = (wanted) => until(wanted, async () => (await page.locator('#state').getAttribute('data-state')) === wanted);
    await isAccessible(page, 'the entrance');
    await page.locator('#name').fill('ann');
    await page.locator('#enter button').click();
    await state('connected');
    await page.locator('#text').fill('for axe');
    await page.keyboard.press('Enter');
    await visitor.hears('for axe');
    await isAccessible(page, 'the chat');
    if (view.isMobile) {
      await page.locator('#panel-toggle').click();
      await isAccessible(page, 'the panel');
    }
    await page.locator('#connect-toggle').click();
    await state('closed');
    await isAccessible(page, 'disconnected');
    await visitor.close();
  });

  test(`the lanes: ${what}`, { skip }, async () => {
    const url = classroom.teacher.replace('/classroom', `/classroom?lesson=two-or-six&lang=${lang}`);
    const visitor = await openLanes(browser, url, { view });
    const { page } = visitor;
    await sayInLanes(visitor, 'for axe');
    await everyLaneHears(visitor, 'for axe');
    await page.locator('#predict-0').fill('3');
    await isAccessible(page, 'lanes and sheet');
    await page.locator('.predict button').first().click();
    await page.locator('.checks li[data-verdict]').waitFor();
    await isAccessible(page, 'a verdict');
    await page.locator('#tab-wire').click();
    await page.locator('#wire-list .line.p-say').first().click();
    await isAccessible(page, 'a frame');
    await page.locator('#wire-list .line', { hasText: 'GET ws' }).click();
    await isAccessible(page, 'the handshake');
    await page.locator('#tab-teacher').click();
    await until('the table is there', async () => (await page.locator('#class tr').count()) > 3);
    await isAccessible(page, 'teacher');
    await page.locator('#join').click();
    await isAccessible(page, 'the code to join');
    await visitor.close();
  });

  test(`the lessons: ${what}`, { skip }, async () => {
    const visitor = await Visitor.open(browser, `${classroom.url}/lessons${lang === 'zh' ? '/zh' : ''}`, { view });
    const { page } = visitor;
    await isAccessible(page, 'the list');
    const lessons = await page.locator('.list a').evaluateAll((links) => links.map(({ href }) => href));
    for (const lesson of lessons) {
      await page.goto(lesson);
      await page.locator('.command button').first().waitFor();
      await isAccessible(page, lesson);
    }
    await visitor.close();
  });
}

test('the sign of a server that is away', { skip }, async () => {
  const away = await startServer();
  const visitor = await Visitor.open(browser, away.url);
  await visitor.enter({ name: 'ann' });
  await away.stop('SIGKILL');
  await visitor.sees('#banner-title', 'The server has gone away.');
  await isAccessible(visitor.page, 'away');
  await visitor.close();
});
