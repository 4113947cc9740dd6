import { context, propagation, SpanStatusCode, trace, type Attributes, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { Resource } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  TraceIdRatioBasedSampler,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { makeWorkflowExporter, OpenTelemetryActivityInboundInterceptor } from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory, InjectedSinks, WorkerOptions } from '@temporalio/worker';
import * as limits from './limits.js';
import { OutgoingSpans, type Counted } from './outgoing-spans.js';

export interface TracingOptions {
  /** The address of the collector with its path: http://127.0.0.1:4318/v1/traces. */
  url: string;
  /** Headers of each request. Their values are secrets, which `redact` knows. */
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  serviceVersion: string;
  /** The share of runs that is traced, from 0 to 1. */
  sample: number;
  /** Redacts a text. Every text of a span passes through it. */
  redact: (text: string) => string;
  count: Counted;
  /** Called with the reason why the collector did not take spans, at most once a minute. */
  warn: (reason: string) => void;
  /** Called when a traced run has ended. */
  onRun?: (run: { traceId: string; attributes: Attributes }) => void;
}

interface EndedSpan {
  name: string;
  attributes: Readonly<Record<string, string | number | boolean>>;
  startedAt: number;
  endedAt: number;
  failure: string | null;
}

export interface Tracing {
  readonly spans: {
    within<T>(name: string, attributes: EndedSpan['attributes'], work: () => Promise<T>): Promise<T>;
    add(span: EndedSpan): void;
  };
  /** For the worker's options. The workflow half is a module of the workflow bundle. */
  readonly worker: Required<Pick<WorkerOptions, 'interceptors' | 'sinks'>>;
  /** Sends what waits, within a bounded time. */
  close(): Promise<void>;
}

/** The header in which a workflow names the span of an activity. */
const HEADER = '_tracer-data';

/** Starts tracing for the whole process, because OpenTelemetry keeps the current span in a global. */
export function startTracing(options: TracingOptions): Tracing {
  const sampler = new TraceIdRatioBasedSampler(options.sample);
  const outgoing = new OutgoingSpans({ ...options, sampler });
  const resource = new Resource({
    'service.name': options.serviceName,
    'service.version': options.serviceVersion,
  });
  const provider = new BasicTracerProvider({
    resource,
    // It decides by the trace id alone, so every process decides alike.
    sampler,
    spanProcessors: [outgoing],
    spanLimits: {
      attributeCountLimit: limits.MAX_ATTRIBUTES,
      attributeValueLengthLimit: limits.MAX_REDACTED_LENGTH,
      eventCountLimit: limits.MAX_EVENTS,
      linkCountLimit: limits.MAX_LINKS,
    },
  });
  const tracer = provider.getTracer('plumbline', options.serviceVersion);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return {
    spans: spansOf(tracer),
    worker: {
      interceptors: { activity: [activityInterceptor(tracer)] },
      sinks: workflowSinks(outgoing, resource, options),
    },
    async close() {
      await provider.shutdown();
      context.disable();
      propagation.disable();
    },
  };
}

function spansOf(tracer: Tracer): Tracing['spans'] {
  return {
    async within(name, attributes, work) {
      if (trace.getActiveSpan() === undefined) return work();
      return tracer.startActiveSpan(name, { attributes }, async (span) => {
        try {
          return await work();
        } catch (error) {
          span.setStatus({
            code: SpanStatusCode.ERROR,
            message: error instanceof Error ? error.message : String(error),
          });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    add({ name, attributes, startedAt, endedAt, failure }) {
      if (trace.getActiveSpan() === undefined) return;
      const span = tracer.startSpan(name, { startTime: startedAt, attributes });
      if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end(endedAt);
    },
  };
}

/** Continues the trace that the workflow names. An activity without a trace begins none. */
function activityInterceptor(tracer: Tracer): ActivityInterceptorsFactory {
  return (activity) => {
    const traced = new OpenTelemetryActivityInboundInterceptor(activity, { tracer });
    return {
      inbound: {
        async execute(input, next) {
          if (input.headers[HEADER] === undefined) return next(input);
          return traced.execute(input, async (within) => {
            trace.getActiveSpan()?.setAttribute('temporal.attempt', activity.info.attempt);
            return next(within);
          });
        },
      },
    };
  };
}

function workflowSinks(outgoing: OutgoingSpans, resource: Resource, { onRun }: TracingOptions): InjectedSinks<never> {
  const watched: SpanProcessor = {
    onStart: () => {},
    onEnd(span: ReadableSpan) {
      outgoing.onEnd(span);
      const { traceId } = span.spanContext();
      if (span.name === 'run' && outgoing.isSampled(traceId)) onRun?.({ traceId, attributes: span.attributes });
    },
    forceFlush: async () => outgoing.forceFlush(),
    shutdown: async () => outgoing.shutdown(),
  };
  return { exporter: makeWorkflowExporter(watched, resource) } as InjectedSinks<never>;
}
