import type { Observation } from '../compare/observation.js';

/**
 * The clocks of internal state. It may be the sum of several sources, each with its own clock: then it is as new as its oldest
 * part, and an observation read new state only if every source had written.
 */

/**
 * Index of the first observation that read a part of the internal state of the last one. Observations in between may have
 * read other state.
 */
export function firstReadOfLastState(observations: readonly Observation[]): number {
  const parts = [...clocksOf(observations.at(-1))];
  const firstReads = parts.map(([name, clock]) =>
    observations.findIndex((observation) => clocksOf(observation).get(name) === clock),
  );
  return firstReads.length === 0 ? observations.length - 1 : Math.min(...firstReads);
}

/** Whether a source wrote older state than before: a bot that restarted may serve state that it saved earlier. */
export function wentBack(observations: readonly Observation[]): boolean {
  const last = clocksOf(observations.at(-1));
  return observations.some((observation) =>
    [...clocksOf(observation)].some(([name, clock]) => clock > (last.get(name) ?? clock)),
  );
}

/** A source whose clock has stood still since an observation, with that observation. */
export interface StandingSource {
  /** Null for the only source. */
  name: string | null;
  clock: number;
  since: Observation;
}

/**
 * The sources of the last observation, and since when each clock has its value without a break: a bot that restarted may serve
 * the time of an earlier observation again, and has not stood still since then.
 */
export function standingSources(observations: readonly Observation[]): StandingSource[] {
  return [...clocksOf(observations.at(-1))].flatMap(([name, clock]) => {
    const changed = observations.findLastIndex((observation) => clocksOf(observation).get(name) !== clock);
    const since = observations[changed + 1];
    return since === undefined ? [] : [{ name, clock, since }];
  });
}

function clocksOf(observation: Observation | undefined): ReadonlyMap<string | null, number> {
  if (observation === undefined) return new Map();
  const { internalClock, internalClocks } = observation;
  return internalClocks === undefined ? new Map([[null, internalClock]]) : new Map(Object.entries(internalClocks));
}
