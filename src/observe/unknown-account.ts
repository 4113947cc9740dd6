import { FailureError } from '../domain/failure/failure.js';

/** The failure for an account that is not in this worker's configuration. */
export function unknownAccount(account: string, configPath: string): FailureError {
  return new FailureError({
    kind: 'configuration',
    side: 'plumbline',
    message: `account "${account}" is not in this worker's configuration ${configPath}`,
    where: `accounts.${account}`,
    remedy: `Add it to the file, which the worker then reads again, or stop its workflow with \`plumbline apply\`.`,
    retryAfterMs: null,
  });
}
