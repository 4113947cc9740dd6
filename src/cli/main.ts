import { processIo } from './io.js';
import { main } from './program.js';

// The exit code is set, not forced: output on its way to a pipe is written to the end.
process.exitCode = await main(process.argv.slice(2), processIo());
