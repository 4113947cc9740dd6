import { guardCrashes } from '../logging/crash-guard.js';
import { createRedactor } from '../redaction/redactor.js';
import { processIo } from './terminal/io.js';
import { main } from './program.js';

// One redactor for the whole process: what a command learns of secrets, its last words know too.
const redactor = createRedactor();
guardCrashes(redactor);

// The exit code is set, not forced: output on its way to a pipe is written to the end.
process.exitCode = await main(process.argv.slice(2), processIo(), redactor);
