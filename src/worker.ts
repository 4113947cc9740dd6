import { setTimeout as delay } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from './activities/activities.js';
import { createSides } from './observe/account-sides.js';
import type { PlumblineConfig, SecretSource } from './config/config.js';
import { watchConfig } from './config/config-reload.js';
import { readEnvironment, resolveSecret } from './config/environment.js';
import { payloadKeysOf } from './config/temporal-config.js';
import { createLogger, type Logger } from './logging/logger.js';
import { createRedactor, type Redactor } from './redaction/redactor.js';
import { FailureError } from './domain/failure/failure.js';
import type { Ledger } from './ledger/contract/ledger.js';
import { createLedger } from './ledger/create-ledger.js';
import { createHeartbeats } from './notify/heartbeat.js';
import { createCalls } from './worker-calls.js';
import { createLogChannel } from './notify/channels/log.js';
import { buildIdOfThisCode } from './runtime/build-id.js';
import { createPayloadCodec } from './runtime/payload-codec.js';
import { workersOf, type TaskQueueWorkers, type WorkerVersion } from './runtime/task-queue-workers.js';
import { NO_TEMPORAL_ADDRESS } from './runtime/temporal-address.js';
import { endOnScriptTimeout } from './script-timeout.js';
import { serveWorkerMetrics, type WorkerMetrics } from './worker-metrics.js';
import { chosenHeapMib, limitHeapOfThreads, memoryThereIs, planMemory } from './worker-memory.js';
import { refuseSharedTaskQueue, workerIdentity } from './worker-identity.js';
import { workerOptions } from './worker-options.js';
import { fixedInWorker, replaceableParts } from './worker-parts.js';
import { reportRegularly, type RegularReports } from './worker-report.js';
import { logRouting, type RoutingLog } from './worker-routing.js';
import { installRuntime } from './worker-runtime.js';
import { tracingOf, type StartTracing } from './worker-tracing.js';

const CONNECT_RETRY_MS = 2_000;
/** How long Temporal may take to say who polls. */
const ANSWER_MS = 5_000;
const PRUNE_EVERY_MS = 3_600_000;
/** The exit code for "not done", as in all commands. */
const FAILED = 2;
const INTERRUPTED =
  'V8 interrupted a workflow, and its commands could now enter the history of another: this process ends at once and must ' +
  'be started again. Either the machine or the process was stopped for minutes, or a workflow loops';

export interface RunWorkerOptions {
  config: PlumblineConfig;
  /** Reads the configuration again. @throws ConfigError */
  loadAgain: () => PlumblineConfig;
  /** Calls back when the configuration is to be read again (SIGHUP). */
  onReload?: (reload: () => void) => void;
  /** Knows every secret before it is used. All output of the process passes through it. */
  redactor?: Redactor;
  /** Starts to trace runs. Needed only if the configuration has `tracing`. */
  startTracing?: StartTracing;
  /** Ends the worker gracefully. */
  signal: AbortSignal;
  /** Called when the worker polls. */
  onReady?: (metrics: WorkerMetrics) => void;
}

