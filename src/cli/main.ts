import { guardCrashes } from '../logging/crash-guard.js';
import { createRedactor } from '../redaction/redactor.js';
import { processIo } from './terminal/io.js';
import { main } from './program.js';

// One redactor for the whole process, so that error output is redacted with every secret that a command learned.
const redactor = createRedactor();
guardCrashes(redactor);

// Set the exit code instead of calling exit(), so that output to a pipe is written completely.
process.exitCode = await main(process.argv.slice(2), processIo(), redactor);
