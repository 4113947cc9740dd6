import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What a server does with a request whose head has come. */
export type Hostility = (socket: Socket, head: string, count: number) => void;

/** A server that answers as it likes, byte by byte. */
export async function hostileServer(behave: Hostility): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let head = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      head += text;
      if (!head.includes('\r\n\r\n')) return;
      const whole = head;
      head = '';
      behave(socket, whole, ++count);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One HTTP answer with a correct length. */
export function httpAnswer(status: number, body: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n${body}`;
}

/** The document of an open gate, or one that is nearly so. */
export function openDocument(changes: Record<string, unknown> = {}): string {
  const whole = {
    account: 'main',
    open: true,
    reasons: [],
    accepted: 0,
    as_of: '2026-11-29T12:00:00.000Z',
    age_ms: 40,
  };
  return JSON.stringify({ ...whole, ...changes });
}
