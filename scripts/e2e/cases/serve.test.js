/**
 * `wirebench serve`: the same pages without the wire, and lanes that are there
 * only when somebody looks.
 */

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { book, everyLaneHears, lane, LANES, openLanes, sayInLanes } from '../lanes.js';
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

const answers = (port) =>
  new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => done(true) || socket.destroy()).on('error', () => done(false));
  });

test('from the chat to the lanes, whose bytes are counted and not shown', { skip }, async () => {
  const visitor = await Visitor.open(browser, server.url);
  await visitor.page.getByRole('link', { name: 'Side by side' }).click();
  await visitor.close();
  const lanes = await openLanes(browser, `${server.url}/classroom`);
  const { page } = lanes;
  await sayInLanes(lanes, 'in each lane');
  await everyLaneHears(lanes, 'in each lane');
  const ports = await page.locator('.port').allTextContents();
  assert.equal(new Set([...ports, `:${new URL(server.url).port}`]).size, LANES.length + 1);
  for (const name of LANES) {
    await until(`${name} has its books`, async () => (await book(lanes, name, 'down-overhead')) > 0);
    await until(`${name} has arrows`, async () => (await lane(lanes, name).locator('.arrow').count()) > 0);
  }
  assert.equal(await page.getByRole('tab', { name: 'The wire' }).isHidden(), true);
  assert.equal(await page.locator('#tab-teacher').isHidden(), true);
  // An arrow leads nowhere here.
  await lane(lanes, 'websocket').locator('.arrow .target').first().dispatchEvent('click', { bubbles: true });
  assert.equal(await page.locator('#view-lanes').isVisible(), true);
  assert.deepEqual(lanes.complaints, []);
  await lanes.close();
});

test('no byte of a message leaves for a page that does not show it', { skip }, async () => {
  const lanes = await openLanes(browser, `${server.url}/classroom`);
  const told = [];
  lanes.page.on('websocket', (socket) => {
    if (!socket.url().includes('/classroom/channel')) return;
    socket.on('framereceived', ({ payload }) => told.push(String(payload)));
  });
  await lanes.page.reload();
  await until('the lanes are back', async () => (await lanes.page.locator('.lane[data-state="connected"]').count()) === LANES.length);
  await sayInLanes(lanes, 'a word for nobody else');
  await everyLaneHears(lanes, 'a word for nobody else');
  await until('it was told of', () => told.some((text) => text.includes('"deliver"')));
  assert.equal(told.some((text) => text.includes('a word for')), false);
  await lanes.close();
});

test('whoever started it may move people and add a delay', { skip }, async () => {
  const teacher = await openLanes(browser, server.teacher);
  const ann = await Visitor.open(browser, server.url);
  await ann.enter({ name: 'ann', transport: 'websocket' });
  await teacher.page.getByRole('tab', { name: 'Teacher' }).click();
  // Everybody's bytes are not counted here, and no table says that they were.
  assert.equal(await teacher.page.locator('#class').isHidden(), true);
  await teacher.page.getByRole('radio', { name: 'Long polling' }).check();
  await ann.sees('#state', 'Connected over Long polling');
  await teacher.page.getByRole('radio', { name: 'own choice' }).check();
  await ann.sees('#state', 'Connected over WebSocket');
  await teacher.close();
  await ann.close();
});

test('a server that nobody looks at has one port', async () => {
  const alone = await startServer();
  try {
    const port = Number(new URL(alone.url).port);
    const room = `${alone.url}/rooms/hall`;
    assert.equal((await fetch(`${room}/messages`, { method: 'POST', body: '{"from":"a","text":"x"}' })).status, 201);
    assert.equal((await fetch(`${alone.url}/lessons`)).status, 200);
    const policy = async () => (await fetch(`${alone.url}/`)).headers.get('content-security-policy');
    assert.doesNotMatch(await policy(), /http:\/\/\*/);
    // The first look opens the lanes; a second opens no others.
    const look = async () => (await (await fetch(`${alone.url}/classroom/config`)).json()).lanes.map((one) => one.port);
    const ports = await look();
    assert.equal(ports.length, LANES.length);
    assert.deepEqual(await look(), ports);
    assert.equal(ports.includes(port), false);
    for (const lanePort of ports) assert.equal(await answers(lanePort), true);
  } finally {
    await alone.stop();
  }
});

test('in Chinese, from the command line, from a link and by the button', { skip }, async () => {
  const chinese = await startServer('--lang', 'zh');
  try {
    const visitor = await Visitor.open(browser, chinese.url);
    const { page } = visitor;
    await visitor.sees('#enter h2', '加入聊天');
    await page.locator('#lang').click();
    await visitor.sees('#enter h2', 'Join the chat');
    // The choice is kept, whatever the server says.
    await page.reload();
    await visitor.sees('#enter h2', 'Join the chat');
    await page.goto(`${chinese.url}/?lang=zh`);
    await page.locator('#name').fill('安');
    await page.locator('#first-transport').selectOption('sse');
    await page.locator('#enter button').click();
    await visitor.sees('#state', '已连接：服务器发送事件');
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
    await visitor.sees('#people .way', '服务器发送事件');
    await page.locator('#lang').click();
    await visitor.sees('#state', 'Connected over Server-sent events');
    await visitor.sees('.note span', 'joined');
    await visitor.close();
  } finally {
    await chinese.stop();
  }
});
