// A worker process of its own, to be killed: its two sides always agree, so that every run is clean.
//
//   node --import LOADER soak-worker.ts '{"address": ..., "namespace": ..., "taskQueue": ..., "ledgerUrl": ..., ...}'
import { writeSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { createActivities } from '../../src/activities/activities.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { scriptedSides } from '../integration/support/scripted.js';

const optionsSchema = z.object({
  address: z.string(),
  namespace: z.string(),
  taskQueue: z.string(),
  ledgerUrl: z.string(),
  /** The bundled workflows. */
  codePath: z.string(),
  maxCachedWorkflows: z.number(),
});
export type SoakWorkerOptions = z.infer<typeof optionsSchema>;

const options = optionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
const { sides } = scriptedSides();
const ledger = createLedger(options.ledgerUrl);
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: options.address }),
  namespace: options.namespace,
  taskQueue: options.taskQueue,
  workflowBundle: { codePath: options.codePath },
  activities: createActivities({
    ledger,
    sides: () => sides,
    notify: async () => {},
    channel: () => undefined,
    compose: async () => Promise.reject(new Error('not asked')),
    redact: (text) => text,
    observe: () => {},
    now: Date.now,
  }),
  maxCachedWorkflows: options.maxCachedWorkflows,
  stickyQueueScheduleToStartTimeout: '1 second',
});
process.once('SIGTERM', () => worker.shutdown());
writeSync(1, 'ready\n');
await worker.run();
process.exit(0);
