/**
 * The language that a reader chose, kept in the browser for all pages.
 */

const KEY = 'wirebench-lang';

/** Returns the language that was chosen before, or null. */
export function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // Private windows may refuse; then the server's language is as good.
    return null;
  }
}

/** Keeps a choice for the next visit. */
export function keep(lang) {
  try {
    localStorage.setItem(KEY, lang);
  } catch {
    // It holds for this visit.
  }
}
