// npm run chaos [-- --minutes 10 --seed N --accounts 20 --server cluster|dev --rate 3 --out FOLDER]: breaks everything
// around Plumbline for the given time, and compares what it recorded with what was done; see docs/operating.md. Exits
// with 1 if something was violated or bricked.
import './typescript-loader.mjs';
import { setup } from './setup.mjs';
import { say, StepFailed } from './steps.mjs';

/** Chaos reports and cleans up after its own deadline. If it hangs even then, the children's watchers end them. */
const CLEAN_UP_MS = 5 * 60_000;

try {
  await setup();
  const { optionsOf } = await import('../test/chaos/options.ts');
  const { runChaos } = await import('../test/chaos/chaos.ts');
  const options = optionsOf(process.argv.slice(2));
  setTimeout(() => {
    say('chaos did not end at its deadline');
    process.exit(2);
  }, options.deadlineMs + CLEAN_UP_MS).unref();
  const { report, violated, bricked } = await runChaos(options, say);
  await new Promise((resolve) => process.stdout.write(report, resolve));
  // Requests that never got an answer must not keep the process alive.
  process.exit(violated + bricked === 0 ? 0 : 1);
} catch (error) {
  if (!(error instanceof StepFailed)) say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
