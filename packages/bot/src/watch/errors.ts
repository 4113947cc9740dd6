/** Refusals by the exchange that ccxt classes as network errors. */
const REFUSALS = ['RateLimitExceeded', 'DDoSProtection', 'OnMaintenance', 'InvalidNonce'];
const FAILURES = ['NetworkError', 'OperationFailed', 'BadResponse', 'NullResponse'];

/** The class names of an error, its own first. */
export function classesOf(error: unknown): string[] {
  const names: string[] = [];
  for (let at: unknown = error; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    const maker: unknown = at.constructor;
    if (typeof maker === 'function' && maker.name !== names.at(-1)) names.push(maker.name);
  }
  return names;
}

/**
 * Whether the error says that the exchange did not take the order. Anything else leaves that open.
 *
 * @param status the HTTP status of the answer, if there was one
 */
export function isRefusal(error: unknown, status: number | null): boolean {
  const classes = classesOf(error);
  if (classes.some((name) => REFUSALS.includes(name))) return true;
  // ccxt also uses this class for an answer that broke off, and for a gateway's error in JSON.
  const hasCause = error instanceof Error && error.cause !== undefined;
  if (classes[0] === 'ExchangeError' && (hasCause || (status ?? 0) >= 500)) return false;
  return classes.includes('ExchangeError') && !classes.some((name) => FAILURES.includes(name));
}
