import type { Payload, PayloadCodec } from '@temporalio/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { UnknownKeyError } from '../runtime/payload-codec.js';

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
/** Temporal's form of payloads in JSON: metadata and data are base64. */
const body = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() }))
    .max(1_000),
});

/**
 * `POST /codec/decode`: decrypts payloads for Temporal's Web UI and command line, which call this a codec server. Only pages of
 * the given origins may read the answer. It encrypts nothing: what people send goes through Plumbline's own commands.
 */
export function codecRoute(
  app: FastifyInstance,
  { codec, origins }: { codec: PayloadCodec; origins: readonly string[] },
): void {
  const allow = (request: FastifyRequest, reply: FastifyReply): void => {
    const { origin } = request.headers;
    reply.header('vary', 'origin');
    if (origin === undefined || !origins.includes(origin)) return;
    reply
      .header('access-control-allow-origin', origin)
      .header('access-control-allow-credentials', 'true')
      .header('access-control-allow-headers', 'content-type, x-namespace, authorization')
      .header('access-control-allow-methods', 'POST');
  };
  app.options('/codec/decode', async (request, reply) => {
    allow(request, reply);
    return reply.code(204).send();
  });
  app.post('/codec/decode', async (request, reply) => {
    allow(request, reply);
    if (request.bearer !== null && request.bearer.accounts !== null) {
      const message = `the token "${request.bearer.name}" is for some accounts only, and payloads may be of any`;
      return reply.code(403).send({ error: { message, remedy: 'use a token without accounts' } });
    }
    const parsed = body.safeParse(request.body);
    if (!parsed.success) {
      const message = `the body is not Temporal's {"payloads": [{"metadata", "data"}]} with base64, at most 1,000 of them`;
      return reply
        .code(400)
        .send({ error: { message, remedy: "set the codec endpoint in Temporal's Web UI to /codec" } });
    }
    try {
      const decoded = await codec.decode(parsed.data.payloads.map(read));
      return { payloads: decoded.map(written) };
    } catch (error) {
      if (!(error instanceof UnknownKeyError)) throw error;
      return reply.code(422).send({ error: { message: error.message, remedy: 'add the key, then restart serve' } });
    }
  });
}

function read({ metadata = {}, data = '' }: z.infer<typeof body>['payloads'][number]): Payload {
  const fields = Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(fields), data: Buffer.from(data, 'base64') };
}

function written({ metadata, data }: Payload): { metadata: Record<string, string>; data: string } {
  const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, text(value)])),
    data: text(data),
  };
}
