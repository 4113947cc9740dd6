// npm run simulate-trading [-- --seeds 100000 --from 1 --processes 2]: simulated trading at scale, see
// docs/confirming.md. Prints what was planted, declared, missed and still open, by type; exits with 1 and prints the
// events if a world goes wrong. -- --trace SEED: the events of one world.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import './typescript-loader.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string' },
    processes: { type: 'string', default: '1' },
    trace: { type: 'string' },
    part: { type: 'boolean' },
  },
});
const { failureReport, simulate, describeWorld } = await import('../test/simulation/simulate.ts');
const { writeScript } = await import('../test/simulation/script.ts');
const { Tally } = await import('../test/simulation/tally.ts');

const seeds = Number(values.seeds);
const from = Number(values.from ?? Math.floor(Math.random() * 2 ** 31));

/** Plays a part of the worlds, and sends their totals every few seconds. */
async function playPart() {
  let tally = new Tally();
  let sent = performance.now();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const judgement = await simulate(writeScript(seed));
    tally.add(judgement);
    if (judgement.wrong.length > 0) process.send({ wrong: await failureReport(seed) });
    if (performance.now() - sent > 5000) {
      process.send({ totals: tally.totals });
      tally = new Tally();
      sent = performance.now();
    }
  }
  process.send({ totals: tally.totals }, () => process.disconnect());
}

/** Plays all worlds, in the given number of processes. */
async function playAll() {
  const tally = new Tally();
  const processes = Math.min(Number(values.processes), seeds);
  let shown = performance.now();
  console.log(`simulated trading: ${seeds} worlds from seed ${from}`);
  const receive = ({ wrong, totals }) => {
    if (wrong !== undefined) {
      console.log(wrong);
      process.exitCode = 1;
    }
    if (totals !== undefined) tally.merge(totals);
    if (performance.now() - shown > 60_000) {
      shown = performance.now();
      console.error(`${tally.totals.worlds} worlds, ${tally.falseAlarms} false alarms, ${tally.misses} misses`);
    }
  };
  const parts = Array.from({ length: processes }, (_, index) => {
    const first = from + Math.floor((index * seeds) / processes);
    const count = from + Math.floor(((index + 1) * seeds) / processes) - first;
    const child = fork(fileURLToPath(import.meta.url), ['--part', '--seeds', String(count), '--from', String(first)]);
    child.on('message', receive);
    return new Promise((resolve) => child.once('close', resolve));
  });
  const codes = await Promise.all(parts);
  console.log(tally.report());
  if (tally.totals.worlds === seeds && codes.every((code) => code === 0)) return;
  console.log(`only ${tally.totals.worlds} of ${seeds} worlds were played: a process ended with ${codes.join(', ')}`);
  process.exitCode = 1;
}

if (values.trace !== undefined) console.log(await describeWorld(writeScript(Number(values.trace))));
else if (values.part) await playPart();
else await playAll();
