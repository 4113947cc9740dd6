// npm run soak-clock [-- --workflows 100 --minutes 10]: fires timers on uncached workflows while they are queried, with
// its own Temporal server, PostgreSQL and worker processes. Its last line counts late runs and failed replays; exits
// with 1 if it finds one, or a failed workflow task.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import './typescript-loader.mjs';

const { values } = parseArgs({
  options: { workflows: { type: 'string', default: '100' }, minutes: { type: 'string', default: '3' } },
});
const workflows = Number(values.workflows);
const { ampleWindow, soakClock } = await import('../test/soak/clock-soak.ts');
const { describeResult } = await import('../test/soak/clock-result.ts');
const { startPrivateTemporal } = await import('../test/support/temporal.ts');
const { startPostgres } = await import('../packages/dev-stack/src/postgres.ts');

// A failed replay is counted; the SDK need not log it too.
Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions: { logging: { forward: {} } } });
const folder = await mkdtemp(join(tmpdir(), 'plumbline-soak-'));
// PostgreSQL may run as another user, who must be able to enter.
await chmod(folder, 0o711);
const postgres = await startPostgres({ dataDirectory: join(folder, 'postgres'), durable: false });
const temporal = await startPrivateTemporal();
try {
  const result = await soakClock({
    temporal,
    databaseUrl: postgres.url,
    workflows,
    kinds: ['meeting', 'late', 'storm'],
    window: ampleWindow(workflows),
    untilMs: Date.now() + Number(values.minutes) * 60_000,
    report: (line) => console.log(line),
  });
  for (const example of result.examples) console.log(`for example: ${example}`);
  console.log(`all: ${describeResult(result)}`);
  console.log(`late ${result.late} of ${result.ticks}, failed replays ${result.failedReplays}`);
  const isSound = result.ticks > 0 && result.late + result.failedReplays + result.failedTasks === 0;
  process.exitCode = isSound ? 0 : 1;
} finally {
  await temporal.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
