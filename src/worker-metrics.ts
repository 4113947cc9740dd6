import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Histogram, Registry } from 'prom-client';
import { FailureError } from './domain/failure.js';

/** The worker's own metrics: how long each phase takes, beside what Temporal's SDK measures. */
export interface WorkerMetrics {
  readonly url: string;
  /** Without the account: a label a series each would make 45 series of every account. */
  observe(phase: string, seconds: number): void;
  /** From then on `/readyz` answers 200. */
  ready(): void;
  close(): Promise<void>;
}

interface WorkerMetricsOptions {
  host: string;
  port: number;
  /** Where the SDK serves its own metrics, merged into the answer. */
  sdkUrl: string | null;
}

/** @throws FailureError (configuration) when host and port cannot be listened on */
export async function serveWorkerMetrics(options: WorkerMetricsOptions): Promise<WorkerMetrics> {
  const registry = new Registry();
  const duration = new Histogram({
    name: 'reconciliation_duration_seconds',
    help: 'Seconds that a phase of a run took in this worker',
    labelNames: ['phase'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
    registers: [registry],
  });
  let isReady = false;

  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/readyz' || path === '/healthz') {
      const ok = isReady || path === '/healthz';
      response.writeHead(ok ? 200 : 503, { 'content-type': 'text/plain' }).end(ok ? 'ok\n' : 'not polling yet\n');
      return;
    }
    if (path !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Ask for /metrics, /healthz or /readyz\n');
      return;
    }
    void metricsText(registry, options.sdkUrl).then((text) =>
      response.writeHead(200, { 'content-type': registry.contentType }).end(text),
    );
  });
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
    // The SDK serves its metrics only once the runtime runs; ours stand alone until then.
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
