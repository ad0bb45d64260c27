/**
 * Presentation mode: large type and few controls for the front of a class. The
 * button or the key P begins and ends it, Escape ends it, and digits show and
 * hide lanes.
 */

import { t } from './texts.js';

/** Whether a key is meant for what has the focus. */
const isTyping = ({ target }) => target.closest('input:not([type="checkbox"]), select, textarea, dialog') !== null;

/** Sets the mode up. @param {HTMLElement} button */
export function present(button) {
  const is = () => document.body.dataset.present === 'true';

  function set(on) {
    document.body.dataset.present = String(on);
    button.ariaPressed = String(on);
  }

  button.addEventListener('click', () => set(!is()));
  addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (key === 'Escape' && is() && !target.closest('dialog')) return set(false);
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (key === 'p' || key === 'P') set(!is());
    else if (is() && /^[1-7]$/.test(key)) document.querySelectorAll('#lanes .lane')[key - 1]?.toggleAttribute('hidden');
    else return undefined;
    return event.preventDefault();
  });
  button.title = t('presentHint');
  set(false);
}
