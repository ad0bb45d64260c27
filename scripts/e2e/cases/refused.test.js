/**
 * What the server refuses, in the words of the page, in both of its languages.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { everyLaneHears, openLanes, sayInLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
import { until } from '../until.js';

let classroom;
let browser;
before(async () => {
  classroom = await startClassroom('--people', '2', '--per-second', '2');
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await classroom.stop();
});

/** Fills in the form, in whichever language it is. */
async function enter({ name, room, transport = 'auto', lang }) {
  const visitor = await Visitor.open(browser, `${classroom.url}/?lang=${lang}`);
  visitor.name = name;
  await visitor.page.locator('#name').fill(name);
  await visitor.page.locator('#room').fill(room);
  await visitor.page.locator('#first-transport').selectOption(transport);
  await visitor.page.locator('#enter button').click();
  return visitor;
}

const isIn = ({ page }) =>
  until('the page is connected', async () => (await page.locator('#state').getAttribute('data-state')) === 'connected');

const WORDS = {
  en: {
    fast: 'Not sent: that was a little fast: please wait a moment, 2 messages a second is the limit.',
    long: 'Not sent: the message is too long: 16384 bytes is the limit.',
    longer: 'Not sent: the message is much too long.',
    full: 'The room is full: 2 people are in it; you come in as soon as one has left.',
  },
  zh: {
    fast: '未发送：说得有点快：请稍等，每秒最多 2 条消息。',
    long: '未发送：消息太长，最多 16384 字节。',
    longer: '未发送：消息实在太长了。',
    full: '房间已满：最多 2 人；有人离开后会自动进入。',
  },
};

for (const [lang, words] of Object.entries(WORDS)) {
  for (const transport of ['websocket', 'long_poll']) {
    test(`too fast and too long over ${transport}: ${lang}`, { skip }, async () => {
      const visitor = await enter({ name: 'ann', room: `says-${transport}-${lang}`, transport, lang });
      const { page } = visitor;
      const say = async (text) => {
        await page.locator('#text').fill(text);
        await page.keyboard.press('Enter');
      };
      await isIn(visitor);
      // Longer than a text may be, and than a whole frame may be: the socket stays.
      await say('x'.repeat(20_000));
      await visitor.sees('#say-error', words.long);
      await say('x'.repeat(200_000));
      await visitor.sees('#say-error', words.longer);
      // What was refused can be changed and sent again.
      assert.equal((await page.locator('#text').inputValue()).length, 200_000);
      // Without a pause, which `until` would make.
      let said = 0;
      do {
        assert.ok((said += 1) < 300, 'it is never too fast');
        await say('again');
      } while ((await page.locator('#say-error').textContent()) === '');
      await visitor.sees('#say-error', words.fast);
      assert.equal(await page.locator('#path li').count(), 1);
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    });
  }

  test(`a full room, and in as soon as there is a place: ${lang}`, { skip }, async () => {
    const room = `full-${lang}`;
    const first = [];
    for (const name of ['ann', 'ben']) first.push(await enter({ name, room, lang }));
    for (const visitor of first) await isIn(visitor);
    const late = await enter({ name: 'cat', room, lang });
    await late.sees('#banner-text', words.full);
    assert.equal(await late.page.locator('#retry').isVisible(), true);
    await first[0].page.locator('#connect-toggle').click();
    await isIn(late);
    // That the room was full was held against no transport.
    await late.sees('#state', /WebSocket$/);
    assert.equal(await late.page.locator('#banner').isHidden(), true);
    for (const visitor of [...first, late]) await visitor.close();
  });
}

test('a page of lanes takes no place from people', { skip }, async () => {
  const lanes = await openLanes(browser, `${classroom.url}/classroom`);
  // Two may come in, and two do, although five lanes read the room.
  const people = [];
  for (const name of ['ann', 'ben']) people.push(await enter({ name, room: 'hall', lang: 'en' }));
  for (const visitor of people) await isIn(visitor);
  await sayInLanes(people[0], 'to all five lanes');
  await everyLaneHears(lanes, 'to all five lanes');
  for (const visitor of [lanes, ...people]) await visitor.close();
});
