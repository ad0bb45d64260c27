/**
 * Names and texts are text, whatever they look like.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tooWide } from '../axe.js';
import { launch, skip, Visitor } from '../browser.js';
import { startServer } from '../server.js';
import { until } from '../until.js';

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

const HOSTILE = [
  '<script>window.harmed = 1</script>',
  '<img src=x onerror="window.harmed = 2">',
  '<svg/onload=window.harmed=3>',
  '"><iframe srcdoc="<script>top.harmed=4</script>">',
  '</li></ol><h1>gone</h1>',
  '<a href="javascript:window.harmed=5">click</a>',
  '<style>body{display:none}</style>',
  '{{constructor.constructor("window.harmed=6")()}}',
  '\u202egnp.exe\u202c \u0000 \u001b[31m \ufeff',
  'Z\u0351\u0363\u036b\u0301a\u0300\u0301\u0302\u0303l\u0304g\u0305o\u0306',
  '\n\n   \n.',
  'data: x\n\nid: 99\n\nevent: message\ndata: {}',
  '\u2028\u2029\r\n\r',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'.repeat(30),
  'x'.repeat(5000),
];

test('hostile texts and names do no harm', { skip }, async () => {
  const room = `${server.url}/rooms/hostile`;
  const visitor = await Visitor.open(browser, server.url);
  await visitor.enter({ name: '<b>ann</b><img src=x onerror=window.harmed=9>', room: 'hostile' });
  for (const text of HOSTILE) {
    const from = [...text].slice(0, 64).join('');
    const answer = await fetch(`${room}/messages`, { method: 'POST', body: JSON.stringify({ from, text }) });
    assert.equal(answer.status, 201, await answer.text());
    // And as the name of somebody who comes in.
    await fetch(`${room}/poll?after=latest&interval=60&person=p${HOSTILE.indexOf(text)}&name=${encodeURIComponent(from)}`);
  }
  await until('all are there', async () => (await visitor.heard()).length === HOSTILE.length);
  assert.deepEqual(await visitor.heard(), HOSTILE);
  await until('all are in the list', async () => (await visitor.people()).length === HOSTILE.length + 1);
  const page = visitor.page;
  assert.equal(await page.evaluate(() => window.harmed), undefined);
  const foreign = 'script:not([src]), #chat-view img, #chat-view svg, iframe, style, #chat-view a, h1:not(.brand)';
  assert.equal(await page.locator(foreign).count(), 0);
  assert.deepEqual(visitor.complaints, []);
  // Nothing is wider than the window, however long a word is.
  assert.deepEqual(await tooWide(page), []);
  await visitor.close();
});

test('no inline script runs, whoever puts it in', { skip }, async () => {
  const visitor = await Visitor.open(browser, server.url);
  const answer = await fetch(server.url);
  assert.doesNotMatch(answer.headers.get('content-security-policy') ?? 'unsafe-inline', /unsafe-/);
  await visitor.page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.harmed = 1';
    document.body.append(script);
  });
  assert.equal(await visitor.page.evaluate(() => window.harmed), undefined);
  await visitor.close();
});
