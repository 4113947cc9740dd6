export { startTracing, type Tracing, type TracingOptions } from './tracing.js';
export type { Counted, SpanResult } from './outgoing-spans.js';
