/**
 * Tokens that nobody guesses.
 */

/** 24 hexadecimal digits from the browser's random source. */
export function randomToken() {
  // crypto.randomUUID would be shorter, but browsers hide it from a page that
  // came over plain http:// from another host, as in a classroom.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
