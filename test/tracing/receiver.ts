import { createRequire } from 'node:module';
import { z } from 'zod';
import { Listening } from '../support/listening.js';

/** The messages of OpenTelemetry's protocol, generated from its own definitions. */
const { ExportTraceServiceRequest } = z
  .object({
    opentelemetry: z.object({
      proto: z.object({
        collector: z.object({
          trace: z.object({
            v1: z.object({
              ExportTraceServiceRequest: z.custom<{ decode(bytes: Uint8Array): { toJSON(): unknown } }>(),
            }),
          }),
        }),
      }),
    }),
  })
  .parse(createRequire(import.meta.url)('@opentelemetry/otlp-transformer/build/src/generated/root.js')).opentelemetry
  .proto.collector.trace.v1;

const valueSchema = z.object({
  stringValue: z.string().optional(),
  intValue: z.coerce.number().optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
});
const attributesSchema = z
  .array(z.object({ key: z.string(), value: valueSchema }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]])));
const idSchema = z.base64().transform((text) => Buffer.from(text, 'base64').toString('hex'));
const spanSchema = z.object({
  traceId: idSchema,
  spanId: idSchema,
  parentSpanId: idSchema.optional(),
  name: z.string(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes: attributesSchema,
  links: z.array(z.object({ traceId: idSchema, spanId: idSchema })).default([]),
  events: z.array(z.object({ attributes: attributesSchema })).default([]),
  status: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
});
const requestSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: attributesSchema }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});

export type ReceivedSpan = z.infer<typeof spanSchema>;

/** A collector: takes spans over HTTP, or behaves as a broken one. */
export class Receiver {
  readonly spans: ReceivedSpan[] = [];
  readonly resources: Record<string, unknown>[] = [];
  /** Headers of each request. */
  readonly headers: Record<string, unknown>[] = [];
  /** All bytes that it received, as text. */
  bytes = '';
  /** How it behaves: the status of its answers, or no answer at all. */
  behaviour: number | 'hangs' | 'talks for ever' = 200;
  private readonly listening = new Listening();

  private constructor() {}

  static async start(): Promise<{ receiver: Receiver; url: string }> {
    const receiver = new Receiver();
    const url = await receiver.listening.serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        receiver.headers.push({ ...request.headers, path: request.url });
        if (receiver.behaviour === 'hangs') return;
        response.writeHead(receiver.behaviour === 'talks for ever' ? 200 : receiver.behaviour);
        if (receiver.behaviour === 'talks for ever') {
          const talk = (): void => {
            while (!response.destroyed && response.write('x'.repeat(60_000)));
            if (!response.destroyed) response.once('drain', talk);
          };
          talk();
          return;
        }
        if (receiver.behaviour === 200) receiver.take(Buffer.concat(chunks));
        response.end();
      });
    });
    return { receiver, url };
  }

  async end(): Promise<void> {
    await this.listening.end();
  }

  named(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  private take(bytes: Buffer): void {
    this.bytes += bytes.toString('latin1');
    const request = requestSchema.parse(ExportTraceServiceRequest.decode(bytes).toJSON());
    for (const { resource, scopeSpans } of request.resourceSpans) {
      this.resources.push(resource.attributes);
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans));
    }
  }
}
