import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Histogram, Registry } from 'prom-client';
import { FailureError } from './domain/failure/failure.js';
import { createHostCheck } from './net/host-check.js';
import { limitConnections, nodeServerOptions, SERVER_LIMITS, type ServerLimits } from './net/server-limits.js';

/** The worker's own metrics (the duration of each phase) together with those of Temporal's SDK. */
export interface WorkerMetrics {
  readonly url: string;
  /** Has no account label, because it would add 45 series for every account. */
  observe(phase: string, seconds: number): void;
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
  let isReady = false;

  const { host, allowedHosts = [], warn = () => {} } = options;
  const limits = { ...METRICS_LIMITS, ...options.limits };
  const refusalOf = createHostCheck({ listensOn: host, allowedHosts, setting: 'worker.metrics_allowed_hosts' });
  const server = createServer(nodeServerOptions(limits), (request, response) => {
    const answer = (status: number, text: string, type = 'text/plain'): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
    };
    const refusal = refusalOf(request.headers);
    if (refusal !== null) return answer(refusal.status, `${refusal.message}; ${refusal.remedy}\n`);
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'Ask with GET\n');
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return answer(200, 'ok\n');
    if (path === '/readyz') return isReady ? answer(200, 'ok\n') : answer(503, 'not polling yet\n');
    if (path !== '/metrics') return answer(404, 'Ask for /metrics, /healthz or /readyz\n');
    return void metricsText(registry, options.sdkUrl).then(
      (text) => answer(200, text, registry.contentType),
      () => answer(500, 'the metrics cannot be written\n'),
    );
  });
  limitConnections(server, limits, warn);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${options.host}:${port}`,
    observe: (phase, seconds) => duration.observe({ phase }, seconds),
    ready() {
      isReady = true;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
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

function listen(server: Server, { host, port }: WorkerMetricsOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new FailureError(
          {
            kind: 'configuration',
            side: 'plumbline',
            message: `the worker's metrics cannot be served on ${host}:${port} (${error.code ?? error.message})`,
            where: 'worker.metrics_port',
            remedy: 'Set worker.metrics_port to a free port, or to 0 for any.',
            retryAfterMs: null,
          },
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}
