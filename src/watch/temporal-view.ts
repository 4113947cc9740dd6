import { interventionWorkflowId, reconciliationWorkflowId, type PlumblineClient } from '../client.js';
import type { AccountTotals } from '../ledger/contract/ledger.js';
import { mapBounded, type Bounds } from '../runtime/map-bounded.js';
import { lastPollOf, routingOf, type Routing } from '../runtime/task-queue-workers.js';
import { describeExecution, isFailing, listRunning, taskFailure, type Execution } from './execution.js';
import { asSeenBy, isOwn, type Ownership } from './ownership.js';
import { silenceOf } from '../domain/gate/silence.js';

/** What Temporal shows of one account. */
export interface AccountView {
  workflow: Execution;
  /** Null if no intervention is open in the ledger. */
  intervention: Execution | null;
  taskFailure: string | null;
}

export interface TemporalView {
  taskQueue: string;
  /** When a worker that gets work last polled the task queue, by Temporal's clock. */
  lastPoll: Date | null;
  /** Which version of the workers gets the work, and which others poll. */
  routing: Routing;
  /** A missing account could not be described. */
  accounts: Map<string, AccountView>;
}

/** The limits for a command that a person waits for. */
export const VIEW_LIMITS = { callMs: 5_000, concurrency: 16 };

/** How many descriptions may fail before Temporal counts as unreachable. */
const MAX_ERRORS = 5;

/**
 * Asks Temporal about the active accounts and about running workflows that are not in the ledger, which may fail before they
 * can register. Uses only lists, descriptions and task queues, no queries, so it needs no worker.
 *
 * @throws the error of the connection if Temporal cannot be reached
 */
export async function viewTemporal(
  client: PlumblineClient,
  active: ReadonlyMap<string, Pick<AccountTotals, 'interventionsOpen'>>,
  limits: Bounds & { callMs: number } = VIEW_LIMITS,
): Promise<TemporalView> {
  const running = await ownRunning(client, active, limits);
  return viewAccounts(client, new Set([...active.keys(), ...running.keys()]), active, limits);
}

/** The running workflows on the task queue, without those of other deployments. */
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

/** Up to this many accounts, each is described. If there are more, only those that list and ledger do not show well enough. */
const DESCRIBED_EACH = 100;

/**
 * The view for a list of all accounts: those of `names` and all others that run. If there are many, Temporal's list shows
 * which run, and only accounts that are not in the list, not in the ledger, or late are described. A workflow whose tasks
 * fail is late within two minutes.
 *
 * @throws the error of the connection if Temporal cannot be reached
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
 * Like `viewTemporal`, for these accounts only.
 *
 * @param known the accounts of the ledger; they decide the ownership of workflows without a deployment id
 */
export async function viewAccounts(
  client: PlumblineClient,
  names: ReadonlySet<string>,
  active: ReadonlyMap<string, Pick<AccountTotals, 'interventionsOpen'>>,
  limits: Bounds & { callMs: number } = VIEW_LIMITS,
  known: ReadonlyMap<string, unknown> = active,
): Promise<TemporalView> {
  const { temporal, taskQueue } = client;
  const call = async <T>(work: () => Promise<T>): Promise<T> => client.within(limits.callMs, work);
  const [workers, ownership] = await Promise.all([call(async () => client.workers()), ownershipOf(client, known)]);
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
  return { taskQueue, lastPoll: lastPollOf(workers), routing: routingOf(workers, Date.now()), accounts };

  async function viewAccount(account: string): Promise<AccountView> {
    const id = reconciliationWorkflowId(account);
    const workflow = asSeenBy(account, await call(async () => describeExecution(temporal, id)), ownership);
    const failing = workflow.kind === 'running' && isFailing(workflow) ? workflow.runId : null;
    return {
      workflow,
      taskFailure: failing === null ? null : await call(async () => taskFailure(temporal, id, failing)),
      intervention:
        (active.get(account)?.interventionsOpen ?? 0) === 0
          ? null
          : await call(async () => describeExecution(temporal, interventionWorkflowId(account))),
    };
  }
}
