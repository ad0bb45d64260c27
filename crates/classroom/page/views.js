/**
 * The tabs, and the view behind each.
 */

import { byId } from './element.js';

/** Sets the tabs up; gives back the function that shows one. */
export function views(onShow) {
  const tabs = [...document.querySelectorAll('[role="tab"]')];

  function show(tab) {
    for (const other of tabs) {
      const chosen = other === tab;
      other.ariaSelected = String(chosen);
      other.tabIndex = chosen ? 0 : -1;
      byId(other.getAttribute('aria-controls')).hidden = !chosen;
    }
    document.body.dataset.view = tab.id;
    onShow();
  }

  for (const tab of tabs) {
    tab.addEventListener('click', () => show(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      const seen = tabs.filter(({ hidden }) => !hidden);
      if (!step) return;
      const next = seen.at((seen.indexOf(tab) + step) % seen.length);
      show(next);
      next.focus();
    });
  }
  return show;
}
