/**
 * Words in English and in Chinese, and which of the two the page speaks.
 *
 * A link may say (`?lang=zh`); else it is what was chosen here before, or what
 * the server wrote into the page.
 */

import { keep, kept } from './choice.js';

const LANGS = ['en', 'zh'];

let current = chosen();

function chosen() {
  const asked = new URLSearchParams(location.search).get('lang');
  for (const name of [asked, kept(), document.documentElement.lang.slice(0, 2)]) {
    if (LANGS.includes(name)) return name;
  }
  return 'en';
}

/** The language in use. */
export const lang = () => current;

/** Changes to the other language, and keeps it for the next visit. */
function switchLang() {
  current = LANGS.find((name) => name !== current);
  keep(current);
}

/** Picks from a pair: English, Chinese. */
export const pick = (pair) => pair[LANGS.indexOf(current)];

/**
 * Makes the two functions that a page speaks with.
 * @param {Record<string, [string, string]>} texts by key: English, Chinese
 */
export function speaks(texts) {
  /** A text, with `{name}` filled in; a key without a text is the text. */
  function t(key, values = {}) {
    const text = Object.hasOwn(texts, key) ? pick(texts[key]) : key;
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** Writes the words into everything that asks for some by `data-text` and its kin. */
  function fill(root = document) {
    if (root === document) document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
    for (const element of root.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
    for (const element of root.querySelectorAll('[data-label]')) element.ariaLabel = t(element.dataset.label);
    for (const element of root.querySelectorAll('[data-placeholder]')) {
      element.placeholder = t(element.dataset.placeholder);
    }
  }

  return { t, fill };
}

/** Makes a button the switch; `change` writes the page anew. */
export function switchBy(button, change) {
  const show = () => {
    button.textContent = pick(['中文', 'English']);
    button.lang = pick(['zh-CN', 'en']);
  };
  button.addEventListener('click', () => {
    switchLang();
    show();
    change();
  });
  show();
}
