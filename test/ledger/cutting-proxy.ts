import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy between a client and PostgreSQL that breaks connections on request. */
export class CuttingProxy {
  /** Connections are cut after this text was sent to the server and before its answer returns; null: never. */
  cutAfter: string | null = null;
  /** Number of cuts. */
  cuts = 0;
  /** While true, nothing is passed on in either direction. */
  stalled = false;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(targetUrl: string): Promise<CuttingProxy> {
    const target = new URL(targetUrl);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    const url = new URL(targetUrl);
    url.host = `127.0.0.1:${address.port}`;
    const proxy = new CuttingProxy(server, url.href);
    server.on('connection', (client) => proxy.#join(client, connect(Number(target.port), target.hostname)));
    return proxy;
  }

  #join(client: Socket, upstream: Socket): void {
    let cutting = false;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        cut();
        this.#sockets.delete(socket);
      });
    }
    client.on('data', (bytes) => {
      if (this.stalled) return;
      if (this.cutAfter !== null && bytes.includes(this.cutAfter)) {
        cutting = true;
        this.cutAfter = null;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (this.stalled) return;
      if (!cutting) {
        client.write(bytes);
        return;
      }
      this.cuts += 1;
      cut();
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
