import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Servers of a test on loopback, each on its own port. They end with all their connections. */
export class Listening {
  /** Every connection so far, in order. */
  readonly sockets: Socket[] = [];
  private readonly servers: Server[] = [];

  /** The address of an HTTP server. */
  async serve(handler: RequestListener): Promise<string> {
    return this.listen(createServer(handler));
  }

  /** The address of any server. */
  async listen(server: Server): Promise<string> {
    server.on('connection', (socket: Socket) => this.sockets.push(socket));
    this.servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    for (const socket of this.sockets.splice(0)) socket.destroy();
    for (const server of this.servers.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  }
}
