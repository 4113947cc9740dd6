import { describe, expect, it } from '@jest/globals';
import { writeScript } from './script.js';
import { failureReport, simulate } from './simulate.js';
import { Tally } from './tally.js';

/**
 * Different worlds in every run; a failure names its seed, and PLUMBLINE_SIMULATION_SEED repeats it. `npm run nightly`
 * plays 68,000.
 */
const SEEDS = Number(process.env.PLUMBLINE_SIMULATION_SEEDS ?? 600);
const FIRST = Number(process.env.PLUMBLINE_SIMULATION_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe('simulated trading', () => {
  it(`has no false alarm and no miss in ${SEEDS} worlds from seed ${FIRST}`, async () => {
    const tally = new Tally();
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      const judgement = await simulate(writeScript(seed));
      if (judgement.wrong.length > 0) throw new Error(await failureReport(seed));
      tally.add(judgement);
    }
    expect(tally.falseAlarms + tally.misses).toBe(0);
  }, 900_000);
});
