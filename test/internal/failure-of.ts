import { expect } from '@jest/globals';
import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import type { InternalSource } from '../../src/internal/internal-source.js';

/** The failure of a read. Throws if the state was read. */
export async function failureOf(source: InternalSource): Promise<Failure> {
  const error: unknown = await source.readState().then(
    () => new Error('the state was read'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof FailureError)) throw error;
  expect(error.failure.side).toBe('internal');
  return error.failure;
}
