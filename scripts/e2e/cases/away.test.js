/**
 * The server goes away and comes back: the page says so, and goes on.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip, TRANSPORTS, Visitor } from '../browser.js';
import { startServer } from '../server.js';

let browser;
before(async () => {
  if (!skip) browser = await launch();
});
after(() => browser?.close());

for (const [transport, words] of Object.entries(TRANSPORTS)) {
  for (const signal of transport === 'websocket' ? ['SIGKILL', 'SIGTERM'] : ['SIGKILL']) {
    test(`over ${words}, after ${signal}`, { skip }, async () => {
      let server = await startServer();
      try {
        const ann = await Visitor.open(browser, server.url);
        await ann.enter({ name: 'ann', transport });
        for (const text of ['one', 'two', 'three']) {
          await ann.say(text);
          await ann.hears(text);
        }
        await server.stop(signal);
        await ann.sees('#banner-title', 'The server has gone away.');
        await ann.sees('#state', 'Server away');
        // What is typed meanwhile is not lost.
        await ann.say('too early');
        await ann.sees('#say-error', /^Not sent/);
        assert.equal(await ann.page.getByLabel('Your message').inputValue(), 'too early');

        server = await server.again();
        await ann.page.getByRole('button', { name: /^Try/ }).click({ timeout: 1000 }).catch(() => {});
        await ann.sees('#banner-title', 'The server is back.');
        await ann.sees('#state', `Connected over ${words}`);
        await ann.seesPeople('ann');
        // The new server's numbers begin again at one, and are heard all the same.
        await ann.page.getByRole('button', { name: 'Send' }).click();
        await ann.hears('too early');
        assert.deepEqual(await ann.heard(), ['one', 'two', 'three', 'too early']);
        assert.deepEqual(ann.complaints, []);
        await ann.close();
      } finally {
        await server.stop('SIGKILL');
      }
    });
  }
}

for (const transport of ['websocket', 'long_poll']) {
  test(`over ${TRANSPORTS[transport]}, a new log that has grown longer than the old one`, { skip }, async () => {
    let server = await startServer();
    try {
      const ann = await Visitor.open(browser, server.url);
      await ann.enter({ name: 'ann', transport });
      await ann.say('before');
      await ann.hears('before');
      // Kept away until the new server's numbers have passed our place: only
      // the time stamp of the event at our place tells that it is another log.
      await ann.context.setOffline(true);
      await server.stop('SIGKILL');
      await ann.sees('#banner-title', 'The server has gone away.');
      server = await server.again();
      const lines = Array.from({ length: 10 }, (_, index) => `new ${index + 1}`);
      for (const text of lines) {
        await fetch(`${server.url}/rooms/hall/messages`, {
          method: 'POST',
          body: JSON.stringify({ from: 'ben', text }),
        });
      }
      await ann.context.setOffline(false);
      await ann.hears('new 10');
      assert.deepEqual(await ann.heard(), ['before', ...lines]);
      assert.equal(await ann.page.locator('.break').count(), 1);
      await ann.close();
    } finally {
      await server.stop('SIGKILL');
    }
  });
}
