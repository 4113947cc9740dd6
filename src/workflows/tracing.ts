import { defaultPayloadConverter } from '@temporalio/common';
import {
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import type { RecordedRun } from '../domain/lifecycle/run.js';
import { spanIdOf, traceIdOf } from '../domain/lifecycle/trace-id.js';
import { RunWatch, type RunBeginning } from './run-watch.js';

/** The header of Temporal's OpenTelemetry interceptors, whose activity half continues the trace. */
const HEADER = '_tracer-data';
const SAMPLED = 1;
const UNSET = 0;
const FAILED = 2;
/** If the run begins later than this after its timer (a pause, an unavailable ledger), the trace begins with the run. */
const LONGEST_WAIT_MS = 60_000;
/** Activities that call a human. Each is a trace of its own, because a call may last for days. */
const CALLS: ReadonlySet<string> = new Set(['deliver', 'notifyHuman']);

type Attributes = Record<string, string | number | boolean>;

interface SpanContext {
  traceId: string;
  spanId: string;
  traceFlags: number;
}

type Time = [seconds: number, nanoseconds: number];

/** A span that has ended, as the sink of Temporal's OpenTelemetry interceptors takes it. */
interface EndedSpan {
  name: string;
  kind: number;
  spanContext: SpanContext;
  parentSpanId?: string;
  startTime: Time;
  endTime: Time;
  duration: Time;
  status: { code: number };
  attributes: Attributes;
  links: { context: SpanContext }[];
  events: never[];
  ended: true;
  droppedAttributesCount: number;
  droppedLinksCount: number;
  droppedEventsCount: number;
  instrumentationLibrary: { name: string };
}

interface TraceSinks extends Sinks {
  exporter: { export(spans: EndedSpan[]): void };
}

interface SpanBeginning {
  name: string;
  context: SpanContext;
  parentSpanId?: string;
  startMs: number;
  attributes: Attributes;
  link?: SpanContext;
}

/** An open span. */
class Span {
  constructor(private readonly beginning: SpanBeginning) {}

  get context(): SpanContext {
    return this.beginning.context;
  }

  /** The sink is not called during a replay, so each span is exported once. */
  end(more: Attributes, hasFailed = false, endMs = Date.now()): void {
    const { name, context, parentSpanId, startMs, attributes, link } = this.beginning;
    const { exporter } = proxySinks<TraceSinks>();
    exporter.export([
      {
        name,
        kind: 0,
        spanContext: context,
        ...(parentSpanId !== undefined && { parentSpanId }),
        startTime: timeOf(startMs),
        endTime: timeOf(endMs),
        duration: timeOf(Math.max(0, endMs - startMs)),
        status: { code: hasFailed ? FAILED : UNSET },
        attributes: { ...attributes, ...more },
        links: link === undefined ? [] : [{ context: link }],
        events: [],
        ended: true,
        droppedAttributesCount: 0,
        droppedLinksCount: 0,
        droppedEventsCount: 0,
        instrumentationLibrary: { name: 'plumbline' },
      },
    ]);
  }
}

/** The current run: the root of a trace, and the spans below it. */
class TracedRun {
  private readonly root: Span;
  private spans = 0;

  constructor({ key, exchange, trigger, startedAt }: RunBeginning, dueMs: number | null) {
    const traceId = traceIdOf(key);
    const startedMs = Date.parse(startedAt);
    const isOnTime = dueMs !== null && dueMs <= startedMs && startedMs - dueMs <= LONGEST_WAIT_MS;
    this.root = new Span({
      name: 'run',
      context: { traceId, spanId: spanIdOf(traceId, 'run'), traceFlags: SAMPLED },
      startMs: isOnTime ? dueMs : startedMs,
      attributes: {
        'plumbline.account': key.account,
        'plumbline.exchange': exchange,
        'plumbline.run.number': key.runNumber,
        'plumbline.run.trigger': trigger,
      },
    });
    if (isOnTime) this.below('timer', dueMs).end({}, false, startedMs);
  }

  get context(): SpanContext {
    return this.root.context;
  }

  below(name: string, startMs = Date.now()): Span {
    const { traceId, spanId: parentSpanId, traceFlags } = this.root.context;
    const spanId = spanIdOf(traceId, String((this.spans += 1)));
    return new Span({ name, context: { traceId, spanId, traceFlags }, parentSpanId, startMs, attributes: {} });
  }

  end(result: RecordedRun | null): void {
    this.root.end(
      result === null ? { 'plumbline.run.cancelled': true } : verdictOf(result),
      result?.outcome === 'failed',
    );
  }
}

function verdictOf(result: RecordedRun): Attributes {
  return {
    'plumbline.run.outcome': result.outcome,
    'plumbline.run.observations': result.looks,
    'plumbline.run.compared': result.compared,
    'plumbline.run.not_compared': result.notCompared.length,
    'plumbline.run.discrepancies': result.discrepancies,
    'plumbline.run.open_discrepancies': result.openDiscrepancies,
    'plumbline.run.calls': result.calls.length,
    ...(result.failure !== null && { 'plumbline.run.failure': result.failure.kind }),
  };
}

/** The traces of an account's runs. */
class TracedRuns extends RunWatch {
  run: TracedRun | null = null;
  private dueMs: number | null = null;

  override fired(dueMs: number): void {
    this.dueMs = dueMs;
  }

  override began(run: RunBeginning): void {
    this.run = new TracedRun(run, this.dueMs);
    this.dueMs = null;
  }

  override ended(result: RecordedRun | null): void {
    this.run?.end(result);
    this.run = null;
  }
}

/**
 * One trace for each run: the run is the root, its activities and messages are spans below it. A call to a human is a trace of its
 * own with a link to the run that called, because the call may outlast many runs.
 *
 * It uses the header and the sink of `@temporalio/interceptors-opentelemetry`, but not the workflow interceptor of that package. That
 * one makes one span of each execution, so a trace would last for months. It also draws its ids from the workflow's random numbers,
 * from which interventions take their ids, and loads OpenTelemetry's SDK into each workflow.
 *
 * It adds no command and no await, and reads only the clock. So a history replays with and without it, and it may be switched on in
 * the middle of an execution.
 */
export function interceptors(): WorkflowInterceptors {
  const runs = new TracedRuns();
  let calls = 0;
  /** The span of the newest run that asked this workflow to call a human. */
  let caller: SpanContext | null = null;

  const inbound: WorkflowInboundCallsInterceptor = {
    execute(input, next) {
      caller = contextIn(input.headers);
      if (workflowInfo().workflowType !== 'reconciliation') return next(input);
      return next({ ...input, args: [input.args[0], runs] });
    },
    handleSignal(input, next) {
      caller = contextIn(input.headers) ?? caller;
      return next(input);
    },
  };

  function spanOf(type: string, name: string): Span | null {
    if (runs.run !== null) return runs.run.below(name);
    if (!CALLS.has(type)) return null;
    calls += 1;
    const traceId = traceIdOf({ workflowRunId: workflowInfo().runId, runNumber: calls });
    return new Span({
      name: 'call',
      context: { traceId, spanId: spanIdOf(traceId, 'run'), traceFlags: SAMPLED },
      startMs: Date.now(),
      attributes: {},
      ...(caller !== null && { link: caller }),
    });
  }

  const outbound: WorkflowOutboundCallsInterceptor = {
    scheduleActivity(input, next) {
      const { activityType } = input;
      const span = spanOf(activityType, `StartActivity:${activityType}`);
      if (span === null) return next(input);
      return followed(
        next({ ...input, headers: { ...input.headers, ...headerOf(span.context) } }),
        span,
        attributesOf(input.args),
      );
    },
    startChildWorkflowExecution(input, next) {
      const span = runs.run?.below(`StartChildWorkflow:${input.workflowType}`);
      if (span === undefined) return next(input);
      return followed(next({ ...input, headers: { ...input.headers, ...headerOf(span.context) } }), span, {});
    },
    signalWorkflow(input, next) {
      const span = runs.run?.below(`SignalWorkflow:${input.signalName}`);
      if (span === undefined) return next(input);
      return followed(next({ ...input, headers: { ...input.headers, ...headerOf(span.context) } }), span, {});
    },
    continueAsNew(input, next) {
      if (caller === null) return next(input);
      return next({ ...input, headers: { ...input.headers, ...headerOf(caller) } });
    },
  };
  return { inbound: [inbound], outbound: [outbound] };
}

/** Ends the span when the promise settles. Returns the same promise, so it adds no microtask for the caller. */
function followed<T>(promise: Promise<T>, span: Span, attributes: Attributes): Promise<T> {
  promise.then(
    (answer) => span.end({ ...attributes, ...answered(answer) }),
    () => span.end(attributes, true),
  );
  return promise;
}

/** What a span shows of an activity's request. */
function attributesOf([request]: readonly unknown[]): Attributes {
  const { account, channel, occasion, look } = asFields(request);
  return {
    ...(typeof account === 'string' && { 'plumbline.account': account }),
    ...(typeof channel === 'string' && { 'plumbline.channel': channel }),
    ...(typeof occasion === 'string' && { 'plumbline.occasion': occasion }),
    ...(typeof look === 'number' && { 'plumbline.observation': look }),
  };
}

function answered(answer: unknown): Attributes {
  const { kind } = asFields(answer);
  return typeof kind === 'string' ? { 'plumbline.answer': kind } : {};
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

type Headers = Parameters<NonNullable<WorkflowOutboundCallsInterceptor['scheduleActivity']>>[0]['headers'];

function headerOf({ traceId, spanId }: SpanContext): Headers {
  const traceparent = `00-${traceId}-${spanId}-01`;
  return { [HEADER]: defaultPayloadConverter.toPayload({ traceparent }) };
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The span in the header; null if there is none, or if it cannot be read, because anybody may start or signal a workflow. */
function contextIn(headers: Headers): SpanContext | null {
  const payload = headers[HEADER];
  if (payload === undefined) return null;
  try {
    const { traceparent } = asFields(defaultPayloadConverter.fromPayload(payload));
    const [, traceId, spanId] = TRACEPARENT.exec(typeof traceparent === 'string' ? traceparent : '') ?? [];
    return traceId === undefined || spanId === undefined ? null : { traceId, spanId, traceFlags: SAMPLED };
  } catch {
    return null;
  }
}

function timeOf(ms: number): Time {
  const seconds = Math.floor(ms / 1000);
  return [seconds, (ms - seconds * 1000) * 1_000_000];
}
