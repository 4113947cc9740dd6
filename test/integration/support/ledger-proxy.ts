import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A TCP proxy between the workers and the ledger's PostgreSQL. It makes the ledger unreachable and reachable again, and
 * it drops the answer to a COMMIT: the transaction is committed, and the client cannot know.
 */
export interface LedgerProxy {
  /** The same URL, through the proxy. */
  through(url: string): string;
  /** Breaks all connections and refuses new ones until `restore`. */
  cut(): void;
  restore(): void;
  /**
   * Drops the answer to the next COMMIT of a transaction that wrote an event, breaks all connections, and refuses new
   * ones until `restore`. Then calls back.
   */
  swallowNextCommit(onSwallowed: () => void): void;
  /** Cancels the wait for a COMMIT that did not come. */
  disarm(): void;
  close(): Promise<void>;
}

const BEGIN = Buffer.from('BEGIN\0');
const COMMIT = Buffer.from('COMMIT\0');
const WRITES_EVENT = Buffer.from('insert into "plumbline"."event"');

export async function startLedgerProxy(serverUrl: string): Promise<LedgerProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  let armed: (() => void) | null = null;
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    let wroteEvent = false;
    let swallowing: (() => void) | null = null;
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      // Statements are short and sent one at a time: each of these texts arrives in one piece.
      if (bytes.includes(BEGIN)) wroteEvent = false;
      wroteEvent ||= bytes.includes(WRITES_EVENT);
      if (armed !== null && wroteEvent && bytes.includes(COMMIT)) {
        swallowing = armed;
        armed = null;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (swallowing === null) {
        client.write(bytes);
        return;
      }
      // The answer has arrived, so the transaction is committed.
      const report = swallowing;
      swallowing = null;
      cut();
      report();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    through(url) {
      const proxied = new URL(url);
      proxied.hostname = '127.0.0.1';
      proxied.port = String(port);
      return proxied.href;
    },
    cut,
    restore: () => void (isCut = false),
    swallowNextCommit: (onSwallowed) => void (armed = onSwallowed),
    disarm: () => void (armed = null),
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
