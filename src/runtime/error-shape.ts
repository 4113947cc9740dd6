import { types } from 'node:util';

/** Whether it is an error of any realm: those of Node's own parts are not `instanceof` the `Error` of a sandbox. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/** The `code` that Node's errors carry ("ENOENT"); null for anything else. */
export function errorCode(value: unknown): string | null {
  return isError(value) && 'code' in value && typeof value.code === 'string' ? value.code : null;
}

/** The errors that an AggregateError holds; of every other error none. */
export function aggregatedErrors(error: Error): readonly unknown[] {
  return error.name === 'AggregateError' && 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
}
