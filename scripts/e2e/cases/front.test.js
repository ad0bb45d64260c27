/**
 * In front of a class and on a phone: what is in view, at which size.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { everyLaneHears, openLanes, sayInLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
import { until } from '../until.js';

const PROJECTOR = { viewport: { width: 1024, height: 768 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

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

/** Where the elements are that a selector finds. */
const boxes = (page, selector) =>
  page.locator(selector).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));

/** Texts that take more than one line, or are cut, among the elements that a selector finds. */
const broken = (page, selector) =>
  page.locator(selector).evaluateAll((all) => {
    const lines = (one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      return new Set([...range.getClientRects()].filter(({ width }) => width > 1).map(({ bottom }) => Math.round(bottom / 4))).size;
    };
    const seen = all.filter((one) => one.getClientRects().length && getComputedStyle(one).clipPath === 'none');
    return seen.filter((one) => one.scrollWidth > one.clientWidth + 1 || lines(one) > 1).map(({ textContent }) => textContent);
  });

/** Hints in empty fields that are longer than their field. */
const cutHints = (page) =>
  page.locator('input[placeholder]').evaluateAll((all) => {
    const pen = document.createElement('canvas').getContext('2d');
    const isCut = (one) => {
      const style = getComputedStyle(one);
      pen.font = style.font;
      const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      return pen.measureText(one.placeholder).width > room + 1;
    };
    return all.filter((one) => one.getClientRects().length && isCut(one)).map(({ placeholder }) => placeholder);
  });

for (const lang of ['en', 'zh']) {
  test(`no hint in a field is cut, whatever the width: ${lang}`, { skip }, async () => {
    for (const view of [{ viewport: { width: 1440, height: 900 } }, PROJECTOR, PHONE]) {
      const url = classroom.teacher.replace('/classroom', `/classroom?lang=${lang}`);
      const visitor = await Visitor.open(browser, url, { view });
      const tabs = visitor.page.locator('[role=tab]');
      await visitor.page.locator('#tab-teacher').waitFor();
      for (let at = 0; at < (await tabs.count()); at += 1) {
        await tabs.nth(at).click();
        assert.deepEqual(await cutHints(visitor.page), [], `${view.viewport.width}, tab ${at}`);
      }
      await visitor.close();
    }
  });
}

for (const lang of ['en', 'zh']) {
  for (const mode of ['as always', 'presented']) {
    test(`on a projector of 1024 by 768 all five lanes and ladders are in view: ${lang}, ${mode}`, { skip }, async () => {
      const visitor = await openLanes(browser, classroom.teacher.replace('/classroom', `/classroom?lang=${lang}`), { view: PROJECTOR });
      const { page } = visitor;
      await page.locator('#tab-teacher').waitFor();
      if (mode === 'presented') await page.keyboard.press('p');
      await sayInLanes(visitor, 'hello');
      await everyLaneHears(visitor, 'hello');
      for (const selector of ['#lanes .lane', '#lanes .ladder']) {
        const all = await boxes(page, selector);
        assert.equal(all.length, 5);
        for (const { left, right, top, bottom, height } of all) {
          assert.ok(left >= 0 && right <= 1024 && top >= 0 && bottom <= 768, `${selector}: ${[left, right, top, bottom]}`);
          assert.ok(height >= 100, `${selector}: ${height}`);
        }
        const tops = all.map(({ top }) => top);
        assert.ok(Math.max(...tops) - Math.min(...tops) < 2, `${selector}: ${tops}`);
      }
      assert.deepEqual(await broken(page, '.top button, .top a, #lanes h2, #lanes .latency'), []);
      // Presentation mode has no controls.
      const controls = (await boxes(page, '.controls > *')).filter(({ width }) => width > 0);
      assert.equal(controls.length >= 7, mode === 'as always', `${controls.length} controls`);
      for (const { left, right, top, bottom } of controls) {
        assert.ok(left >= 0 && right <= 1024 && top >= 0 && bottom <= 768, `controls: ${[left, right, top, bottom]}`);
      }
      const bottoms = controls.map(({ bottom }) => bottom);
      assert.ok(!bottoms.length || Math.max(...bottoms) - Math.min(...bottoms) <= 4, `controls: ${bottoms}`);
      await page.keyboard.press('Escape');
      await page.locator('#tab-teacher').click();
      await until('the table is there', async () => (await page.locator('#class tr').count()) > 3);
      const [table] = await boxes(page, '#class');
      const [frame] = await boxes(page, '#totals .scroll');
      assert.ok(table.right <= frame.right + 1, `the table of ${table.right} is cut at ${frame.right}`);
      await visitor.close();
    });
  }
}

