import { watch } from './plumbline.js';
import { writeScript, type Script } from './script.js';
import { judgeRuns, type Judgement } from './verdicts.js';
import { World } from './world.js';

/** Plays one world to its end and compares Plumbline's reports with the truth. */
export async function simulate(script: Script): Promise<Judgement> {
  const world = new World(script, false);
  return judgeRuns(world, await watch(world));
}

/** The world's events, line by line, including Plumbline's observations and verdicts. */
export async function describeWorld(script: Script): Promise<string> {
  const world = new World(script, true);
  const judgement = judgeRuns(world, await watch(world));
  const begin = script.ticks[0] ?? 0;
  const { seed, hedge, paged, pageEveryMs, skew, lossRate, policy } = script;
  const { graceSeconds, confirmations, compareBalances } = policy;
  return [
    `seed ${seed}: ${JSON.stringify({ hedge, paged, pageEveryMs, skew, lossRate, graceSeconds, confirmations, compareBalances })}`,
    ...world.told.map(({ at, text }) => `${((at - begin) / 1000).toFixed(1).padStart(8)} s  ${text}`),
    ...judgement.wrong.map((text) => `WRONG: ${text}`),
  ].join('\n');
}

/** Removes as many events as possible such that the world still goes wrong. */
export async function shrink(script: Script): Promise<Script> {
  let events = script.events;
  for (let size = Math.ceil(events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < events.length;) {
      const fewer = [...events.slice(0, from), ...events.slice(from + size)];
      const { wrong } = await simulate({ ...script, events: fewer });
      if (wrong.length > 0) events = fewer;
      else from += size;
    }
  }
  return { ...script, events };
}

/** The report of a failing seed: the seed, and the events of the smallest world that still goes wrong. */
export async function failureReport(seed: number): Promise<string> {
  const script = writeScript(seed);
  const small = await shrink(script);
  return `${await describeWorld(small)}\n(${script.events.length} events, shrunk to ${small.events.length}; again: PLUMBLINE_SIMULATION_SEED=${seed})`;
}
