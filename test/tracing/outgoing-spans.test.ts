import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SpanStatusCode } from '@opentelemetry/api';
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { MAX_OF_TRACE, MAX_TEXT_LENGTH, MAX_WAITING } from '../../packages/tracing/src/limits.js';
import { OutgoingSpans, type SpanResult } from '../../packages/tracing/src/outgoing-spans.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { Receiver } from './receiver.js';

const SECRET = 'Zk3-very-secret-exchange-key-91';

let receiver: Receiver;
let outgoing: OutgoingSpans;
let provider: BasicTracerProvider;
let counts: Record<SpanResult, number>;
let warnings: string[];

beforeEach(async () => {
  const { receiver: started, url } = await Receiver.start();
  receiver = started;
  counts = { sent: 0, dropped: 0, lost: 0 };
  warnings = [];
  const redactor = createRedactor();
  redactor.add(SECRET);
  outgoing = new OutgoingSpans({
    url: `${url}/v1/traces`,
    headers: {},
    sampler: new AlwaysOnSampler(),
    redact: (text) => redactor.text(text),
    count: (result, spans) => (counts[result] += spans),
    warn: (reason) => void warnings.push(reason),
  });
  provider = new BasicTracerProvider({ spanProcessors: [outgoing] });
});
afterEach(async () => {
  await outgoing.shutdown();
  await receiver.end();
});

const begin = (name = 'span') => provider.getTracer('test').startSpan(name);

describe('spans on their way to the collector', () => {
  it('pass the redactor, with their names, attributes, status and events', async () => {
    const span = begin(`asked with ${SECRET}`);
    span.setAttributes({ 'plumbline.text': `key=${SECRET}`, 'plumbline.url': `?a=${encodeURIComponent(SECRET)}` });
    span.setStatus({ code: SpanStatusCode.ERROR, message: `refused ${SECRET}` });
    span.recordException(new Error(`with ${SECRET}`));
    span.end();
    await outgoing.forceFlush();
    expect(receiver.spans).toHaveLength(1);
    expect(receiver.bytes).not.toContain(SECRET);
    const [{ events, attributes }] = receiver.spans as [(typeof receiver.spans)[0]];
    expect(attributes['plumbline.text']).toMatch(/^key=/);
    // A stack names files of this machine, and repeats the message.
    expect(Object.keys(events[0]?.attributes ?? {})).toEqual(['exception.type', 'exception.message']);
  });

  it('carry what Temporal knows of the workflow only as its ids', async () => {
    const span = begin();
    span.setAttributes({ workflowId: 'reconciliation/main', runId: 'r', taskQueue: 'q', memo: 'm' });
    span.end();
    await outgoing.forceFlush();
    expect(receiver.spans[0]?.attributes).toEqual({
      'temporal.workflow_id': 'reconciliation/main',
      'temporal.run_id': 'r',
    });
  });

  it('are cut where a text is long', async () => {
    const span = begin('n'.repeat(10_000));
    span.setAttribute('plumbline.text', 'x'.repeat(10_000));
    span.end();
    await outgoing.forceFlush();
    expect(receiver.spans[0]?.attributes['plumbline.text']).toHaveLength(MAX_TEXT_LENGTH);
    expect(receiver.spans[0]?.name.length).toBeLessThan(200);
  });

  it('have no half of a character, for which a collector would refuse the whole batch', async () => {
    const span = begin('id \uD83D of an order');
    // The cut falls between the two halves of the character.
    span.setAttribute('plumbline.text', `${'x'.repeat(MAX_TEXT_LENGTH - 4)}${'\u{1F600}'.repeat(9)}`);
    span.setStatus({ code: SpanStatusCode.ERROR, message: '\uDE00' });
    span.end();
    await outgoing.forceFlush();
    const [sent] = receiver.spans;
    expect([sent?.name, sent?.status?.message]).toEqual(['id \uFFFD of an order', '\uFFFD']);
    expect(sent?.attributes['plumbline.text']).toBe(`${'x'.repeat(MAX_TEXT_LENGTH - 4)}\uFFFD...`);
  });

  it('are dropped and counted where one trace has too many', async () => {
    const tracer = provider.getTracer('test');
    const traceId = '1'.repeat(32);
    const { ROOT_CONTEXT, trace } = await import('@opentelemetry/api');
    const within = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '2'.repeat(16), traceFlags: 1 });
    for (let count = 0; count < MAX_OF_TRACE + 3; count++) tracer.startSpan('many', {}, within).end();
    await outgoing.forceFlush();
    expect(counts).toEqual({ sent: MAX_OF_TRACE, dropped: 3, lost: 0 });
  });

  it('wait up to a limit while the collector hangs; further ones are dropped, and the end waits for a bounded time', async () => {
    receiver.behaviour = 'hangs';
    for (let count = 0; count < MAX_WAITING + 10; count++) begin().end();
    expect(counts).toEqual({ sent: 0, dropped: 10, lost: 0 });
    await outgoing.shutdown();
    expect(counts).toEqual({ sent: 0, dropped: 10, lost: MAX_WAITING });
    expect(warnings).toHaveLength(1);
  }, 30_000);

  it.each([
    [404, 'HTTP 404'],
    [307, 'HTTP 307'],
    ['talks for ever', 'an answer of more than 65536 bytes'],
  ] as const)('are lost and counted if the collector answers %s', async (behaviour, reason) => {
    receiver.behaviour = behaviour;
    begin().end();
    await outgoing.forceFlush().catch(() => undefined);
    expect(counts).toEqual({ sent: 0, dropped: 0, lost: 1 });
    expect(warnings).toEqual([reason]);
  });

  it('are lost and counted if no collector listens', async () => {
    await receiver.end();
    begin().end();
    await outgoing.forceFlush().catch(() => undefined);
    expect(counts).toEqual({ sent: 0, dropped: 0, lost: 1 });
    expect(warnings).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });
});
