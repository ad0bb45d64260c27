/**
 * The reader's choice of a language, and a button beside each block of commands
 * that copies it.
 */

import { keep, kept } from '/page/choice.js';

const other = document.getElementById('lang');
const otherLang = other.lang.slice(0, 2);
other.addEventListener('click', () => keep(otherLang));
// An address that names no language has the page in that of the server.
const asked = new URLSearchParams(location.search).get('lang') ?? kept();
if ('follows' in document.body.dataset && asked === otherLang) location.replace(other.href);

const zh = document.documentElement.lang.startsWith('zh');
const WORDS = zh ? { copy: '复制', copied: '已复制', failed: '请手动复制' } : { copy: 'Copy', copied: 'Copied', failed: 'Copy by hand' };
/** How long the button says what came of it. */
const SAID_MS = 2_000;

/** Browsers keep `navigator.clipboard` from pages that came over plain http from another host. */
async function copy(block) {
  const text = block.textContent.trimEnd();
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  getSelection().selectAllChildren(block);
  if (!document.execCommand('copy')) throw new Error('selected, but not copied');
  return undefined;
}

for (const block of document.querySelectorAll('pre')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = WORDS.copy;
  button.addEventListener('click', async () => {
    button.textContent = await copy(block).then(() => WORDS.copied, () => WORDS.failed);
    setTimeout(() => (button.textContent = WORDS.copy), SAID_MS);
  });
  const around = document.createElement('div');
  around.className = 'command';
  block.replaceWith(around);
  block.tabIndex = 0;
  around.append(block, button);
}
