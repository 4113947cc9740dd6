import { processIo } from './terminal/io.js';

const io = processIo();
const argv = process.argv.slice(2);
// Both read their configuration again on SIGHUP. Without a handler the signal ends the process. The rest of the program takes a
// while to load, so the handler is set first.
if (argv[0] === 'serve' || argv[0] === 'worker') io.holdHangups();

const [{ guardCrashes }, { createRedactor }] = await Promise.all([
  import('../logging/crash-guard.js'),
  import('../redaction/redactor.js'),
]);
// One redactor for the whole process, so that error output is redacted with every secret that a command learned.
const redactor = createRedactor();
guardCrashes(redactor);

const { main } = await import('./program.js');
// Set the exit code instead of calling exit(), so that output to a pipe is written completely.
process.exitCode = await main(argv, io, redactor);