/**
 * The worker process: runs workflows and activities until `signal`. Waits for a Temporal server that does not answer yet.
 * Continues while the ledger is unavailable; runs fail then.
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const { config, signal, onReady, redactor = createRedactor() } = options;
  const logger = createLogger({ name: 'worker', level: readEnvironment().logLevel, redactor });
  const noted = new Set<string>();
  const note = (text: string): void => {
    if (!noted.has(text)) logger.warn(text);
    noted.add(text);
  };
  const secretOf = (source: SecretSource, what: string): string => resolveSecret(source, what, { note });
  const ledgerUrl = secretOf(config.ledger.url, 'ledger.url');
  learnPassword(redactor, ledgerUrl);
  const sdkPort = await installRuntime(logger);
  const metrics = await serveWorkerMetrics({
    host: config.worker.metricsHost,
    port: config.worker.metricsPort,
    allowedHosts: config.worker.metricsAllowedHosts,
    sdkUrl: `http://127.0.0.1:${sdkPort}/metrics`,
    warn: (line) => logger.warn(line),
    heartbeats: heartbeatsOf(config),
  });
  const tracing = tracingOf({
    tracing: config.tracing,
    start: options.startTracing,
    redactor,
    logger,
    metrics,
    resolveSecret: secretOf,
  });
  const traced = tracing === null ? {} : { spans: tracing.spans };
  const ledger = createLedger(ledgerUrl, { applicationName: 'plumbline-worker', ...traced });
  const codec = config.encryption === null ? null : createPayloadCodec(payloadKeysOf(config.encryption, secretOf));
  const parts = replaceableParts(config, (of) => ({
    config: of,
    sides: createSides(of, {
      redactor,
      resolveSecret: secretOf,
      spending: { spend: async (exchange, costMs) => ledger.spendBudget(exchange, costMs) },
      pushed: async (account) => ledger.pushedState(account),
    }),
    calls: createCalls({ config: of, ledger, redactor, logger, resolveSecret: secretOf }),
    heartbeats: createHeartbeats(of.accounts, {
      redactor,
      resolveSecret: secretOf,
      log: logger,
      onFailure: (account) => metrics.heartbeatFailed(account),
    }),
  }));
  const { statusUrl } = parts.current.calls;
  let reports: RegularReports | null = null;
  const reloading = watchConfig({
    config,
    load: options.loadAgain,
    take: async (next) => {
      parts.replace(next);
      metrics.expectHeartbeats(heartbeatsOf(next));
      await reports?.now();
    },
    fixed: fixedInWorker,
    log: logger,
    metrics: metrics.config,
  });
  options.onReload?.(() => void reloading.reload('SIGHUP'));
  const unwatch = endOnScriptTimeout((what) => {
    try {
      logger.fatal({ what }, INTERRUPTED);
    } finally {
      process.exit(FAILED);
    }
  });
  const pruning = setInterval(() => void prune(ledger, parts.current.config, logger), PRUNE_EVERY_MS);

  let connection: NativeConnection | null = null;
  let routing: RoutingLog | null = null;
  try {
    connection = await connect(logger, signal);
    if (connection === null) return;
    await ledger
      .ping()
      .catch((error: unknown) => logger.warn({ error }, 'The ledger is not ready; runs fail until it is'));
    const { namespace = 'default' } = loadClientConnectConfig();
    const { taskQueue } = config.worker;
    // Without the ledger the deployment is not known. Runs fail then anyway.
    const deployment = await ledger.deploymentId().catch(() => null);
    if (deployment !== null) await refuseSharedTaskQueue(connection, { namespace, taskQueue, deployment });
    const cachedWorkflows = makeRoomForWorkflows(config, logger);
    const version = versionOfThis(config);
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      ...(deployment !== null && { identity: workerIdentity(deployment) }),
      ...(await workerOptions(codec, { version, traces: tracing !== null })),
      ...tracing?.worker,
      maxCachedWorkflows: cachedWorkflows,
      activities: createActivities({
        ledger,
        sides: (account) => parts.current.sides.of(account),
        notify: createLogChannel(logger),
        channel: (name) => parts.current.calls.channel(name),
        compose: async (...batch) => parts.current.calls.compose(...batch),
        ...(statusUrl !== undefined && { statusUrl }),
        redact: (text) => redactor.text(text),
        observe: (_account, phase, seconds) => metrics.observe(phase, seconds),
        heartbeat: (account, state) => parts.current.heartbeats.ping(account, state),
        now: Date.now,
        ...traced,
      }),
    });
    const stop = (): void => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    signal.addEventListener('abort', stop, { once: true });
    const running = worker.run();
    reports = reportRegularly(ledger, () => ({
      taskQueue,
      accounts: parts.current.config.accounts.map(({ name }) => name),
      configDigest: reloading.digest,
    }));
    if (signal.aborted) stop();
    metrics.ready();
    onReady?.(metrics);
    const accounts = config.accounts.map(({ name }) => name);
    logger.info(
      { accounts, taskQueue, ...(version !== null && { version: version.buildId }), metrics: metrics.url },
      'Worker ready',
    );
    const asked = connection;
    const ask = async (): Promise<TaskQueueWorkers> =>
      asked.withDeadline(Date.now() + ANSWER_MS, async () =>
        workersOf(asked.workflowService, { namespace, taskQueue }),
      );
    routing = logRouting({ version, taskQueue, ask, log: logger });
    await running;
  } finally {
    unwatch();
    clearInterval(pruning);
    reloading.close();
    await routing?.close();
    await reports?.close();
    await connection?.close();
    await parts.close();
    await ledger.close();
    await tracing?.close();
    await metrics.close();
    logger.info('Worker ended');
  }
}

/** Null if the workers have no versions. */
function versionOfThis({ versioning }: PlumblineConfig): WorkerVersion | null {
  if (versioning === null) return null;
  return { deployment: versioning.deployment, buildId: readEnvironment().buildId ?? buildIdOfThisCode() };
}

function heartbeatsOf({ accounts }: PlumblineConfig): string[] {
  return accounts.flatMap(({ name, heartbeat }) => (heartbeat === undefined ? [] : [name]));
}

/** Adds only the password to the redactor, because people need host and user in a log. */
function learnPassword(redactor: Redactor, url: string): void {
  const password = URL.canParse(url) ? new URL(url).password : '';
  if (password !== '') redactor.add(decodeURIComponent(password));
}

/** Returns how many workflows to cache. Call it before the worker is created, because its thread gets the heap limit then. */
function makeRoomForWorkflows(config: PlumblineConfig, logger: Logger): number {
  const accounts = config.accounts.filter(({ enabled }) => enabled).length;
  const plan = planMemory({ accounts, memoryBytes: memoryThereIs(), chosenHeapMib: chosenHeapMib() });
  const { cachedWorkflows, workflowHeapMib } = plan;
  limitHeapOfThreads(workflowHeapMib);
  logger.info({ accounts, cachedWorkflows, workflowHeapMib }, plan.text);
  if (plan.warning !== null) logger.warn({ accounts, cachedWorkflows }, plan.warning);
  return cachedWorkflows;
}

/** @throws FailureError (configuration) if it is not set, because the usual port may belong to another deployment */
function addressOf({ address }: { address?: string | undefined }): string {
  if (address !== undefined) return address;
  throw new FailureError({
    kind: 'configuration',
    side: 'plumbline',
    ...NO_TEMPORAL_ADDRESS,
    where: 'TEMPORAL_ADDRESS',
    retryAfterMs: null,
  });
}

async function connect(logger: Logger, signal: AbortSignal): Promise<NativeConnection | null> {
  const { connectionOptions } = loadClientConnectConfig();
  const address = addressOf(connectionOptions);
  while (!signal.aborted) {
    try {
      return await NativeConnection.connect({ ...connectionOptions, address });
    } catch (error) {
      logger.warn({ address, error }, 'The Temporal server does not answer yet; trying again (see TEMPORAL_ADDRESS)');
      await delay(CONNECT_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

async function prune(ledger: Ledger, config: PlumblineConfig, logger: Logger): Promise<void> {
  try {
    const { deleted } = await ledger.pruneEvidence(config.ledger.keepCleanEvidenceDays);
    if (deleted > 0) logger.info({ deleted }, 'Evidence of old clean runs deleted');
  } catch (error) {
    logger.warn({ error }, 'Evidence could not be pruned; trying again in an hour');
  }
}
