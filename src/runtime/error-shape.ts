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

/** The error and its causes, outermost first. Of an AggregateError (several addresses were tried), the first error. */
export function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at !== undefined && causes.length < 8; at = isError(at) ? at.cause : undefined) {
    causes.push(at);
    if (isError(at)) causes.push(...aggregatedErrors(at).slice(0, 1));
  }
  return causes;
}

const CERTIFICATE_CODE = /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO_VERIFY|HOSTNAME_MISMATCH|INVALID_CA/;

/** Whether the code says that a certificate was not accepted: of Node ("ERR_TLS_...") or OpenSSL ("UNABLE_TO_VERIFY_LEAF_SIGNATURE"). */
export function isCertificateCode(code: string | null): boolean {
  return CERTIFICATE_CODE.test(code ?? '');
}
