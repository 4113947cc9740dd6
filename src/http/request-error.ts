import type { z } from 'zod';
import { PlumblineError, type ClientErrorReason } from '../client.js';
import { FailureError } from '../domain/failure/failure.js';

/** A request that is answered with an error. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** The wrong fields of a document, by their paths; null if the error is about none. */
  readonly fields: readonly { path: string; problem: string }[] | null;
  constructor(
    readonly status: 400 | 404 | 409 | 413 | 422 | 503,
    message: string,
    /** What to do, one line. */
    readonly remedy: string,
    options?: ErrorOptions & { fields?: readonly { path: string; problem: string }[] },
  ) {
    super(message, options);
    this.fields = options?.fields ?? null;
  }
}

/** @throws RequestError (400) that names every wrong field */
export function parsedBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new RequestError(400, `the body is wrong: ${problems.join('; ')}`, 'see /v1/openapi.json for its fields');
}

const STATUSES: Readonly<Record<ClientErrorReason, RequestError['status']>> = {
  invalid: 422,
  absent: 409,
  refused: 409,
  unavailable: 503,
};

/** The error of an act as the answer to its request. An error without a remedy is a fault and is thrown again. */
export function actError(error: unknown): unknown {
  if (error instanceof RequestError || !(error instanceof Error)) return error;
  if (error instanceof PlumblineError) return asRequestError(STATUSES[error.reason], error, error.remedy);
  if (error instanceof FailureError) {
    const { kind, remedy } = error.failure;
    // The ledger refuses a wrong request, such as for a discrepancy that is not open, with the kind `configuration`.
    return kind === 'configuration' ? asRequestError(422, error, remedy) : error;
  }
  // There is no connection to Temporal.
  return 'remedy' in error && typeof error.remedy === 'string' ? asRequestError(503, error, error.remedy) : error;
}

function asRequestError(status: RequestError['status'], error: Error, remedy: string): RequestError {
  return new RequestError(status, error.message, remedy, { cause: error });
}
