import { interventionWorkflowId, reconciliationWorkflowId, type PlumblineClient } from '../client.js';
import type { AccountTotals } from '../ledger/contract/ledger.js';
import { mapBounded, type Bounds } from './bounded.js';
import { describeExecution, isFailing, lastPoll, listRunning, taskFailure, type Execution } from './execution.js';
import { asSeenBy, isOwn, type Ownership } from './ownership.js';
import { silenceOf } from './silence.js';

/** What Temporal shows of one account. */
export interface AccountView {
  workflow: Execution;
  /** Null: no intervention is open in the ledger. */
  intervention: Execution | null;
  taskFailure: string | null;
}

export interface TemporalView {
  taskQueue: string;
  /** When a worker last polled the task queue, by Temporal's clock. */
  lastPoll: Date | null;
  /** An account that is missing could not be asked about. */
  accounts: Map<string, AccountView>;
}

/** For a command that a person waits for. */
export const VIEW_LIMITS = { callMs: 5_000, concurrency: 16 };

/** Accounts whose description may fail before all of Temporal is taken for unreachable. */
const MAX_ERRORS = 5;

/**
 * Asks Temporal about the active accounts, and about workflows that run without being in the ledger: they may fail before
 * they can register. Lists, describes and task queues only: no query, so no worker is needed.
 *
 * @throws what the connection throws while Temporal cannot be reached
 */
export async function viewTemporal(
  client: PlumblineClient,
  active: ReadonlyMap<string, Pick<AccountTotals, 'openInterventions'>>,
  limits: Bounds & { callMs: number } = VIEW_LIMITS,
): Promise<TemporalView> {
  const running = await ownRunning(client, active, limits);
  return viewAccounts(client, new Set([...active.keys(), ...running.keys()]), active, limits);
}

/** What runs on the task queue without the workflows of other deployments. */
async function ownRunning(
  client: PlumblineClient,
  known: ReadonlyMap<string, unknown>,
  { callMs }: { callMs: number },
): Promise<Map<string, Execution>> {
  const [running, ownership] = await Promise.all([
    client.within(callMs, async () => listRunning(client)),
    ownershipOf(client, known),
  ]);
  return new Map([...running].filter(([account, execution]) => isOwn(account, execution, ownership)));
}

async function ownershipOf(client: PlumblineClient, known: ReadonlyMap<string, unknown>): Promise<Ownership> {
  return { own: await client.ownDeployment(), knows: (account) => known.has(account) };
}

/** Up to so many accounts each is described; of more, those of which the list and the ledger do not say enough. */
const DESCRIBED_EACH = 100;

/**
 * For a list of all accounts, however many: those of `active`, those of `names`, and all others that run. Where there are
 * many, Temporal's list reports which run, and only what it does not show, what the ledger does not know and what is
 * late is described: a workflow whose tasks fail is late within two minutes.
 *
 * @throws what the connection throws while Temporal cannot be reached
 */
export async function viewFleet(
  client: PlumblineClient,
  names: ReadonlySet<string>,
  active: ReadonlyMap<string, AccountTotals>,
  limits: Bounds & { callMs: number; describedEach?: number } = VIEW_LIMITS,
  known: ReadonlyMap<string, unknown> = active,
): Promise<TemporalView> {
  const running = await ownRunning(client, known, limits);
  const all = new Set([...names, ...running.keys()]);
  if (all.size <= (limits.describedEach ?? DESCRIBED_EACH)) return viewAccounts(client, all, active, limits, known);
  const unclear = [...all].filter((account) => !running.has(account) || !active.has(account));
  const late = [...active.values()].filter((totals) => silenceOf(totals) !== null).map(({ account }) => account);
  const described = new Set([...unclear, ...late.slice(0, DESCRIBED_EACH)]);
  const view = await viewAccounts(client, described, active, limits, known);
  for (const [account, workflow] of running) {
    if (!described.has(account)) view.accounts.set(account, { workflow, intervention: null, taskFailure: null });
  }
  return view;
}

/**
 * As `viewTemporal`, of these accounts only.
 *
 * @param known the accounts of the ledger: of a workflow that does not say who started it they show whether it is own
 */
export async function viewAccounts(
  client: PlumblineClient,
  names: ReadonlySet<string>,
  active: ReadonlyMap<string, Pick<AccountTotals, 'openInterventions'>>,
  limits: Bounds & { callMs: number } = VIEW_LIMITS,
  known: ReadonlyMap<string, unknown> = active,
): Promise<TemporalView> {
  const { temporal, taskQueue } = client;
  const call = async <T>(work: () => Promise<T>): Promise<T> => client.within(limits.callMs, work);
  const [polled, ownership] = await Promise.all([call(async () => lastPoll(client)), ownershipOf(client, known)]);
  const accounts = new Map<string, AccountView>();
  const errors: unknown[] = [];
  await mapBounded([...names], limits, async (account) => {
    try {
      const view = await viewAccount(account);
      accounts.set(account, view);
    } catch (error) {
      if (errors.push(error) > MAX_ERRORS) throw error;
    }
  });
  if (accounts.size === 0 && errors.length > 0) throw errors[0];
  return { taskQueue, lastPoll: polled, accounts };

  async function viewAccount(account: string): Promise<AccountView> {
    const id = reconciliationWorkflowId(account);
    const workflow = asSeenBy(account, await call(async () => describeExecution(temporal, id)), ownership);
    const failing = workflow.kind === 'running' && isFailing(workflow) ? workflow.runId : null;
    return {
      workflow,
      taskFailure: failing === null ? null : await call(async () => taskFailure(temporal, id, failing)),
      intervention:
        (active.get(account)?.openInterventions ?? 0) === 0
          ? null
          : await call(async () => describeExecution(temporal, interventionWorkflowId(account))),
    };
  }
}
