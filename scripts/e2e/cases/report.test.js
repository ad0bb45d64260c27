/**
 * The page of a run on a phone, on a wide screen and in the dark.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launch, skip } from '../browser.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BINARY = process.env.WIREBENCH_BIN ?? join(ROOT, 'target/debug/wirebench');
/** A sweep of many cells, whose table is the widest. */
const SWEEP = join(ROOT, 'results/clients-and-rate');

let folder;
let browser;
before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'report-'));
  for (const file of ['manifest.json', 'runs.csv', 'ladder.csv', 'ledger.csv', 'timeline.csv']) cpSync(join(SWEEP, file), join(folder, file));
  execFileSync(BINARY, ['report', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** Opens the page, does something there, and closes it. */
async function onPage(view, does) {
  const context = await browser.newContext(view);
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  await does(page);
  await context.close();
}

/** How much wider a thing's content is than the thing: 0 if nothing is cut. */
const cut = (locator) => locator.evaluate((one) => one.scrollWidth - one.clientWidth);

test('on a phone a chart is all in view, and a tap enlarges it', { skip }, () =>
  onPage({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, async (page) => {
    const first = page.locator('.sheet').first();
    assert.ok((await cut(first)) <= 1);
    await first.tap();
    assert.ok((await cut(first)) > 200);
  }));

test('on a wide screen no column of a sweep is cut', { skip }, () =>
  onPage({ viewport: { width: 1440, height: 900 } }, async (page) => {
    for (const section of ['#results', '#against']) {
      const over = await cut(page.locator(`${section} .scroll`).first());
      assert.ok(over <= 1, `${section}: ${over}`);
    }
    assert.ok((await cut(page.locator('html'))) <= 1);
  }));

/** The colour of a chart's ground as it is on the screen. */
async function ground(page) {
  const picture = await page.locator('.sheet').first().screenshot();
  return page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    return [...pen.getImageData(40, 8, 1, 1).data].slice(0, 3);
  }, picture.toString('base64'));
}

for (const [colorScheme, fits] of [
  ['light', (share) => share > 240],
  ['dark', (share) => share < 60],
]) {
  test(`the ground of a chart is ${colorScheme} where the page is`, { skip }, () =>
    onPage({ viewport: { width: 1440, height: 900 }, colorScheme }, async (page) => {
      const found = await ground(page);
      assert.ok(found.every(fits), `${found}`);
    }));
}
