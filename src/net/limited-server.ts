import Fastify, { type FastifyInstance } from 'fastify';
import { createHostCheck } from '@plumbline/primitives/host-check';
import { fastifyLimits, limitConnections, type ServerLimits } from '@plumbline/primitives/server-limits';

export interface LimitedServerOptions {
  host: string;
  /** 0 picks any free port. */
  port: number;
  /** Additional host names under which it answers. */
  allowedHosts: readonly string[];
  /** The configuration key that allows a further name. */
  setting: string;
  limits: ServerLimits;
  /** How long pending requests may take when the server closes. */
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
  /** @returns "http://127.0.0.1:9400", with the actual port */
  listen(): Promise<string>;
  /** Answers pending requests within `closeMs`, and takes no new ones. */
  close(): Promise<void>;
}

/**
 * An HTTP server without authentication, for people and programs of one network. It limits what clients may use,
 * answers only for its own hosts, and forbids caching.
 */
export function limitedServer(options: LimitedServerOptions): LimitedServer {
  const { host, port, allowedHosts, setting, limits, closeMs, report, refusal } = options;
  const app = Fastify({
    logger: false,
    forceCloseConnections: 'idle',
    ...fastifyLimits(limits),
    // A path that cannot be decoded reaches neither a route nor a hook nor the error handler.
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
