/**
 * The page with sliders: all lines of the command's table, which follow sliders and choices.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip } from '../browser.js';
import { startServer } from '../server.js';

let server;
let browser;
before(async () => {
  server = await startServer();
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.stop();
});

/** The cells of a line by its name. */
async function line(page, name) {
  const row = page.locator('#figures tbody tr', { has: page.locator('th', { hasText: name }) }).first();
  return row.locator('td').allTextContents();
}

test('the page has the lines of the command, in both languages', { skip }, async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`${server.url}/advise`);
  for (const name of ['server processor', 'server memory', 'breaks first', "a phone's radio woken", 'Durable Objects']) {
    const cells = await line(page, name);
    assert.equal(cells.length, 7, name);
    assert.ok(cells.every((cell) => cell.length > 0), name);
  }
  // One connection more than a browser has to an origin.
  await page.locator('#tabs').fill('6');
  assert.match((await line(page, 'breaks first'))[3], /open files|6 connections/);
  await page.locator('#proxy').selectOption({ label: 'nginx, least settings' });
  assert.match((await line(page, 'breaks first'))[6], /^NOW: the proxy answers upgrades with 426; /);
  const plain = await line(page, 'a message down to a reader');
  await page.locator('#tls').selectOption({ label: '1.3' });
  const sealed = await line(page, 'a message down to a reader');
  assert.equal(Number(sealed[6]) - Number(plain[6]), 22);
  await page.locator('#http').selectOption({ label: '2' });
  const second = await line(page, 'a message down to a reader');
  assert.equal(second[0], 'not known: HPACK');
  assert.ok(Number(second[4]) > 0);
  await page.locator('#lang').click();
  assert.match((await line(page, '最先到极限的'))[6], /^已到极限：代理对升级请求返回 426；/);
  assert.deepEqual(complaints, []);
  await context.close();
});
