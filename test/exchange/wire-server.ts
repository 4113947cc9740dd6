import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WireRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What a path answers: a document (sent as JSON with 200), or full control of the response. */
export type Route = object | string | ((request: WireRequest, response: ServerResponse) => unknown);

interface Spoiled {
  path: string;
  when: (request: WireRequest) => boolean;
  send: (response: ServerResponse) => void;
}

/** What readers learn of an exchange (markets, bans) belongs to its address, so no address serves two tests. */
const served = new Set<string>();

/** A real HTTP server whose answers a test sets by path, and which remembers what it was asked. */
export class WireServer {
  readonly requests: WireRequest[] = [];
  /** Emits `request` after each question. */
  readonly events = new EventEmitter();
  private readonly routes = new Map<string, Route>();
  private spoiled: Spoiled | null = null;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => this.receive(request, response));
  }

  static async start(): Promise<WireServer> {
    for (;;) {
      // Longer than a busy machine may take between two questions: a connection that ends just then is no fault that was placed.
      const server = createServer({ keepAliveTimeout: 60_000 });
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      const wire = new WireServer(server);
      if (!served.has(wire.url)) {
        served.add(wire.url);
        return wire;
      }
      await wire.stop();
    }
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Paths asked so far, in order. */
  get paths(): string[] {
    return this.requests.map(({ path }) => path);
  }

  route(path: string, route: Route): this {
    this.routes.set(path, route);
    return this;
  }

  /** Answers one path (one kind of question of it) wrongly until `fix` or the next `spoil`. */
  spoil(path: string, when: Spoiled['when'] = () => true, send: Spoiled['send'] = () => undefined): void {
    this.spoiled = { path, when, send };
  }

  fix(): void {
    this.spoiled = null;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve, reject) => {
      this.server.close((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  private receive(incoming: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => this.answer(incoming, Buffer.concat(chunks).toString(), response));
  }

  private answer(incoming: IncomingMessage, body: string, response: ServerResponse): void {
    const url = new URL(incoming.url ?? '/', 'http://wire');
    const { method = '', headers } = incoming;
    const request: WireRequest = { method, path: url.pathname, query: url.searchParams, headers, body };
    this.requests.push(request);
    this.events.emit('request');
    if (this.spoiled?.path === request.path && this.spoiled.when(request)) {
      this.spoiled.send(response);
      return;
    }
    if (!this.routes.has(request.path)) {
      sendJson(response, { code: 404, msg: `no route ${request.path}` }, 404);
      return;
    }
    const route = this.routes.get(request.path);
    const document: unknown = typeof route === 'function' ? route(request, response) : route;
    if (document !== undefined && !response.headersSent) sendJson(response, document);
  }
}

export function sendJson(response: ServerResponse, document: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' });
  response.end(typeof document === 'string' ? document : JSON.stringify(document));
}
