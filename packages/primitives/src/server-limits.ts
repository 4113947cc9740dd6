import type { Server, ServerOptions } from 'node:http';

/** The limits of a server for its clients. */
export interface ServerLimits {
  /** Simultaneous connections; further ones are closed at once. */
  connections: number;
  /** Time from the start of a connection or request until its head is complete. */
  headMs: number;
  /** Time until the whole request has arrived, body included. */
  requestMs: number;
  /** Time after which a connection without a request is closed. */
  idleMs: number;
  /** Size of the largest request body. */
  bodyBytes: number;
}

export const SERVER_LIMITS: ServerLimits = {
  connections: 4096,
  headMs: 5_000,
  requestMs: 10_000,
  idleMs: 30_000,
  bodyBytes: 65_536,
};

/** The longest interval between checks for unfinished requests; a request may exceed its limit by this time. */
const MAX_CHECK_INTERVAL_MS = 1_000;

/** The limits as options of Node's HTTP server. */
export function nodeServerOptions({ headMs, requestMs, idleMs }: ServerLimits): ServerOptions {
  return {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: Math.min(headMs, MAX_CHECK_INTERVAL_MS),
  };
}

/** The limits as options of Fastify, which sets some options of its server itself. */
export function fastifyLimits(limits: ServerLimits) {
  return {
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    http: nodeServerOptions(limits),
  };
}

/** Bounds the server's connections. Refused connections are reported at most once a minute. */
export function limitConnections(server: Server, { connections }: ServerLimits, report: (line: string) => void): void {
  server.maxConnections = connections;
  let reportedAt = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    if (performance.now() - reportedAt < 60_000) return;
    reportedAt = performance.now();
    report(`More than ${connections} simultaneous connections: further ones are closed`);
  });
}
