import { ROOT_CONTEXT, SpanKind, type Attributes, type AttributeValue } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  SamplingDecision,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
  type TimedEvent,
} from '@opentelemetry/sdk-trace-base';
import * as limits from './limits.js';
import { OtlpExporter, type OtlpTarget, type Sent } from './otlp-exporter.js';

/** `dropped`: the queue or the trace was full. `lost`: the collector did not take it. */
export type SpanResult = 'sent' | 'dropped' | 'lost';
export type Counted = (result: SpanResult, spans: number) => void;

export interface OutgoingOptions extends OtlpTarget {
  sampler: Sampler;
  redact: (text: string) => string;
  count: Counted;
  warn: (text: string) => void;
}

/** Attributes of Temporal's interceptors that have no dot in their name, and the names under which they are sent. */
const TEMPORAL_IDS: Readonly<Record<string, string>> = {
  temporalWorkflowId: 'temporal.workflow_id',
  workflowId: 'temporal.workflow_id',
  run_id: 'temporal.run_id',
  runId: 'temporal.run_id',
  temporalActivityId: 'temporal.activity_id',
};

/**
 * Sends every span out of the process: bounded in size and number, redacted and queued. A full queue drops spans, so a slow or
 * unavailable collector costs memory up to the limits, and delays nothing.
 */
export class OutgoingSpans implements SpanProcessor {
  private readonly exporter: OtlpExporter;
  private readonly batches: BatchSpanProcessor;
  private readonly ofTrace = new Map<string, number>();
  private waiting = 0;
  private warnedAt = -Infinity;

  constructor(private readonly options: OutgoingOptions) {
    this.exporter = new OtlpExporter(options, (batch, sent) => this.reported(batch, sent));
    this.batches = new BatchSpanProcessor(this.exporter, {
      maxQueueSize: limits.MAX_WAITING,
      maxExportBatchSize: limits.MAX_BATCH,
      scheduledDelayMillis: limits.SEND_EVERY_MS,
      exportTimeoutMillis: limits.EXPORT_MS,
    });
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId } = span.spanContext();
    // Spans of workflows come from the sink, which knows no sampler.
    if (!this.isSampled(traceId)) return;
    if (this.waiting >= limits.MAX_WAITING || !this.hasRoom(traceId)) {
      this.options.count('dropped', 1);
      return;
    }
    this.waiting += 1;
    this.batches.onEnd(this.presentable(span));
  }

  isSampled(traceId: string): boolean {
    const { decision } = this.options.sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  async forceFlush(): Promise<void> {
    await this.batches.forceFlush();
  }

  /** Sends what waits, for at most `FLUSH_MS`. */
  async shutdown(): Promise<void> {
    const late = setTimeout(() => this.exporter.abort(), limits.FLUSH_MS);
    // Spans that were not sent are counted and logged.
    await this.batches.shutdown().catch(() => undefined);
    clearTimeout(late);
    await this.exporter.shutdown();
  }

  private hasRoom(traceId: string): boolean {
    const spans = (this.ofTrace.get(traceId) ?? 0) + 1;
    this.ofTrace.delete(traceId);
    this.ofTrace.set(traceId, spans);
    if (this.ofTrace.size > limits.MAX_TRACES) {
      const [oldest] = this.ofTrace.keys();
      if (oldest !== undefined) this.ofTrace.delete(oldest);
    }
    return spans <= limits.MAX_OF_TRACE;
  }

  private reported(batch: readonly ReadableSpan[], { sent, refused, problem }: Sent): void {
    this.waiting -= batch.length;
    if (sent > 0) this.options.count('sent', sent);
    if (refused > 0) this.options.count('lost', refused);
    if (problem === null || performance.now() - this.warnedAt < limits.WARN_EVERY_MS) return;
    this.warnedAt = performance.now();
    this.options.warn(this.text(problem));
  }

  /** A copy that has only what may leave the process. */
  private presentable(span: ReadableSpan): ReadableSpan {
    const { kind, startTime, endTime, duration, ended, resource, instrumentationLibrary } = span;
    const { code, message } = span.status;
    const { parentSpanId } = span;
    return {
      name: this.text(span.name, limits.MAX_NAME_LENGTH),
      kind,
      spanContext: () => span.spanContext(),
      ...(parentSpanId !== undefined && { parentSpanId }),
      startTime,
      endTime,
      duration,
      ended,
      status: { code, ...(message !== undefined && { message: this.text(message) }) },
      attributes: this.attributes(span.attributes),
      links: span.links.slice(0, limits.MAX_LINKS).map(({ context }) => ({ context })),
      events: span.events.slice(0, limits.MAX_EVENTS).map((event) => this.event(event)),
      resource,
      instrumentationLibrary,
      droppedAttributesCount: span.droppedAttributesCount,
      droppedEventsCount: span.droppedEventsCount,
      droppedLinksCount: span.droppedLinksCount,
    };
  }

  private attributes(attributes: Attributes): Attributes {
    const kept: Attributes = {};
    let count = 0;
    for (const [name, value] of Object.entries(attributes)) {
      // Temporal's sink adds all that it knows of the workflow; memo and search attributes are not for a trace.
      const known = name.includes('.') ? name : TEMPORAL_IDS[name];
      if (known === undefined || name === 'exception.stacktrace' || count === limits.MAX_ATTRIBUTES) continue;
      const shown = this.value(value);
      if (shown === undefined) continue;
      kept[known] = shown;
      count += 1;
    }
    return kept;
  }

  private value(value: AttributeValue | undefined): AttributeValue | undefined {
    if (typeof value === 'string') return this.text(value);
    return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  }

  private event({ name, time, attributes }: TimedEvent): TimedEvent {
    return { name: this.text(name, limits.MAX_NAME_LENGTH), time, attributes: this.attributes(attributes ?? {}) };
  }

  /**
   * Redacted before the cut, so that no half of a secret remains. Half a character, from outside or from the cut, is replaced:
   * a collector refuses the whole batch for one text that is not UTF-8.
   */
  private text(text: string, length = limits.MAX_TEXT_LENGTH): string {
    const redacted = this.options.redact(text.slice(0, limits.MAX_REDACTED_LENGTH));
    const cut = redacted.length <= length ? redacted : `${redacted.slice(0, length - 3)}...`;
    return cut.replaceAll(HALF_CHARACTER, '\uFFFD');
  }
}

const HALF_CHARACTER = /\p{Surrogate}/gu;
