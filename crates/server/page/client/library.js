/**
 * What the readers of libraries share: a WebSocket in which packets travel that are not the wire
 * contract's own. Each protocol is spoken here by hand, in as few lines as one room needs.
 */

import { endWith } from './close.js';

export { possible } from './close.js';

/**
 * Reads until either side leaves.
 * @param {import('./link.js').Link} link
 * @param {(room: string) => string} path the address of the library's WebSocket
 * @param {Record<string, string | number>} query what the library adds to its address
 * @param {(socket: WebSocket) => {hear: (packet: string) => void, speak: (draft: object) => void}} protocol
 */
export function readOver(link, path, query, protocol) {
  return new Promise((_, reject) => {
    const socket = new WebSocket(address(link, path, query));
    const { hear, speak } = protocol(socket);
    socket.onmessage = ({ data }) => {
      try {
        if (hear(data) === 'open') {
          link.speak = speak;
          link.opened();
        }
      } catch (error) {
        socket.close();
        reject(error);
      }
    };
    endWith(link, socket, reject);
  });
}

/** The library's address, with the query of a plain reading: the place, the name and the token. */
function address(link, path, query) {
  const plain = new URL(link.address('ws', { ack: 1 }));
  const room = plain.pathname.split('/')[2];
  const url = new URL(path(room), plain);
  url.search = plain.search;
  for (const [key, value] of Object.entries({ room, ...query })) url.searchParams.set(key, value);
  return url.href.replace(/^http/, 'ws');
}
