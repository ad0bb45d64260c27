/**
 * The end of a link's WebSocket, whichever side ends it.
 */

/** Needs WebSocket. */
export const possible = () => typeof WebSocket === 'function';

/** What a close code means (RFC 6455, section 7.4.1), in words for the page. */
function closeInWords(code, reason) {
  if (code === 1001) return 'the server said goodbye';
  // The browser's own code for a close frame that has none.
  if (code === 1005) return 'the server closed the socket without a code';
  if (code === 1006) return 'the socket broke without a goodbye';
  return `the server closed the socket: ${reason || 'no reason given'} (${code})`;
}

/**
 * Ends a link with its socket, and its socket with the link.
 * @param {import('./link.js').Link} link
 * @param {WebSocket} socket
 * @param {(reason: Error) => void} reject is told why it ended
 */
export function endWith(link, socket, reject) {
  socket.onclose = ({ code, reason }) => {
    link.speak = null;
    reject(new Error(closeInWords(code, reason)));
  };
  link.signal.addEventListener(
    'abort',
    () => {
      // The closing handshake may take a while, and we are done here.
      link.speak = null;
      socket.onmessage = null;
      socket.close();
      reject(link.signal.reason);
    },
    { once: true },
  );
}
