import Fastify, { type FastifyInstance } from 'fastify';
import { createHostCheck } from './host-check.js';
import { fastifyLimits, limitConnections, type ServerLimits } from './server-limits.js';

export interface LimitedServerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Names besides the address under which it answers. */
  allowedHosts: readonly string[];
  /** The configuration key that allows a further name. */
  setting: string;
  limits: ServerLimits;
  /** How long requests that are under way may take when the server closes. */
  closeMs: number;
  report: (line: string) => void;
  /** The answer to a request that reaches no route: its host is refused, or its path cannot be decoded. */
  refusal: (status: number, error: { message: string; remedy?: string }) => Refused;
}

export interface Refused {
  status: number;
  type: string;
  body: string;
}

export interface LimitedServer {
  /** For routes; `listen` and `close` are below. */
  app: FastifyInstance;
  /** @returns "http://127.0.0.1:9400", with the port that was taken */
  listen(): Promise<string>;
  /** Answers what was asked within `closeMs`, and takes nothing new. */
  close(): Promise<void>;
}

/**
 * An HTTP server without authentication, for people and programs of one network: it bounds what clients take of it, answers
 * only for its own hosts, and lets nothing be cached.
 */
export function limitedServer(options: LimitedServerOptions): LimitedServer {
  const { host, port, allowedHosts, setting, limits, closeMs, report, refusal } = options;
  const app = Fastify({
    logger: false,
    forceCloseConnections: 'idle',
    ...fastifyLimits(limits),
    // A path that cannot be decoded never reaches a route, a hook or the error handler.
    frameworkErrors: (error, _request, reply) => {
      const { status, type, body } = refusal(error.statusCode ?? 400, { message: error.message });
      reply.raw.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    },
  });
  limitConnections(app.server, limits, report);
  const refusalOf = createHostCheck({ listensOn: host, allowedHosts, setting });
  app.addHook('onRequest', async (request, reply) => {
    const refused = refusalOf(request.headers);
    if (refused === null) return;
    const { status, type, body } = refusal(refused.status, { message: refused.message, remedy: refused.remedy });
    await reply.code(status).type(type).send(body);
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
  });
  return {
    app,
    async listen() {
      await app.listen({ host, port });
      const address = app.server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
    },
    close: async () => closeWithin(app, closeMs),
  };
}

/**
 * Node enforces request timeouts only while the server listens; without this limit a client could keep it from ending.
 */
async function closeWithin(app: FastifyInstance, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), milliseconds);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
