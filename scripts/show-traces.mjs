// node scripts/show-traces.mjs [port]: takes traces as a collector does (OTLP over HTTP) and prints each as a tree. It keeps nothing.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

/** How long to wait for further spans of a run after its root. */
const LATE_MS = 3_000;
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_SPANS = 20_000;
const NAME_COLUMNS = 78;
/** OpenTelemetry's status of a span that failed. */
const FAILED = 2;

// Generated from OpenTelemetry's own definitions.
const { ExportTraceServiceRequest } = createRequire(import.meta.url)(
  '@opentelemetry/otlp-transformer/build/src/generated/root.js',
).opentelemetry.proto.collector.trace.v1;

const traces = new Map();
let kept = 0;

const server = createServer((request, response) => {
  const chunks = [];
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) request.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => {
    try {
      take(ExportTraceServiceRequest.decode(Buffer.concat(chunks)));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    } catch {
      response.writeHead(400).end();
    }
  });
});

server.listen(Number(process.argv[2] ?? 4318), '127.0.0.1', () => {
  console.log(`Waiting for traces: tracing: { otlp_url: "http://127.0.0.1:${server.address().port}" }`);
});

function take({ resourceSpans }) {
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  for (const span of spans) {
    if (kept >= MAX_SPANS) return;
    kept += 1;
    const traceId = hex(span.traceId);
    if (!traces.has(traceId)) traces.set(traceId, []);
    traces.get(traceId).push(span);
    const isRoot = hex(span.parentSpanId) === '';
    if (isRoot) setTimeout(() => print(traceId), LATE_MS);
  }
}

function print(traceId) {
  const spans = traces.get(traceId) ?? [];
  traces.delete(traceId);
  kept -= spans.length;
  const root = spans.find((span) => hex(span.parentSpanId) === '');
  if (root === undefined) return;
  const show = (span, depth) => {
    const name = `${'  '.repeat(depth)}${span.name}${noteOf(span)}`;
    const offset = ms(span.startTimeUnixNano) - ms(root.startTimeUnixNano);
    const took = ms(span.endTimeUnixNano) - ms(span.startTimeUnixNano);
    console.log(`${name.padEnd(NAME_COLUMNS)} ${column(offset)} ${column(took)}`);
    const below = spans.filter((other) => hex(other.parentSpanId) === hex(span.spanId));
    for (const child of below.toSorted((a, b) => ms(a.startTimeUnixNano) - ms(b.startTimeUnixNano))) {
      show(child, depth + 1);
    }
  };
  console.log(`\ntrace ${traceId}${' '.repeat(NAME_COLUMNS - 38)} ${'start'.padStart(9)} ${'took, ms'.padStart(9)}`);
  show(root, 0);
}

function noteOf({ status, attributes }) {
  const shown = ['plumbline.run.outcome', 'plumbline.channel'];
  const texts = attributes.filter(({ key }) => shown.includes(key)).map(({ value }) => value.stringValue);
  if (status?.code === FAILED) texts.push(`failed: ${status.message ?? ''}`);
  return texts.length === 0 ? '' : ` [${texts.join(', ').trim()}]`;
}

function column(value) {
  return value.toFixed(1).padStart(9);
}

function ms(nanoseconds) {
  return Number(BigInt(nanoseconds.toString())) / 1e6;
}

function hex(bytes) {
  return Buffer.from(bytes ?? []).toString('hex');
}
