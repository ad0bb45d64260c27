/** What a close code means (RFC 6455, section 7.4.1), in words for the page. */
export function closeInWords(code, reason) {
  if (code === 1001) return 'the server said goodbye';
  if (code === 1006) return 'the socket broke without a goodbye';
  return `the server closed the socket: ${reason || 'no reason given'} (${code})`;
}
