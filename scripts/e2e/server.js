/**
 * The real server as a child process, ended by its process id.
 *
 * WIREBENCH_BIN names the binary; without it, the debug build of this tree.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const BUILT = fileURLToPath(new URL('../../target/debug/wirebench', import.meta.url));

/** Starts `wirebench serve`; `again` is a server on the same port, after this one is gone. */
export const startServer = (...options) => serving('serve', '127.0.0.1:0', options);

/** Starts `wirebench serve` with options that leave lanes and teacher out, such as `--ledger FILE`. */
export const startAlone = (...options) => start(['serve', '--listen', '127.0.0.1:0', ...options]);

/** Starts `wirebench classroom`. */
export const startClassroom = (...options) => serving('classroom', '127.0.0.1:0', options);

/** Either of them: `teacher` is the link of whoever started it. */
async function serving(command, listen, options) {
  const server = await start([command, '--listen', listen, ...options]);
  const teacher = await until('the teacher has a link', () =>
    /https?:\S+#token=\S+/.exec(server.printed.join('\n'))?.[0],
  );
  return { ...server, teacher, again: () => serving(command, new URL(server.url).host, options) };
}

/** Starts a command that serves. */
async function start(args) {
  const binary = process.env.WIREBENCH_BIN ?? BUILT;
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  exited.catch(() => {});
  const lines = createInterface({ input: child.stdout });
  const printed = [];
  lines.on('line', (line) => printed.push(line));
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => line),
    once(child, 'error').then(([error]) => Promise.reject(new Error(`${binary}: ${error.message}`))),
    exited.then(() => Promise.reject(new Error(`${binary} ended before it was listening`))),
  ]);
  const url = /^listening on (https?:\/\/\S+)$/.exec(first)?.[1];
  if (!url) throw new Error(`the first line should be the address, but is: ${first}`);
  return {
    url,
    printed,
    /** Asks the server to say goodbye, or kills it; resolves when it is gone. */
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}
