import type { WorkerOptions } from '@temporalio/worker';
import type { PlumblineConfig, SecretSource } from './config/config.js';
import { headersOf } from './config/tracing-config.js';
import type { Logger } from './logging/logger.js';
import type { Redactor } from './redaction/redactor.js';
import type { Spans } from './runtime/spans.js';
import { version } from './runtime/version.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** Traces the runs of a worker (`@plumbline/tracing`). */
export interface RunTracing {
  readonly spans: Spans;
  readonly worker: Pick<WorkerOptions, 'interceptors' | 'sinks'>;
  close(): Promise<void>;
}

/** Starts tracing. It comes from an optional package. */
export type StartTracing = (options: {
  url: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  serviceVersion: string;
  sample: number;
  redact: (text: string) => string;
  count: (result: 'sent' | 'dropped' | 'lost', spans: number) => void;
  warn: (reason: string) => void;
  onRun: (run: { traceId: string; attributes: Readonly<Record<string, unknown>> }) => void;
}) => RunTracing;

interface TracingParts {
  tracing: PlumblineConfig['tracing'];
  start: StartTracing | undefined;
  redactor: Redactor;
  logger: Logger;
  metrics: WorkerMetrics;
  resolveSecret: (source: SecretSource, what: string) => string;
}

/** Returns null if the configuration has no `tracing`. */
export function tracingOf({
  tracing,
  start,
  redactor,
  logger,
  metrics,
  resolveSecret,
}: TracingParts): RunTracing | null {
  if (tracing === null || start === undefined) return null;
  const { otlpUrl, serviceName, sample } = tracing;
  const headers = headersOf(tracing, (source, what) => {
    const value = resolveSecret(source, what);
    redactor.add(value);
    return value;
  });
  metrics.expectSpans();
  return start({
    url: otlpUrl,
    headers,
    serviceName,
    serviceVersion: version,
    sample,
    redact: (text) => redactor.text(text),
    count: (result, spans) => metrics.spans(result, spans),
    warn: (reason) => logger.warn({ reason }, 'The collector of traces did not take spans; runs go on without them'),
    onRun: ({ traceId, attributes }) =>
      logger.info(
        {
          account: attributes['plumbline.account'],
          run: attributes['plumbline.run.number'],
          outcome: attributes['plumbline.run.outcome'],
          trace_id: traceId,
        },
        'Run traced',
      ),
  });
}
