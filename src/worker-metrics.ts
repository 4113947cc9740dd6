import type { FastifyReply } from 'fastify';
import { Counter, Histogram, Registry } from 'prom-client';
import { FailureError } from './domain/failure/failure.js';
import { limitedServer, type LimitedServer } from './net/limited-server.js';
import { SERVER_LIMITS, type ServerLimits } from '@plumbline/primitives/server-limits';
import { createConfigMetrics, type ConfigMetrics } from './runtime/config-metrics.js';
import { errorCode } from './runtime/error-shape.js';

/** The worker's own metrics (the duration of each phase) together with those of Temporal's SDK. */
export interface WorkerMetrics {
  readonly url: string;
  /** Has no account label, because it would add 45 series for every account. */
  observe(phase: string, seconds: number): void;
  /** Counts a ping that the account's dead man's switch did not accept. */
  heartbeatFailed(account: string): void;
  /** Starts the counters of further accounts at 0. */
  expectHeartbeats(accounts: readonly string[]): void;
  /** Counts spans of traces by their result. */
  spans(result: 'sent' | 'dropped' | 'lost', count: number): void;
  /** Starts the counters of spans at 0. Without traces they do not exist. */
  expectSpans(): void;
  readonly config: ConfigMetrics;
  /** Makes `/readyz` answer 200. */
  ready(): void;
  close(): Promise<void>;
}

interface WorkerMetricsOptions {
  host: string;
  port: number;
  /** The address of the SDK's own metrics, which are added to the answer. */
  sdkUrl: string | null;
  /** Names that the server answers besides its address (`worker.metrics_allowed_hosts`). */
  allowedHosts?: readonly string[];
  limits?: Partial<ServerLimits>;
  /** Accounts with a dead man's switch: their counters are present with 0 from the first scrape. */
  heartbeats?: readonly string[];
  warn?: (line: string) => void;
}

/** Enough for a few scrapers and health checks. */
const METRICS_LIMITS: ServerLimits = { ...SERVER_LIMITS, connections: 64 };

/** @throws FailureError (configuration) if the server cannot listen on host and port */
export async function serveWorkerMetrics(options: WorkerMetricsOptions): Promise<WorkerMetrics> {
  const registry = new Registry();
  const duration = new Histogram({
    name: 'reconciliation_duration_seconds',
    help: 'Duration of a phase of a run in this worker, in seconds',
    labelNames: ['phase'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
    registers: [registry],
  });
  const heartbeatFailures = new Counter({
    name: 'reconciliation_heartbeat_failure_total',
    help: "Pings from this worker that a dead man's switch did not accept",
    labelNames: ['account'],
    registers: [registry],
  });
  const expectHeartbeats = (accounts: readonly string[]): void => {
    for (const account of accounts) heartbeatFailures.inc({ account }, 0);
  };
  expectHeartbeats(options.heartbeats ?? []);
  let spanCounter: Counter | null = null;
  const spans = (result: string, count: number): void => {
    spanCounter ??= new Counter({
      name: 'reconciliation_trace_spans_total',
      help: 'Spans of traces: sent to the collector, dropped by a limit of this worker, or lost because the collector did not take them',
      labelNames: ['result'],
      registers: [registry],
    });
    spanCounter.inc({ result }, count);
  };
  const config = createConfigMetrics(registry);
  let isReady = false;

  const { host, port, allowedHosts = [], warn = () => {} } = options;
  const server = limitedServer({
    host,
    port,
    allowedHosts,
    setting: 'worker.metrics_allowed_hosts',
    limits: { ...METRICS_LIMITS, ...options.limits },
    // A worker that ends waits for no scraper.
    closeMs: 0,
    report: warn,
    refusal: (status, { message, remedy }) =>
      remedy === undefined ? NO_SUCH_PATH : { status, type: 'text/plain', body: `${message}; ${remedy}\n` },
  });
  const { app } = server;
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') await plain(reply, 405, 'Ask with GET\n');
  });
  app.get('/healthz', async (_request, reply) => plain(reply, 200, 'ok\n'));
  app.get('/readyz', async (_request, reply) =>
    isReady ? plain(reply, 200, 'ok\n') : plain(reply, 503, 'not polling yet\n'),
  );
  app.get('/metrics', async (_request, reply) => {
    try {
      return await reply.type(registry.contentType).send(await metricsText(registry, options.sdkUrl));
    } catch {
      return plain(reply, 500, 'the metrics cannot be written\n');
    }
  });
  app.setNotFoundHandler(async (_request, reply) => plain(reply, NO_SUCH_PATH.status, NO_SUCH_PATH.body));
  const url = await listen(server, options);

  return {
    url,
    observe: (phase, seconds) => duration.observe({ phase }, seconds),
    heartbeatFailed: (account) => heartbeatFailures.inc({ account }),
    expectHeartbeats,
    spans,
    expectSpans: () => ['sent', 'dropped', 'lost'].forEach((result) => spans(result, 0)),
    config,
    ready() {
      isReady = true;
    },
    close: async () => server.close(),
  };
}

const NO_SUCH_PATH = { status: 404, type: 'text/plain', body: 'Ask for /metrics, /healthz or /readyz\n' };

async function plain(reply: FastifyReply, status: number, text: string): Promise<FastifyReply> {
  return reply.code(status).type('text/plain').send(text);
}

async function metricsText(registry: Registry, sdkUrl: string | null): Promise<string> {
  const own = await registry.metrics();
  if (sdkUrl === null) return own;
  try {
    const sdk = await fetch(sdkUrl, { signal: AbortSignal.timeout(2_000) });
    return own + (await sdk.text());
  } catch {
    // The SDK serves its metrics only after the runtime has started; until then the answer has only the worker's own.
    return own;
  }
}

async function listen(server: LimitedServer, { host, port }: WorkerMetricsOptions): Promise<string> {
  try {
    return await server.listen();
  } catch (error) {
    throw new FailureError(
      {
        kind: 'configuration',
        side: 'plumbline',
        message: `the worker's metrics cannot be served on ${host}:${port} (${errorCode(error) ?? 'unknown reason'})`,
        where: 'worker.metrics_port',
        remedy: 'Set worker.metrics_port to a free port, or to 0 for any.',
        retryAfterMs: null,
      },
      { cause: error },
    );
  }
}
