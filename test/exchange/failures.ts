import type { Failure } from '../../src/domain/failure/failure.js';
import { FailureError } from '../../src/domain/failure/failure.js';

export function isFailure(error: unknown): error is FailureError {
  return error instanceof FailureError;
}

/** The failure that a promise ends in; throws if it is fulfilled or ends in something without a name. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (isFailure(error)) return error.failure;
    throw error;
  }
  throw new Error('expected a failure, but the promise was fulfilled');
}
