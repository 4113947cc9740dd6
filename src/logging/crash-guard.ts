import { inspect } from 'node:util';
import type { Redactor } from '../redaction/redactor.js';

/** As everywhere: it could not be done. */
const CRASHED = 2;

/**
 * Makes the last words of a crashing process go through the redactor. Node's own would print error, causes and fields as
 * they are, past every logger. Returns a function that takes the guard away again.
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
