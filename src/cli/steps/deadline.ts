import { FailureError } from '../../domain/failure/failure.js';

/** A signal that aborts everything after `milliseconds`, and the failure that is then reported instead of the abort. */
export function observationDeadline(
  milliseconds: number,
  what = 'observation',
): { signal: AbortSignal; explain(error: unknown): unknown } {
  const signal = AbortSignal.timeout(milliseconds);
  return {
    signal,
    explain: (error) => {
      if (!signal.aborted || (error instanceof FailureError && error.failure.kind !== 'timeout')) return error;
      return new FailureError({
        kind: 'timeout',
        side: 'plumbline',
        message: `the ${what} did not end within ${milliseconds / 1000} s`,
        where: null,
        remedy: 'ask again, with a longer --deadline if the account is large',
        retryAfterMs: null,
      });
    },
  };
}
