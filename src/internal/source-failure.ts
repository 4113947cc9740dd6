import { FailureError, type FailureKind } from '../domain/failure/failure.js';

/** A failed read of internal state. The caller passes redacted texts. */
export function sourceFailure(
  kind: FailureKind,
  message: string,
  remedy: string,
  options: { where?: string; retryAfterMs?: number | null; cause?: unknown } = {},
): FailureError {
  const failure = {
    kind,
    side: 'internal',
    message,
    where: options.where ?? null,
    remedy,
    retryAfterMs: options.retryAfterMs ?? null,
  } as const;
  return new FailureError(failure, options.cause === undefined ? undefined : { cause: options.cause });
}
