/**
 * latency.hlog, read by another implementation of HdrHistogram than the one that
 * wrote it: what a run's rows say is what that one finds in the log.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const BINARY = process.env.WIREBENCH_BIN ?? join(REPOSITORY, 'target/debug/wirebench');

const hdr = await import('hdr-histogram-js').catch(() => null);
const skip = hdr ? false : missing();

function missing() {
  const why = 'SKIPPED: no hdr-histogram-js; npm ci in scripts/e2e installs it';
  if (process.env.WIREBENCH_REQUIRE === '1') throw new Error(why);
  console.error(`\n*** ${why} ***\n`);
  return why;
}

const SETS = [
  'swarm.clients=20',
  'traffic.settle=200ms',
  'traffic.measure=1s',
  'traffic.rate=[10, 20]',
  'repeats=2',
];

/** Rows of a CSV file of numbers and plain words, by column. */
async function rows(file) {
  const [head, ...lines] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, fields[at]]));
  });
}

/** The tag of a row and a clock, as a log has it. */
function tagOf({ transport, variant, cell, repeat }, clock) {
  const encoded = (text) => text.replace(/[ ,;%]/g, encodeURIComponent);
  return `transport=${transport};variant=${encoded(variant)};cell=${encoded(cell)};repeat=${repeat};clock=${clock}`;
}

test('another implementation reads the log of histograms', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wirebench-'));
  try {
    const out = join(folder, 'run');
    const args = ['run', 'scenarios/quick.toml', '--quiet', '--out', out, '--only', 'long_poll,websocket'];
    const child = spawn(BINARY, [...args, ...SETS.flatMap((set) => ['--set', set])], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = await once(child, 'exit');
    // 3: a busy machine made the generator doubt itself; the files are whole.
    assert.ok(code === 0 || code === 3, `ended with ${code}`);

    const reader = new hdr.HistogramLogReader(await readFile(join(out, 'latency.hlog'), 'utf8'));
    const found = new Map();
    for (let one = reader.nextIntervalHistogram(); one; one = reader.nextIntervalHistogram()) {
      assert.ok(!found.has(one.tag), `${one.tag} is there twice`);
      found.set(one.tag, one);
    }
    const ladder = await rows(join(out, 'ladder.csv'));
    assert.ok(ladder.length > 100);
    for (const row of ladder) {
      const histogram = found.get(tagOf(row, row.clock));
      const value = histogram.getValueAtPercentile(Number(row.quantile) * 100);
      assert.equal(Math.floor(value / 1000), Number(row.latency_us), `${histogram.tag} at ${row.quantile}`);
    }

    // Histograms merge by counts: all runs of one transport together.
    const runs = await rows(join(out, 'runs.csv'));
    assert.equal(found.size, 2 * runs.length);
    for (const transport of ['long_poll', 'websocket']) {
      const own = runs.filter((run) => run.transport === transport);
      assert.equal(own.length, 4);
      const merged = hdr.build({ numberOfSignificantValueDigits: 3 });
      for (const run of own) merged.add(found.get(tagOf(run, 'due')));
      const delivered = own.reduce((sum, run) => sum + Number(run.delivered), 0);
      assert.equal(merged.totalCount, delivered);
      for (const run of own) {
        const { startTimeStampMsec, endTimeStampMsec } = found.get(tagOf(run, 'due'));
        assert.ok(Math.abs(startTimeStampMsec - Date.now()) < 3_600_000, 'begun within the hour');
        assert.ok(endTimeStampMsec - startTimeStampMsec >= 900, 'a second was measured');
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
