/**
 * The teacher keeps order: mutes, sends out, bans, and names the rooms that may be.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { openLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
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

/** Says something, whatever the language of the page. */
async function say({ page }, text) {
  await page.locator('#text').fill(text);
  await page.keyboard.press('Enter');
}

for (const [lang, words] of Object.entries({
  en: { mute: 'Mute ann', unmute: 'Unmute ann', ban: 'Ban ann', muted: 'muted you', banned: 'sent you out', set: 'Set' },
  zh: { mute: '禁言 ann', unmute: '解除 ann 的禁言', ban: '封禁 ann', muted: '禁言', banned: '请你离开', set: '设定' },
})) {
  test(`one pupil is stopped and another is not: ${lang}`, { skip }, async () => {
    const teacher = await openLanes(browser, classroom.teacher.replace('/classroom', `/classroom?lang=${lang}`));
    const ann = await Visitor.open(browser, `${classroom.url}/?lang=${lang}`);
    const ben = await Visitor.open(browser, `${classroom.url}/?lang=${lang}`);
    for (const [visitor, name] of [[ann, 'ann'], [ben, 'ben']]) {
      visitor.name = name;
      await visitor.page.locator('#name').fill(name);
      await visitor.page.locator('#enter button').click();
    }
    const { page } = teacher;
    await page.locator('#tab-teacher').click();
    await page.getByRole('button', { name: words.mute, exact: true }).click();
    await page.getByRole('button', { name: words.unmute, exact: true }).waitFor();
    await say(ann, 'may not be heard');
    await until('ann is told', async () => (await ann.page.locator('body').textContent()).includes(words.muted));
    await say(ben, `ben may speak: ${lang}`);
    await ann.hears(`ben may speak: ${lang}`);
    assert.ok(!(await ben.heard()).includes('may not be heard'));
    await page.getByRole('button', { name: words.unmute, exact: true }).click();
    await page.getByRole('button', { name: words.mute, exact: true }).waitFor();
    await say(ann, `ann again: ${lang}`);
    await ben.hears(`ann again: ${lang}`);

    await page.getByRole('button', { name: words.ban, exact: true }).click();
    await until('ann is told', async () => (await ann.page.locator('body').textContent()).includes(words.banned));
    await until('ann is gone', async () => !(await page.locator('#people').textContent()).includes('ann'));
    await say(ben, `ben goes on: ${lang}`);
    await ben.hears(`ben goes on: ${lang}`);
    await page.locator('#pardon').click();
    // Whoever is refused tries again by themselves, at longer and longer intervals.
    await until('ann is back', async () => (await page.locator('#people').textContent()).includes('ann'));

    await page.locator('#rooms-named').fill('group-1');
    await page.getByRole('button', { name: words.set, exact: true }).click();
    const status = (room) => fetch(`${classroom.url}/rooms/${room}/poll`).then((answer) => answer.status);
    await until('others may not be opened', async () => (await status(`other-${lang}`)) === 403);
    assert.deepEqual([await status('group-1'), await status('hall')], [200, 200]);
    await page.locator('#rooms-named').fill('');
    await page.getByRole('button', { name: words.set, exact: true }).click();
    await until('any may be opened again', async () => (await status(`more-${lang}`)) === 200);
    for (const visitor of [teacher, ann, ben]) await visitor.close();
  });
}
