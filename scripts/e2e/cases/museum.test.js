/**
 * The museum: every byte of two handshakes opens, by click and by key, and what is
 * computed there is what the draft, the RFC and Node compute.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { isAccessible, LOOKS } from '../axe.js';
import { launch, skip, Visitor } from '../browser.js';
import { startServer } from '../server.js';

let server;
let browser;
before(async () => {
  server = await startServer('--museum');
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.stop();
});

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** The bytes of the request or the answer as the page shows them. */
async function bytesOf(section, side) {
  const cells = await section.locator('.byte small').allTextContents();
  const bytes = Buffer.from(cells.map((cell) => parseInt(cell, 16)));
  const end = bytes.indexOf('HTTP/1.1 101');
  return side === 'request' ? bytes.subarray(0, end) : bytes.subarray(end);
}

/** What the steps that are open say, by their names. */
const steps = (section) => section.locator('.steps').evaluate((list) =>
  Object.fromEntries([...list.querySelectorAll('dt')].map((name) => [name.textContent, name.nextSibling.textContent])));

test('every byte opens, and the values are those of the draft and the RFC', { skip }, async () => {
  const visitor = await Visitor.open(browser, `${server.url}/lessons/museum`);
  const { page } = visitor;
  const old = page.locator('[data-handshake="hixie76"]');
  // The draft's examples, sections 1.2 and 1.3.
  for (const [name, answer, quotient] of [
    ['The draft’s second example', 'fQJ,fN/4F4!~K~MH', 155712099],
    ['The draft’s first example', "8jKS'y:G*Co,Wxa-", 829309203],
  ]) {
    await old.getByRole('button', { name }).click();
    const response = await bytesOf(old, 'response');
    assert.equal(response.subarray(-16).toString('latin1'), answer);
    await old.locator('.byte.answer').first().click();
    assert.match((await steps(old))['key 1, four bytes'], new RegExp(` = ${quotient} = `));
  }
  // A real server gives the same answer to the same bytes, but for the room.
  const request = (await bytesOf(old, 'request')).toString('latin1').replace('/demo', '/rooms/a/ws');
  const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(Buffer.from(request.replaceAll('example.com', 'localhost'), 'latin1'));
  const [answered] = await once(socket, 'data');
  socket.destroy();
  assert.match(answered.toString('latin1'), /\r\n\r\n8jKS'y:G\*Co,Wxa-/);

  // Keys of the page's own making.
  await old.getByRole('button', { name: 'New keys' }).click();
  await old.locator('.byte.answer').first().click();
  const made = await steps(old);
  const four = async (name) => {
    const key = await old.getByLabel(name).inputValue();
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(Number(key.replace(/\D/g, '')) / (key.split(' ').length - 1));
    return bytes;
  };
  const third = Buffer.from((await old.getByLabel('The eight bytes').inputValue()).replaceAll(' ', ''), 'hex');
  const all = Buffer.concat([await four('Key 1'), await four('Key 2'), third]);
  assert.equal(made['all sixteen'], hex(all));
  assert.equal(made['MD5 of them'], hex(createHash('md5').update(all).digest()));

  const today = page.locator('[data-handshake="rfc6455"]');
  await today.locator('.byte.base64').last().click();
  assert.equal((await steps(today))['in base64: the answer'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');

  // Every byte of both opens under its row, and says which it is.
  const opened = await page.evaluate(() => [...document.querySelectorAll('.byte')].map((byte) => {
    byte.click();
    const panel = byte.parentElement.nextElementSibling;
    const [number, , , , char] = [...panel.querySelectorAll('.forms b')].map(({ textContent }) => textContent);
    const said = [...panel.querySelectorAll('p:not(.forms)')].every(({ textContent }) => textContent.length > 10);
    return said && panel.querySelectorAll('p').length > 1 && byte.textContent.startsWith(`byte ${number}: ${char} `);
  }));
  assert.ok(opened.length > 600 && opened.every(Boolean), `${opened.length} bytes, at ${opened.indexOf(false)}`);
  assert.equal(await page.locator('.opened').count(), 2);
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('keys that are none are said to be none', { skip }, async () => {
  const visitor = await Visitor.open(browser, `${server.url}/lessons/museum`);
  const old = visitor.page.locator('[data-handshake="hixie76"]');
  const field = old.getByLabel('Key 1');
  for (const [key, fault] of [['12', /no spaces/], ['a b', /no digits/], ['1 2 3', /do not divide/], ['42949 67296', /32 bits/]]) {
    await field.fill(key);
    assert.match(await old.locator('#hixie76-key1-wrong').textContent(), fault);
    assert.match(await old.locator('.refused').textContent(), /400/);
  }
  await field.fill('你 1');
  assert.equal(await old.locator('.byte').count(), 0);
  await visitor.close();
});

test('it goes by keys, in Chinese too, and looks right everywhere', { skip }, async () => {
  const looks = Object.entries(LOOKS).filter(([look]) => process.env.WIREBENCH_NIGHTLY || look !== 'desktop, dark' && look !== 'phone, light');
  for (const [look, view] of looks) {
    const zh = look.startsWith('phone');
    const visitor = await Visitor.open(browser, `${server.url}/lessons/museum${zh ? '/zh' : ''}`, { view });
    const { page } = visitor;
    const old = page.locator('[data-handshake="hixie76"]');
    await old.locator('.byte[tabindex="0"]').first().focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'End', 'ArrowLeft', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
    const number = (await old.locator('.steps dd').first().textContent()) ?? '';
    assert.equal(number, '1299853100', look);
    await page.locator('[data-handshake="rfc6455"] .byte.base64').first().click();
    await isAccessible(page, look);
    if (process.env.WIREBENCH_SHOTS) await page.screenshot({ path: `${process.env.WIREBENCH_SHOTS}/museum-${look.replace(', ', '-')}.png`, fullPage: true });
    assert.deepEqual(visitor.complaints, [], look);
    await visitor.close();
  }
});
