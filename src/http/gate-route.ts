import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { AccountParams } from './account-lookup.js';
import type { GateAnswer, GateCache } from './gate-cache.js';
import type { GateWaits } from './gate-waits.js';

/** The longest wait for a change, seconds. */
const MAX_WAIT_SECONDS = 60;

const gateQuery = z.object({ wait: z.coerce.number().int().min(1).max(MAX_WAIT_SECONDS).optional() });

/**
 * `GET /v1/accounts/:account/gate`: may this bot trade now?
 *
 * With `If-None-Match`, an open and unchanged gate is 304. A closed gate is always answered in full, so that no bot mistakes
 * "unchanged" for "open". With `?wait=30` as well, an unchanged gate is answered when it changes or when the time is over.
 */
export function gateRoute(
  app: FastifyInstance,
  { cache, waits, deadlineMs }: { cache: GateCache; waits: GateWaits; deadlineMs: number },
): void {
  app.addHook('preClose', async () => waits.end());
  app.get<{ Params: AccountParams }>('/v1/accounts/:account/gate', async (request, reply) => {
    const { account } = request.params;
    const query = gateQuery.safeParse(request.query);
    if (!query.success) {
      const reasons = [`the query is wrong: wait is a whole number of seconds from 1 to ${MAX_WAIT_SECONDS}`];
      return reply.code(400).send({ account, open: false, reasons });
    }
    await cache.begun(deadlineMs);
    const known = request.headers['if-none-match'];
    const now = cache.answer(account);
    const { wait } = query.data;
    if (wait === undefined || !matches(known, now.tag)) return send(reply, now, known);
    const end = await waits.wait(account, now.tag, wait * 1_000, closing(reply));
    if (end === 'too many') {
      const reasons = ['too many requests wait for a change; ask without wait, or later'];
      return reply.code(503).header('retry-after', '1').send({ account, open: false, reasons });
    }
    return send(reply, cache.answer(account), known);
  });
}

async function send(reply: FastifyReply, answer: GateAnswer, known: string | undefined): Promise<FastifyReply> {
  const { status, tag, ageMs, document } = answer;
  reply.header('etag', tag);
  if (ageMs !== null) reply.header('age', String(Math.floor(ageMs / 1_000)));
  // Only a successful answer can be 304 (RFC 9110, 13.2.1).
  if (status === 200 && matches(known, tag)) return reply.code(304).send();
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(document));
}

/** The weak comparison of RFC 9110, 8.8.3.2. Our tags have no comma. */
function matches(known: string | undefined, tag: string): boolean {
  if (known === undefined) return false;
  const opaque = (one: string): string => one.trim().replace(/^W\//, '');
  return known.split(',').some((one) => opaque(one) === '*' || opaque(one) === opaque(tag));
}

/** Aborts when the client closes the connection before it has the answer. */
function closing(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
