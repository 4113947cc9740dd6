import { connect, createServer } from 'node:net';
import { StackError } from './stack-error.js';

export const loopback = '127.0.0.1';

/** Returns the port if something can listen on it now; with 0, any free one; null if it is taken. */
async function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen({ host: loopback, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : null;
      server.close(() => resolve(bound));
    });
  });
}

/**
 * A port on the loopback interface that was free a moment ago: the preferred one, otherwise any. Another process may
 * take it before its user does; a caller that needs certainty must retry.
 */
export async function freePort(preferred?: number): Promise<number> {
  const port = (preferred === undefined ? null : await tryPort(preferred)) ?? (await tryPort(0));
  if (port === null)
    throw new StackError(`No port on ${loopback} can be opened`, 'Check whether all of them are in use.');
  return port;
}

/**
 * Whether something listens on the port. It connects instead of binding, because binding could take the port from a
 * process that is about to listen.
 */
export async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: loopback, port });
    const answer = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
