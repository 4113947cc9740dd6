import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { Agent, request } from 'undici';
import { MAX_ANSWER_BYTES, REQUEST_MS } from './limits.js';

export interface OtlpTarget {
  /** The whole address, such as http://127.0.0.1:4318/v1/traces. */
  url: string;
  headers: Readonly<Record<string, string>>;
}

/** The result of a batch. */
export interface Sent {
  sent: number;
  refused: number;
  /** Why not all were taken; null if all were. Not redacted. */
  problem: string | null;
}

/**
 * Sends batches of spans to a collector: OTLP, protobuf over HTTP, one request each. A batch that the collector does not take
 * within `REQUEST_MS` is lost. OpenTelemetry's own exporter is not used, because it reads an answer of any size, and takes
 * addresses and headers from the environment.
 */
export class OtlpExporter implements SpanExporter {
  private readonly agent = new Agent({ connections: 1, pipelining: 1 });
  private readonly ending = new AbortController();
  private readonly pending = new Set<Promise<void>>();

  constructor(
    private readonly target: OtlpTarget,
    private readonly report: (batch: readonly ReadableSpan[], sent: Sent) => void,
  ) {}

  export(batch: ReadableSpan[], done: (result: ExportResult) => void): void {
    const exporting = this.exportBatch(batch, done);
    this.pending.add(exporting);
    void exporting.finally(() => this.pending.delete(exporting));
  }

  /** Aborts the current requests. */
  abort(): void {
    this.ending.abort();
  }

  /** Aborts all requests, and reports their results. */
  async shutdown(): Promise<void> {
    this.abort();
    await Promise.all(this.pending);
    await this.agent.destroy();
  }

  private async exportBatch(batch: ReadableSpan[], done: (result: ExportResult) => void): Promise<void> {
    let sent: Sent;
    try {
      sent = await this.send(batch);
    } catch (error) {
      sent = { sent: 0, refused: batch.length, problem: reasonOf(error) };
    }
    this.report(batch, sent);
    done({ code: sent.problem === null ? ExportResultCode.SUCCESS : ExportResultCode.FAILED });
  }

  private async send(batch: ReadableSpan[]): Promise<Sent> {
    const bytes = ProtobufTraceSerializer.serializeRequest(batch);
    if (bytes === undefined) throw new Error('the spans could not be written as protobuf');
    const { statusCode, body } = await request(this.target.url, {
      method: 'POST',
      headers: { ...this.target.headers, 'content-type': 'application/x-protobuf' },
      body: bytes,
      dispatcher: this.agent,
      signal: AbortSignal.any([AbortSignal.timeout(REQUEST_MS), this.ending.signal]),
    });
    const answer = await beginningOf(body);
    if (statusCode < 200 || statusCode > 299) throw new Error(`HTTP ${statusCode}`);
    return partlyTaken(answer, batch.length);
  }
}

/** A collector may take only a part of a batch. It says so in an answer with status 200. */
function partlyTaken(answer: Uint8Array, count: number): Sent {
  const { rejectedSpans = 0, errorMessage = 'no reason' } = partialSuccessIn(answer);
  const refused = Math.min(count, Math.max(0, rejectedSpans));
  return {
    sent: count - refused,
    refused,
    problem: refused === 0 ? null : `it refused ${refused} spans: ${errorMessage}`,
  };
}

function partialSuccessIn(answer: Uint8Array): { rejectedSpans?: number; errorMessage?: string } {
  try {
    return ProtobufTraceSerializer.deserializeResponse(answer).partialSuccess ?? {};
  } catch {
    // A proxy may answer with other text. By the status, the batch was taken.
    return {};
  }
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${REQUEST_MS / 1000} s`;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return error.message === '' ? (code ?? error.name) : error.message;
}
