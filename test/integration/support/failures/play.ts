import type { RecordedRun } from '../../../../src/domain/lifecycle/run.js';
import type { AccountTotals } from '../../../../src/ledger/contract/ledger.js';
import { eventsOf, causesOf } from '../ledger-views.js';
import type { SimulatedAccount, SimulatedWorld } from '../simulated-world.js';
import { eventually } from '../world.js';
import type { Scenario, View } from './scenario.js';

/**
 * For what comes in its own time. Far above what it takes, and below that of the tests, so that what was missing is
 * reported.
 */
export const PATIENCE_MS = 120_000;

/** Plays a scenario on an account of its own, act after act, and reports what was to be seen after each. */
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
  // The intervention is another workflow: it is reported in its own time.
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

/** What a human was called for. Each call of an intervention reports all of its reasons. */
function reasonsOf(account: SimulatedAccount): string[] {
  const interventions = new Map(account.calls().map(({ interventionId, reasons }) => [interventionId, reasons]));
  return [...interventions.values()].flat().map(({ text }) => text);
}
