import { types } from 'node:util';

/** Whether the value is an error of any realm. In a sandbox, errors of Node's modules are not `instanceof Error`. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/** The `code` of Node's errors ("ENOENT"); null for anything else. */
export function errorCode(value: unknown): string | null {
  return isError(value) && 'code' in value && typeof value.code === 'string' ? value.code : null;
}

/** The errors in an AggregateError; empty for any other error. */
export function aggregatedErrors(error: Error): readonly unknown[] {
  return error.name === 'AggregateError' && 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
}
