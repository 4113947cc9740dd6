// npm start [-- options]: sets up what is missing, then runs `plumbline dev` in this same process, so that signals and
// the exit code need no forwarding.
import { pathToFileURL } from 'node:url';
import { inRoot } from './checkout.mjs';
import { setup } from './setup.mjs';
import { StepFailed } from './steps.mjs';

try {
  await setup();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.exit(2);
}
const main = inRoot('dist', 'cli', 'main.js');
process.setSourceMapsEnabled(true);
process.argv = [process.execPath, main, 'dev', ...process.argv.slice(2)];
await import(pathToFileURL(main).href);
