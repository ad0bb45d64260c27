/**
 * What axe-core finds wrong with the page, in each of its views: nothing serious.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { startServer } from '../server.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

async function findings(page) {
  // Evaluated by the debugger, which the page's own policy does not bind.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const views = {
  'desktop, light': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  'desktop, dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'phone, light': { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true },
  'phone, dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
};

for (const [what, view] of Object.entries(views)) {
  test(`${what}`, { skip }, async () => {
    const visitor = await Visitor.open(browser, server.url, { view: { ...view, reducedMotion: 'reduce' } });
    assert.deepEqual(await findings(visitor.page), [], 'the entrance');
    await visitor.enter({ name: 'ann' });
    await visitor.say(`on a ${what}`);
    await visitor.hears(`on a ${what}`);
    assert.deepEqual(await findings(visitor.page), [], 'the chat');
    if (view.isMobile) {
      await visitor.page.locator('#panel-toggle').click();
      assert.deepEqual(await findings(visitor.page), [], 'the panel');
      const wide = await visitor.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false);
    }
    await visitor.page.getByRole('button', { name: 'Disconnect' }).click();
    await visitor.sees('#state', 'Disconnected');
    assert.deepEqual(await findings(visitor.page), [], 'disconnected');
    await visitor.close();
  });
}

test('the sign of a server that is away', { skip }, async () => {
  const away = await startServer();
  const visitor = await Visitor.open(browser, away.url);
  await visitor.enter({ name: 'ann' });
  await away.stop('SIGKILL');
  await visitor.sees('#banner-title', 'The server has gone away.');
  assert.deepEqual(await findings(visitor.page), []);
  await visitor.close();
});
