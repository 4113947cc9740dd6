import { inspect } from 'node:util';
import type { Redactor } from '../redaction/redactor.js';

/** The exit code for "not done", as in all commands. */
const CRASHED = 2;

/**
 * Redacts what a crashing process prints. Node itself would print the error with its causes and fields unredacted.
 *
 * @returns a function that removes the guard
 */
export function guardCrashes(redactor: Redactor): () => void {
  const onCrash = (error: unknown, origin: string): void => {
    const reported = redactor.text(inspect(redactor.value(error), { depth: 8, breakLength: 120 }));
    process.stderr.write(
      `${origin === 'unhandledRejection' ? 'Unhandled rejection' : 'Uncaught exception'}: ${reported}\n`,
    );
    process.exit(CRASHED);
  };
  process.on('uncaughtException', onCrash);
  return () => process.off('uncaughtException', onCrash);
}
