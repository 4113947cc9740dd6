import { connect } from 'node:net';
import { canListen, freePort as anyFreePort } from '@plumbline/primitives/free-port';
import { messageOf } from './child.js';
import { StackError } from './stack-error.js';

export const loopback = '127.0.0.1';

/**
 * A port on the loopback interface that was free a moment ago: the preferred one, otherwise any. Another process may
 * take it before its user does; a caller that needs certainty must retry.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && preferred !== 0 && (await canListen(preferred))) return preferred;
  try {
    return await anyFreePort();
  } catch (error) {
    throw new StackError(messageOf(error), 'Check whether all of them are in use.');
  }
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
