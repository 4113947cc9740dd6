// npm run simulate-trading [-- --seeds 100000 --from 1]: simulated trading at scale, see docs/settling.md. Prints what was
// planted, declared and missed by type; ends with 1 at the first world that goes wrong, and tells its story.
// -- --tell SEED: the story of one world.
import { parseArgs } from 'node:util';
import './typescript-loader.mjs';

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, from: { type: 'string' }, tell: { type: 'string' } },
});
const { failureReport, simulate, tellStory } = await import('../test/simulation/simulate.ts');
const { writeScript } = await import('../test/simulation/script.ts');
const { Tally } = await import('../test/simulation/tally.ts');

if (values.tell !== undefined) {
  console.log(await tellStory(writeScript(Number(values.tell))));
} else {
  const seeds = Number(values.seeds ?? 2000);
  const from = Number(values.from ?? Math.floor(Math.random() * 2 ** 31));
  const tally = new Tally();
  let shown = performance.now();
  console.log(`simulated trading: ${seeds} worlds from seed ${from}`);
  for (let seed = from; seed < from + seeds; seed += 1) {
    const judgement = await simulate(writeScript(seed));
    if (judgement.wrong.length > 0) {
      console.log(await failureReport(seed));
      process.exitCode = 1;
      break;
    }
    tally.add(judgement);
    if (performance.now() - shown > 30_000) {
      shown = performance.now();
      console.error(`${tally.worlds} worlds, ${tally.falseAlarms} false alarms, ${tally.misses} misses`);
    }
  }
  console.log(tally.report());
}
