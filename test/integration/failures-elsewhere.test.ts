import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uniqueTaskQueue } from '../support/temporal.js';
import { reported, type Reported } from './support/drift-cases.js';
import { sorted } from './support/ledger-views.js';
import { play } from './support/failures/play.js';
import { scenarios } from './support/failures/scenarios.js';
import type { Act, Scenario, View } from './support/failures/scenario.js';
import { startSimulatedWorld, type SimulatedWorld } from './support/simulated-world.js';

/** Far above the normal duration: the tests wait for events, and share the machine with all others. */
const PATIENCE_MS = 240_000;

const AT_ONCE = 6;

let world: SimulatedWorld;
const taskQueue = uniqueTaskQueue('failures');
const plays = new Map<string, Promise<View[]>>();

beforeAll(async () => {
  world = await startSimulatedWorld();
  await world.startWorker(taskQueue);
  // Many in parallel on one worker: each has its own exchange, and most of a run is waiting. All at once would start so many
  // runs in the same second that a busy machine does not end a workflow's task within the 10 s that it has.
  const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, async () => {});
  for (const [index, scenario] of scenarios.entries()) {
    const lane = index % AT_ONCE;
    const before = lanes[lane];
    const played = (async () => {
      await before;
      return play(world, scenario, taskQueue);
    })();
    lanes[lane] = played.catch(() => {}); // The scenario's own test reports it.
    plays.set(scenario.title, played);
  }
}, PATIENCE_MS);

afterAll(async () => {
  await Promise.allSettled(plays.values());
  await world.close();
}, PATIENCE_MS);

async function played({ title }: Scenario): Promise<View[]> {
  const views = plays.get(title);
  if (views === undefined) throw new Error(`"${title}" was not played`);
  return views;
}

/**
 * Discrepancy types of those that are in one list and not in the other; a newly known cause does not make a new one.
 */
function typesBeyond(some: readonly Reported[], others: readonly Reported[]): string[] {
  const left = sorted(others.map(withoutCause));
  return some
    .filter((one) => {
      const at = left.indexOf(sorted([withoutCause(one)]).join());
      if (at === -1) return true;
      left.splice(at, 1);
      return false;
    })
    .map(({ type }) => type)
    .toSorted();
}

function withoutCause({ cause: _cause, ...rest }: Reported): Reported {
  return rest;
}

/** Everything that the run after an act must report, as the act describes it. */
function expectedOf(act: Act, before: Act | undefined): Record<string, unknown> {
  const [stands, stood] = [act.stands ?? [], before?.stands ?? []];
  const opened = typesBeyond(stands, stood);
  return {
    outcome: act.fails !== undefined ? 'failed' : stands.length > 0 ? 'drifted' : 'matched',
    failure: act.fails === undefined ? null : { kind: act.fails.kind },
    stands: sorted(stands),
    opened,
    resolved: typesBeyond(stood, stands),
    causes: (act.causes ?? opened.map(() => 'unexplained 1')).toSorted(),
    faults: [],
  };
}

function shownBy({ run, open, opened, resolved, causes, faults }: View): Record<string, unknown> {
  return {
    outcome: run.outcome,
    failure: run.failure === null ? null : { kind: run.failure.kind },
    stands: sorted(open.map(({ difference }) => reported(difference))),
    opened: opened.toSorted(),
    resolved: resolved.toSorted(),
    causes: causes.map((cause) => cause.reported),
    faults,
  };
}

describe('what failed elsewhere, through exchange, worker and ledger', () => {
  it.each(scenarios)(
    '$title',
    async (scenario) => {
      const { acts } = scenario;
      const views = await played(scenario);
      expect(views).toHaveLength(acts.length);
      const texts: string[] = [];
      for (const [index, act] of acts.entries()) {
        const view = views[index];
        if (view === undefined) continue;
        expect({ [act.shows]: shownBy(view) }).toEqual({ [act.shows]: expectedOf(act, acts[index - 1]) });
        expect(view.run.failure?.message ?? '').toMatch(act.fails?.message ?? /^$/);
        expect(view).toMatchObject({ ...act.sees });
        // One call for each cause, and no other.
        texts.push(...view.causes.map(({ text }) => text));
        expect(view.calledFor.toSorted()).toEqual(texts.toSorted());
        const words = [...view.calledFor, ...view.open.flatMap(({ description, remedy }) => [description, remedy])];
        for (const wanted of act.says ?? []) expect(words.join('\n')).toMatch(wanted);
      }
    },
    PATIENCE_MS,
  );
});
