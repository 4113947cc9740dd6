// npm run night: an operator's night on the real stack, from the drift to the morning, with a Slack that is down. Prints
// what happens as it happens; exits with 1 if something is not as expected. docs/notifying.md shows a transcript.
import './typescript-loader.mjs';
import { setup } from './setup.mjs';
import { say, StepFailed } from './steps.mjs';

try {
  await setup();
  const { playNight } = await import('../test/night/night.ts');
  const broken = await playNight((line) => process.stdout.write(`${line}\n`));
  process.exit(broken.length === 0 ? 0 : 1);
} catch (error) {
  if (!(error instanceof StepFailed)) say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
