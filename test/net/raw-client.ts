import { connect, type Socket } from 'node:net';

/** What a socket brought until the server closed it. */
export interface RawAnswer {
  /** 0 where the server closed the connection without an answer. */
  status: number;
  text: string;
  endedAfterMs: number;
}

/** A connection on which a test writes what no HTTP client would. */
export async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  // The server may close it before anything is sent.
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return socket;
}

/** Sends `text` and reads until the server ends the connection. */
export async function send(url: string, text: string): Promise<RawAnswer> {
  const socket = await open(url);
  const started = performance.now();
  socket.write(text);
  return readToEnd(socket, started);
}

export async function readToEnd(socket: Socket, started = performance.now()): Promise<RawAnswer> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  return { status, text, endedAfterMs: performance.now() - started };
}

export function get(path: string, host = '127.0.0.1', headers: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers, '', ''].join('\r\n');
}
