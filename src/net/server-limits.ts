import type { Server, ServerOptions } from 'node:http';

/** What clients may take of a server before it ends or refuses them. */
export interface ServerLimits {
  /** Connections at a time; further ones are closed at once. */
  connections: number;
  /** From the start of a connection or request until its head is complete. */
  headMs: number;
  /** Until the whole request is there, its body included. */
  requestMs: number;
  /** A connection without a request is closed after this. */
  idleMs: number;
  /** Largest request body. */
  bodyBytes: number;
}

export const SERVER_LIMITS: ServerLimits = {
  connections: 4096,
  headMs: 5_000,
  requestMs: 10_000,
  idleMs: 30_000,
  bodyBytes: 65_536,
};

/** Unfinished requests are looked for at this interval at least, so that is how late they may end. */
const MAX_CHECK_INTERVAL_MS = 1_000;

/** The limits as options of Node's own server. */
export function nodeServerOptions({ headMs, requestMs, idleMs }: ServerLimits): ServerOptions {
  return {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: Math.min(headMs, MAX_CHECK_INTERVAL_MS),
  };
}

/** The limits as options of Fastify, which sets some of the server's own ones itself. */
export function fastifyLimits(limits: ServerLimits) {
  return {
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    http: nodeServerOptions(limits),
  };
}

/** Bounds the server's connections. Of those that are refused at most one a minute is reported. */
export function limitConnections(server: Server, { connections }: ServerLimits, report: (line: string) => void): void {
  server.maxConnections = connections;
  let reportedAt = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    if (performance.now() - reportedAt < 60_000) return;
    reportedAt = performance.now();
    report(`More than ${connections} connections at a time: further ones are closed`);
  });
}
