/**
 * The forever iframe: the HTTP stream as a page that never ends.
 *
 * The mirror of the server's transport/iframe.rs. Each event is a script
 * element in a hidden frame; the browser runs it as it comes, and it posts the
 * event to us. The first thing that is posted says only that the frame is open.
 */

/** Needs a page to add the frame to. */
export const possible = () => typeof document === 'object' && typeof postMessage === 'function';

/**
 * Reads until either side leaves.
 * @param {import('./link.js').Link} link
 */
export function read(link) {
  return new Promise((_, reject) => {
    const frame = document.createElement('iframe');
    frame.hidden = true;
    const hear = ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      if (data.kind === 'open') {
        if (!link.mustProve) link.opened();
        return;
      }
      link.opened();
      link.heard(data);
    };
    const end = (error) => {
      removeEventListener('message', hear);
      frame.remove();
      reject(error);
    };
    addEventListener('message', hear);
    // A page that is loaded has ended.
    frame.onload = () => end(new Error('the page in the frame ended'));
    frame.onerror = frame.onload;
    link.signal.addEventListener('abort', () => end(link.signal.reason), { once: true });
    frame.src = link.address('iframe');
    document.body.append(frame);
  });
}
