import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ChangeStream, Follower } from './change-stream.js';
import type { PageParts } from './page-parts.js';

const streamQuery = z.object({ after: z.string().max(60).optional().catch(undefined) });

/** Unread bytes at which a client is disconnected. */
const MAX_UNREAD_BYTES = 256 * 1024;

/** `GET /v1/stream`: changes of accounts as server-sent events. */
export function streamRoute(app: FastifyInstance, stream: ChangeStream, { access }: PageParts): void {
  app.get('/v1/stream', { exposeHeadRoute: false }, async (request, reply) => {
    const { after } = streamQuery.parse(request.query);
    const header = request.headers['last-event-id'];
    const lastId = typeof header === 'string' && header !== '' ? header : (after ?? null);
    const { raw } = reply;
    let isStarted = false;
    const follower: Follower = {
      sees: (account) => access.sees(request, account),
      mayStay: () => access.mayStay(request),
      send: (text) => {
        if (!isStarted) {
          isStarted = true;
          raw.writeHead(200, {
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'no-store',
            'x-content-type-options': 'nosniff',
            // Proxies must not buffer the events.
            'x-accel-buffering': 'no',
          });
        }
        if (raw.writableLength > MAX_UNREAD_BYTES) return false;
        raw.write(text);
        return true;
      },
      end: () => void raw.end(),
    };
    raw.once('close', () => stream.leave(follower));
    if (!stream.follow(follower, lastId)) {
      const error = { message: 'too many pages follow this server', remedy: 'close some, or ask again later' };
      return reply.code(503).header('retry-after', '10').send({ error });
    }
    return reply.hijack();
  });
}
