import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { createActivities } from '../../../src/activities/activities.js';
import type { AccountSides } from '../../../src/observe/account-sides.js';
import type { NotifyRequest } from '../../../src/activities/activity-messages.js';
import { plainMessage } from '../../../src/activities/plain-message.js';
import type { Channel } from '../../../src/notify/channel.js';
import { PlumblineClient } from '../../../src/client.js';
import { DEFAULT_POLICY, type Policy } from '../../../src/domain/policy/policy.js';
import { createLedger } from '../../../src/ledger/create-ledger.js';
import type { DatabaseOptions } from '../../../src/ledger/store/database.js';
import type { Ledger, LedgerEvent } from '../../../src/ledger/contract/ledger.js';
import type { RunTracing } from '../../../src/worker-tracing.js';
import { reconciliationWorkflowId } from '../../../src/workflows/messages.js';
import { createLedgerDatabase, type TestDatabase } from '../../support/postgres.js';
import { testTemporal, uniqueTaskQueue } from '../../support/temporal.js';
import { workflowBundle } from './workflows.js';

/** A whole deployment in one process, on a real Temporal server and a real PostgreSQL. */
export interface World {
  account: string;
  policy: Policy;
  client: PlumblineClient;
  ledger: Ledger;
  databaseUrl: string;
  /** The interventions that were opened. */
  calls: NotifyRequest[];
  /** Starts the account's workflow. */
  start(): Promise<void>;
  /**
   * @param bundle the workflows of another version; default: those of the sources under test
   * @param tracing traces the worker's runs; then the bundle must be the traced one
   */
  startWorker(bundle?: WorkflowBundleOption, tracing?: RunTracing): Promise<void>;
  /** Lets pending activities end, as a deployment does. */
  stopWorker(): Promise<void>;
  /** All events of the account, oldest first. */
  events(): Promise<LedgerEvent[]>;
  historyEvents(): Promise<{ eventId?: unknown; eventType?: unknown }[]>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  sides: AccountSides | ((account: string) => AccountSides);
  /** The workflows that the first worker runs; default: those of the sources under test. */
  bundle?: WorkflowBundleOption;
  policy?: Partial<Policy>;
  temporal?: { address: string; namespace: string };
  /** The channels of the worker. */
  channels?: Channel[];
  /** A migrated database of the test's own; default: a new one on the server of all tests. */
  database?: TestDatabase;
  /** Limits of the ledger; default: those of a user. */
  ledger?: DatabaseOptions;
  /** Connects to the ledger through something in between, such as a proxy that a test cuts. */
  ledgerUrl?: (databaseUrl: string) => Promise<string>;
}

/** Quick to confirm, so that a test need not wait; everything else is as for a user. */
export const TEST_POLICY: Policy = {
  ...DEFAULT_POLICY,
  settleSeconds: 1,
  graceSeconds: 0,
  retrySeconds: 0,
};

export async function startWorld(options: WorldOptions): Promise<World> {
  const { sides } = options;
  const temporal = options.temporal ?? (await testTemporal());
  const database = options.database ?? (await createLedgerDatabase());
  const ledger = createLedger((await options.ledgerUrl?.(database.url)) ?? database.url, options.ledger);
  const connection = await Connection.connect({ address: temporal.address });
  const nativeConnection = await NativeConnection.connect({ address: temporal.address });
  const taskQueue = uniqueTaskQueue();
  const client = new PlumblineClient(new Client({ connection, namespace: temporal.namespace }), taskQueue);
  const account = taskQueue;
  const policy = { ...TEST_POLICY, ...options.policy };
  const calls: NotifyRequest[] = [];
  let worker: { instance: Worker; running: Promise<void> } | null = null;

  const world: World = {
    account,
    policy,
    client,
    ledger,
    databaseUrl: database.url,
    calls,
    async start() {
      await client.start({ account, exchange: 'scripted', policy }, 'test');
    },
    async startWorker(bundle, tracing) {
      const instance = await Worker.create({
        connection: nativeConnection,
        namespace: temporal.namespace,
        taskQueue,
        workflowBundle: bundle ?? (await workflowBundle()),
        activities: createActivities({
          ledger,
          sides: typeof sides === 'function' ? sides : () => sides,
          notify: async (request) => void calls.push(request),
          channel: (name) => options.channels?.find((each) => each.name === name),
          compose: async (batch) => plainMessage(batch, (text) => text),
          redact: (text) => text,
          observe: () => {},
          now: Date.now,
          ...(tracing !== undefined && { spans: tracing.spans }),
        }),
        ...tracing?.worker,
        stickyQueueScheduleToStartTimeout: '1 second',
      });
      worker = { instance, running: instance.run() };
    },
    async stopWorker() {
      if (worker === null) return;
      worker.instance.shutdown();
      await worker.running;
      worker = null;
    },
    events: async () => ledger.events(account, { after: 0, limit: 10_000 }),
    async historyEvents() {
      const history = await client.temporal.workflow.getHandle(reconciliationWorkflowId(account)).fetchHistory();
      return history.events ?? [];
    },
    async stop() {
      await world.stopWorker();
      await ledger.close();
      await nativeConnection.close();
      await connection.close();
      await database.drop();
    },
  };
  await world.startWorker(options.bundle);
  return world;
}

/**
 * Repeats the request until the answer is the wanted one, for states that no event reports. Fails with the last answer.
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  timeoutMs = 50_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  // Soon at first: most answers are there at once, and a test with a thousand requests must not wait a thousand times.
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`not within ${timeoutMs} ms; the last answer was ${JSON.stringify(answer).slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
