import { FailureError } from '../domain/failure/failure.js';

/**
 * Returns the answer, or throws a FailureError of kind `ledger` after `milliseconds`: a database that accepts a
 * connection and then does not answer must not make a trading gate hang. The pending work is not aborted.
 */
export async function withDeadline<T>(answer: Promise<T>, milliseconds: number, asked: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new FailureError({
          kind: 'ledger',
          side: 'ledger',
          message: `${asked} did not answer within ${milliseconds} ms`,
          where: null,
          remedy: 'see whether the database is up and reachable',
          retryAfterMs: null,
        }),
      );
    }, milliseconds);
  });
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
