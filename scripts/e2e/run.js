/**
 * Runs the test files side by side, twice as many as there are processors: much
 * of their time they wait, for a window that is measured or a heartbeat.
 *
 *     node run.js [FILE...]
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const CASES = fileURLToPath(new URL('cases/', import.meta.url));
/** What takes longest begins first. */
const LONG = ['figures', 'page', 'accessible', 'lessons', 'front', 'hand-in', 'connections', 'classroom'];

/** The test files in the order in which they begin. */
function files() {
  const all = readdirSync(CASES).filter((file) => file.endsWith('.test.js'));
  const long = LONG.map((name) => `${name}.test.js`).filter((file) => all.includes(file));
  return [...long, ...all.filter((file) => !long.includes(file))].map((file) => CASES + file);
}

const given = process.argv.slice(2);
const options = ['--test', `--test-concurrency=${2 * availableParallelism()}`];
const child = spawn(process.execPath, [...options, ...(given.length ? given : files())], { stdio: 'inherit' });
const [code] = await once(child, 'exit');
process.exitCode = code ?? 1;