test('presentation mode is begun and ended by keys, and not while typing', { skip }, async () => {
  const visitor = await openLanes(browser, `${classroom.url}/classroom`, { view: PROJECTOR });
  const { page } = visitor;
  const size = () => page.locator('.latency').first().evaluate((one) => parseFloat(getComputedStyle(one).fontSize));
  const before = await size();
  await page.locator('#text').fill('');
  await page.locator('#text').press('p');
  assert.equal(await page.locator('#text').inputValue(), 'p');
  assert.equal(await page.locator('.controls').isVisible(), true);
  await page.locator('#text').blur();
  await page.keyboard.press('p');
  assert.equal(await page.locator('.controls').isVisible(), false);
  assert.ok((await size()) > before);
  // Lanes are chosen by their digits.
  await page.keyboard.press('1');
  assert.equal(await page.locator('#lanes .lane[data-lane="short_poll"]').isVisible(), false);
  await page.keyboard.press('1');
  assert.equal(await page.locator('#lanes .lane[data-lane="short_poll"]').isVisible(), true);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.controls').isVisible(), true);
  await visitor.close();
});

test('on a phone two lanes are side by side, and a swipe brings the next', { skip }, async () => {
  const visitor = await openLanes(browser, `${classroom.url}/classroom`, { view: PHONE });
  const { page } = visitor;
  const inView = async () => {
    const all = await page.locator('#lanes .lane').evaluateAll((lanes) => lanes.map((one) => [one.dataset.lane, one.getBoundingClientRect().toJSON()]));
    return all.filter(([, { left, right }]) => left >= -1 && right <= 391).map(([name]) => name);
  };
  assert.deepEqual(await inView(), ['short_poll', 'long_poll']);
  const [ladder] = await boxes(page, '#lanes .ladder');
  assert.ok(ladder.height > 100 && ladder.width > 100);
  await page.locator('#lanes').evaluate((lanes) => lanes.scrollTo({ left: lanes.scrollWidth, behavior: 'instant' }));
  await until('the last two are in view', async () => (await inView()).join() === 'sse,websocket');
  await visitor.close();
});

test('everybody sees the countdown', { skip }, async () => {
  const teacher = await openLanes(browser, classroom.teacher);
  const lanes = await openLanes(browser, `${classroom.url}/classroom`, { view: PHONE });
  const ann = await Visitor.open(browser, classroom.url);
  await ann.enter({ name: 'ann' });
  await teacher.page.locator('#tab-teacher').click();
  await teacher.page.locator('#count-minutes').selectOption('3');
  await teacher.page.locator('#count-start').click();
  for (const visitor of [teacher, lanes, ann]) await visitor.sees('#countdown', /^(3:00|2:5\d)$/);
  await teacher.page.locator('#count-stop').click();
  for (const visitor of [teacher, lanes, ann]) await until('it is over', () => visitor.page.locator('#countdown').isHidden());
  await Promise.all([teacher, lanes, ann].map((one) => one.close()));
});

test('the page says everything in Chinese once it is switched, as it does from the start', { skip }, async () => {
  const teacher = await openLanes(browser, classroom.teacher);
  await teacher.sees('#state', 'you are the teacher');
  await sayInLanes(teacher, 'hello');
  await teacher.page.locator('#lang').click();
  await teacher.sees('#state', '你是教师');
  await teacher.page.locator('#rate').selectOption('5');
  const last = teacher.page.locator('.lane[data-lane="sse"] .last');
  await until('the talker speaks Chinese', async () => /: \d+ 天地玄黄/.test(await last.textContent()));
  await teacher.page.locator('#rate').selectOption('0');
  // No word of English is left but names that Chinese keeps.
  // What was said, what a request asks for and the names of headers and codings are in the language they are in.
  const words = await teacher.page.locator('#view-lanes').evaluate((view) => {
    const walk = document.createTreeWalker(view, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walk.nextNode()) if (!walk.currentNode.parentElement.closest('.last, .ladder, #headers-hint, #compress-hint, #http2, #http2-hint')) texts.push(walk.currentNode.data);
    return texts.join(' ');
  });
  const left = words.match(/[A-Za-z]{3,}/g)?.filter((word) => !['WebSocket', 'HTTP', 'TCP', 'TLS', 'API', 'KiB', 'hello', 'GET', 'OPTIONS', 'POST'].includes(word));
  assert.deepEqual(left ?? [], []);
  await teacher.close();
});
