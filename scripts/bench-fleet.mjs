// npm run bench:fleet -- N MINUTES [--interval 5 --outage 30 --server cluster|dev --durable]: N accounts on a Temporal
// cluster server and PostgreSQL on this machine; see docs/architecture.md. Exits with 1 if it finds a fault.
import './typescript-loader.mjs';
import { setup } from './setup.mjs';
import { say, StepFailed } from './steps.mjs';

try {
  await setup();
  const { optionsOf } = await import('../bench/fleet/options.ts');
  const { runFleet } = await import('../bench/fleet/fleet.ts');
  const { text, faults } = await runFleet(optionsOf(process.argv.slice(2)), say);
  await new Promise((resolve) => process.stdout.write(`${[text, ...faults].join('\n')}\n`, resolve));
  process.exit(faults.length === 0 ? 0 : 1);
} catch (error) {
  if (!(error instanceof StepFailed)) say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
