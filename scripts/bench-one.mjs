// Runs one bench for bench.mjs and sends its results to it.
import './typescript-loader.mjs';
import { pathToFileURL } from 'node:url';

const { run } = await import(pathToFileURL(process.argv[2]).href);
const results = await run();
process.send(results, () => process.exit(0));
