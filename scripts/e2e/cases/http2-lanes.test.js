/**
 * The switch for HTTP/2 in the lanes: the teacher's under TLS, and shown with its reason elsewhere.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip } from '../browser.js';
import { allConnected, book, everyLaneHears, LANES, lane, openLanes, sayInLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
import { until } from '../until.js';

// The certificate is made on the spot, and nobody vouches for it.
const view = { ignoreHTTPSErrors: true };

let browser;
before(async () => {
  if (!skip) browser = await launch();
});
after(() => browser?.close());

/** The versions by which the answers of a lane came, as the page itself can tell. */
async function versions({ page }, name) {
  const port = (await page.locator(`.lane[data-lane="${name}"] .port`).textContent()).slice(1);
  return page.evaluate(
    (of) =>
      performance
        .getEntriesByType('resource')
        .filter(({ name: address }) => new URL(address).port === of)
        .map(({ nextHopProtocol }) => nextHopProtocol),
    port,
  );
}

test('the lanes speak HTTP/2 while the teacher has it so, and their bytes are taken apart', { skip }, async () => {
  const classroom = await startClassroom('--tls');
  const teacher = await openLanes(browser, classroom.teacher, { view });
  const { page } = teacher;
  const http2 = page.locator('#http2');
  await until('the teacher may choose', () => http2.isEnabled());
  assert.equal(await http2.inputValue(), 'off');
  await until('some polls are over', async () => (await versions(teacher, 'short_poll')).length > 1);
  assert.ok(!(await versions(teacher, 'short_poll')).includes('h2'));

  await http2.selectOption('on');
  const version = (name) => lane(teacher, name).locator('.version').textContent();
  // What opens a WebSocket is for the browser to say.
  const fetched = LANES.filter((name) => name !== 'websocket');
  for (const name of fetched) await until(`${name} speaks HTTP/2`, async () => (await version(name)) === 'HTTP/2');
  // A browser keeps the first 250 answers only.
  await page.evaluate(() => performance.clearResourceTimings());
  await allConnected(teacher);
  await sayInLanes(teacher, 'in frames');
  await everyLaneHears(teacher, 'in frames');
  for (const name of ['short_poll', 'long_poll']) {
    await until(`the browser says that ${name} is h2`, async () => (await versions(teacher, name)).includes('h2'));
  }
  // Heads that could not be read would be no polls to the books.
  const empty = await book(teacher, 'short_poll', 'empty');
  await until('polls are known as such', async () => (await book(teacher, 'short_poll', 'empty')) > empty);

  await page.getByRole('tab', { name: 'The wire' }).click();
  for (const [name, line] of [['long_poll', 'deliver'], ['http_stream', 'GET stream'], ['sse', 'GET sse']]) {
    await page.locator(`#wire-lanes [data-lane="${name}"]`).click();
    await page.locator('#wire-list .line', { hasText: line }).first().click();
    const shown = page.locator('#wire-shown');
    await until(`${name} has frames`, async () => (await shown.locator('.run.l-h2_frame').count()) > 1);
    assert.match(await shown.locator('.about').textContent(), /HTTP\/2, stream \d*[13579] /);
    const heads = await shown.locator('.run.l-http_head .inside').allTextContents();
    assert.match(heads.join('\n'), /:path: \/rooms\/hall\//, name);
    assert.match(heads.join('\n'), /:status: 200/, name);
    assert.match(await shown.textContent(), /in frames/, name);
    assert.equal(await shown.locator('.run.l-unparsed').count(), 0, name);
  }
  await page.getByRole('tab', { name: 'Side by side' }).click();

  await http2.selectOption('off');
  for (const name of fetched) await until(`${name} speaks HTTP/1.1`, async () => (await version(name)) === '');
  await allConnected(teacher);
  await sayInLanes(teacher, 'in lines again');
  await everyLaneHears(teacher, 'in lines again');
  assert.deepEqual(teacher.complaints, []);
  await teacher.close();
  await classroom.stop();
});

test('in the clear the switch says why it cannot be used', { skip }, async () => {
  const classroom = await startClassroom();
  const teacher = await openLanes(browser, classroom.teacher);
  const { page } = teacher;
  await until('the teacher is known', () => page.locator('#tab-teacher').isVisible());
  assert.equal(await page.locator('#http2').isDisabled(), true);
  assert.equal(await page.locator('#http2').textContent(), 'TLS only');
  assert.match(await page.locator('#http2-hint').textContent(), /only under TLS.*--tls/);
  await page.locator('#lang').click();
  assert.equal(await page.locator('#http2').textContent(), '仅限 TLS');
  assert.match(await page.locator('#http2-hint').textContent(), /TLS.*--tls/);
  assert.deepEqual(teacher.complaints, []);
  await teacher.close();
  await classroom.stop();
});
