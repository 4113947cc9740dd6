import type { RecordedRun } from '../../../../src/domain/lifecycle/run.js';
import type { AccountTotals } from '../../../../src/ledger/contract/ledger.js';
import { eventsOf, causesOf } from '../ledger-views.js';
import type { SimulatedAccount, SimulatedWorld } from '../simulated-world.js';
import { eventually } from '../world.js';
import type { Scenario, View } from './scenario.js';

/**
 * Time limit for asynchronous results. Far above the normal duration, and below the limit of the tests, so that a
 * missing result is reported.
 */
export const PATIENCE_MS = 120_000;

/** Plays a scenario on its own account, act after act, and returns the view after each. */
export async function play(
  world: SimulatedWorld,
  { options, scene, acts }: Scenario,
  taskQueue: string,
): Promise<View[]> {
  const account = await world.addAccount({ ...options, taskQueue });
  await scene(account);
  await account.start();
  const first = await account.runUntil(1);
  if (first.outcome !== 'matched' || first.looks !== 1) {
    throw new Error(`both sides should agree on the scene: ${JSON.stringify(first)}`);
  }
  const views: View[] = [];
  let calls = 0;
  for (const { happens, run: playRun } of acts) {
    await happens?.(account);
    const run = await (playRun?.(account) ?? account.runNow());
    calls += run.calls.length;
    views.push(await seen(world, account, run, calls));
  }
  return views;
}

async function seen(world: SimulatedWorld, account: SimulatedAccount, run: RecordedRun, calls: number): Promise<View> {
  // The intervention is a separate workflow: it follows asynchronously.
  const calledFor = await eventually(
    async () => reasonsOf(account),
    ({ length }) => length >= calls,
    PATIENCE_MS,
  );
  const events = (await account.events()).filter(({ runNumber }) => runNumber === run.runNumber);
  const ended = [...eventsOf({ events }, 'RECONCILIATION_COMPLETED'), ...eventsOf({ events }, 'RECONCILIATION_FAILED')];
  const [payload, ...others] = ended;
  if (payload === undefined || others.length > 0) throw new Error(`a run ends once, not ${ended.length} times`);
  const opened = eventsOf({ events }, 'MANUAL_INTERVENTION');
  const totals = await eventually(
    async () => totalsOf(world, account),
    ({ callDueSince }) => callDueSince === null,
    PATIENCE_MS,
  );
  return {
    run,
    open: await world.ledger.discrepancies(account.name, { state: 'open' }),
    ended: payload,
    causes: causesOf(opened),
    opened: opened.map(({ action }) => String(action)),
    resolved: eventsOf({ events }, 'DISCREPANCY_RESOLVED').map(({ type }) => String(type)),
    calledFor,
    totals,
    faults: await account.faults(),
  };
}

async function totalsOf({ ledger }: SimulatedWorld, { name }: SimulatedAccount): Promise<AccountTotals> {
  const totals = await ledger.account(name);
  if (totals === null) throw new Error('the ledger has lost the account');
  return totals;
}

/** The reasons for which a human was called. Each call of an intervention contains all of its reasons. */
function reasonsOf(account: SimulatedAccount): string[] {
  const interventions = new Map(account.calls().map(({ interventionId, reasons }) => [interventionId, reasons]));
  return [...interventions.values()].flat().map(({ text }) => text);
}
