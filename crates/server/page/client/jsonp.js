/**
 * JSONP: the long poll in a script element.
 *
 * The mirror of the server's transport/jsonp.rs. A script may come from
 * anywhere and cannot be read, only run: so the answer is a call of a function
 * of ours, with the batch. For a browser without fetch, or a network that lets
 * nothing else through.
 */

/** What the network may add to the hold before we call the exchange broken. */
const GRACE_MS = 10_000;

let count = 0;

/** Needs a page to add the element to. */
export const possible = () => typeof document === 'object';

/**
 * Reads until the exchange fails or the link is ended.
 * @param {import('./link.js').Link} link
 */
export async function read(link) {
  let hold = 0;
  for (;;) {
    link.heardBatch(await link.within(hold * 1000 + GRACE_MS, ask(link, hold)));
    hold = link.hold;
  }
}

/** One exchange: adds a script, and gives back the batch that it brings. */
function ask(link, hold) {
  return new Promise((resolve, reject) => {
    if (link.signal.aborted) return reject(link.signal.reason);
    const callback = `wirebenchJsonp${(count += 1)}`;
    const script = document.createElement('script');
    const end = (settle, value) => {
      link.signal.removeEventListener('abort', stop);
      // A script that was asked for runs even when nobody wants it any longer.
      globalThis[callback] = () => {};
      settle(value);
    };
    const stop = () => end(reject, link.signal.reason);
    const gone = () => {
      script.remove();
      delete globalThis[callback];
    };
    globalThis[callback] = (batch) => end(resolve, batch);
    script.onload = gone;
    script.onerror = () => {
      end(reject, new Error('the script did not come'));
      gone();
    };
    link.signal.addEventListener('abort', stop, { once: true });
    script.src = link.address('jsonp', { callback, hold });
    document.head.append(script);
  });
}
