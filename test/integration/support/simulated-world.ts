import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../../src/activities/activities.js';
import type { AccountSides } from '../../../src/observe/account-sides.js';
import type { NotifyRequest } from '../../../src/activities/activity-messages.js';
import { createSides, type AllSides } from '../../../src/observe/account-sides.js';
import { PlumblineClient, reconciliationWorkflowId } from '../../../src/client.js';
import type { Side } from '../../../src/domain/snapshot/snapshot.js';
import { resolveSecret } from '../../../src/config/environment.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { createRedactor } from '../../../src/redaction/redactor.js';
import { DEFAULT_POLICY } from '../../../src/domain/policy/policy.js';
import type { RecordedRun } from '../../../src/domain/lifecycle/run.js';
import { SimulatorHand } from '../../../packages/dev-stack/src/scenario-world.js';
import { createLedger } from '../../../src/ledger/create-ledger.js';
import type { Ledger, LedgerEvent } from '../../../src/ledger/contract/ledger.js';
import type { Market } from '../../../packages/exchange-simulator/src/engine/market.js';
import {
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';
import { staggerMs } from '../../../src/workflows/schedule.js';
import { createLedgerDatabase, PATIENT } from '../../support/postgres.js';
import { testTemporal, uniqueTaskQueue } from '../../support/temporal.js';
import { credentialFieldsOf, secretsOf } from './exchange-credentials.js';
import { workflowBundle } from './workflows.js';

/** The simulator's default exchange, by ccxt's id. */
export const EXCHANGE = 'binanceusdm';

/** An account as a user has one: its own exchange and bot (a simulator), a configuration file, a workflow. */
export interface SimulatedAccount {
  name: string;
  taskQueue: string;
  configPath: string;
  /** The variables that the configuration names: secrets and the ledger's URL. */
  env: Record<string, string>;
  simulator: Simulator;
  /** Controls the market, the bot and a person at the exchange, over HTTP. */
  hand: SimulatorHand;
  client: PlumblineClient;
  /** Starts the workflow, as `plumbline apply` does. */
  start(): Promise<void>;
  runNow(): Promise<RecordedRun>;
  /** Runs repeatedly until the run of this number, and returns its verdict. */
  runUntil(runNumber: number): Promise<RecordedRun>;
  /** The sides of the run's first observation that are stored: their reads have ended. */
  storedSides(runNumber: number): Promise<Side[]>;
  /** All of its events, oldest first. */
  events(): Promise<LedgerEvent[]>;
  /** The interventions that were opened for it. */
  calls(): NotifyRequest[];
  /** What `plumbline verify` reports as wrong. */
  faults(): Promise<string[]>;
}

export interface AccountOptions {
  /** Fields of `reconciliation` in the configuration; they override those that make tests quick. */
  reconciliation?: Readonly<Record<string, unknown>>;
  /** One of the simulator's wires, by ccxt's id; default `EXCHANGE`. */
  exchange?: string;
  /** The simulator's markets; by default its own. */
  markets?: readonly Market[];
  /** The exchange's rate limit, in its weights; default: the documented limit. */
  weightPerMinute?: number;
  /** `tracing` of the configuration, for a worker process. */
  tracing?: Readonly<Record<string, unknown>>;
  /** Set if it shares a worker with others. */
  taskQueue?: string;
  /** Default: the simulator's demo key, which is read-only. */
  credentials?: { apiKey: string; secret: string };
}

/** Accounts on simulators, workers, a real Temporal server and one real PostgreSQL for the ledger of all of them. */
export interface SimulatedWorld {
  ledger: Ledger;
  temporal: { address: string; namespace: string };
  addAccount(options?: AccountOptions): Promise<SimulatedAccount>;
  startWorker(taskQueue: string): Promise<void>;
  close(): Promise<void>;
}

export async function startSimulatedWorld(): Promise<SimulatedWorld> {
  const temporal = await testTemporal();
  const database = await createLedgerDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-world-'));
  const ledger = createLedger(database.url, PATIENT);
  const connection = await Connection.connect({ address: temporal.address });
  const nativeConnection = await NativeConnection.connect({ address: temporal.address });
  const redactor = createRedactor();
  const accounts = new Map<string, { simulator: Simulator; configured: AllSides; sides: AccountSides }>();
  const workers: { worker: Worker; running: Promise<void> }[] = [];
  const calls: NotifyRequest[] = [];

  async function addAccount(options: AccountOptions = {}): Promise<SimulatedAccount> {
    const name = unhurriedName();
    const taskQueue = options.taskQueue ?? name;
    const { exchange = EXCHANGE, markets } = options;
    const simulator = await startSimulator({ port: 0, ...(markets === undefined ? {} : { markets }) });
    const configPath = join(folder, `${name}.yaml`);
    await writeFile(configPath, configurationOf({ name, taskQueue, exchange, simulator, options }));
    const env = {
      ...secretsOf(exchange, options.credentials ?? DEMO_CREDENTIALS),
      TEST_BOT_TOKEN: DEMO_BOT_TOKEN,
      TEST_DATABASE_URL: database.url,
    };
    const config = loadConfig(configPath);
    const configured = createSides(config, {
      redactor,
      resolveSecret: (source, what) => resolveSecret(source, what, { env }),
    });
    accounts.set(name, { simulator, configured, sides: configured.of(name) });
    const client = new PlumblineClient(new Client({ connection, namespace: temporal.namespace }), taskQueue);
    const [account] = config.accounts;
    if (account === undefined) throw new Error('the configuration has lost its account');
    const { policy } = account;
    const runNow = async (): Promise<RecordedRun> => client.runNow(name, 'test');
    return {
      name,
      taskQueue,
      configPath,
      env,
      simulator,
      hand: new SimulatorHand(simulator.url),
      client,
      start: async () => client.start({ account: name, exchange, policy }, 'test'),
      runNow,
      async runUntil(runNumber) {
        // The first run starts on its own: a request meanwhile is answered by it or by the one after it.
        for (;;) {
          const run = await runNow();
          if (run.runNumber >= runNumber) return run;
        }
      },
      async storedSides(runNumber) {
        const workflow = client.temporal.workflow.getHandle(reconciliationWorkflowId(name));
        const { runId: workflowRunId } = await workflow.describe();
        return ledger.storedSides({ account: name, workflowRunId, runNumber }, 1);
      },
      events: async () => ledger.events(name, { after: 0, limit: 10_000 }),
      calls: () => calls.filter((call) => call.account === name),
      faults: async () =>
        (await ledger.verify(name)).accounts.flatMap(({ faults }) => faults.map(({ fault }) => fault)),
    };
  }

  return {
    ledger,
    temporal,
    addAccount,
    async startWorker(taskQueue) {
      const worker = await Worker.create({
        connection: nativeConnection,
        namespace: temporal.namespace,
        taskQueue,
        workflowBundle: await workflowBundle(),
        activities: createActivities({
          ledger,
          sides: (name) => {
            const account = accounts.get(name);
            if (account === undefined) throw new Error(`no test has an account ${name}`);
            return account.sides;
          },
          notify: async (request) => void calls.push(request),
          channel: () => undefined,
          compose: async () => Promise.reject(new Error('not asked')),
          redact: (text) => redactor.text(text),
          observe: () => {},
          now: Date.now,
        }),
        stickyQueueScheduleToStartTimeout: '1 second',
      });
      workers.push({ worker, running: worker.run() });
    },
    async close() {
      for (const { worker } of workers) worker.shutdown();
      await Promise.allSettled(workers.map(({ running }) => running));
      for (const { simulator, configured } of accounts.values()) {
        await configured.close();
        await simulator.close();
      }
      await ledger.close();
      await nativeConnection.close();
      await connection.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A name whose ticks fall long after the test, so that every run is one that the test requested. */
function unhurriedName(): string {
  for (;;) {
    const name = uniqueTaskQueue('account');
    if (staggerMs(name, DEFAULT_POLICY.intervalMinutes) > DEFAULT_POLICY.intervalMinutes * 30_000) return name;
  }
}

interface Configuration {
  name: string;
  taskQueue: string;
  exchange: string;
  simulator: Simulator;
  options: AccountOptions;
}

/** JSON is YAML. Quick to confirm, so that a test need not wait; everything else is as for a user. */
function configurationOf({ name, taskQueue, exchange, simulator, options }: Configuration): string {
  return JSON.stringify({
    reconciliation: { confirm_interval_seconds: 1, grace_seconds: 0, retry_seconds: 0, ...options.reconciliation },
    accounts: {
      [name]: {
        exchange: {
          id: exchange,
          base_url: `${simulator.url}/${exchange}`,
          ...credentialFieldsOf(exchange),
          deadline_seconds: 60,
          weight_per_minute: options.weightPerMinute,
        },
        internal: {
          kind: 'http',
          // With the order ids of the exchange, as a bot that trades there has them.
          url: `${simulator.url}/bot/state?exchange=${exchange}`,
          token_env: 'TEST_BOT_TOKEN',
          deadline_seconds: 60,
        },
      },
    },
    ledger: { url_env: 'TEST_DATABASE_URL' },
    worker: { task_queue: taskQueue, metrics_port: 0 },
    tracing: options.tracing,
  });
}
