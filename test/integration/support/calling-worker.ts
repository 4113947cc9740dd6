// A worker process of its own that kills itself with SIGKILL at the first message of its channel "chat", between the answer of
// the service and the receipt:
//
//   node --import LOADER calling-worker.ts '{"address": ..., "namespace": ..., "taskQueue": ..., "ledgerUrl": ..., ...}'
import { writeSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { createActivities } from '../../../src/activities/activities.js';
import { plainMessage } from '../../../src/activities/plain-message.js';
import { createLedger } from '../../../src/ledger/create-ledger.js';
import { postingChannel } from './posting-channel.js';
import { scriptedSides } from './scripted.js';

const optionsSchema = z.object({
  address: z.string(),
  namespace: z.string(),
  taskQueue: z.string(),
  ledgerUrl: z.string(),
  /** The bundled workflows. */
  codePath: z.string(),
  /** Where the channel posts its messages. */
  url: z.string(),
});
export type CallingWorkerOptions = z.infer<typeof optionsSchema>;

const options = optionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
const { sides } = scriptedSides();
const chat = postingChannel('chat', options.url);
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: options.address }),
  namespace: options.namespace,
  taskQueue: options.taskQueue,
  workflowBundle: { codePath: options.codePath },
  activities: createActivities({
    ledger: createLedger(options.ledgerUrl),
    sides: () => sides,
    notify: async () => {},
    channel: () => ({
      ...chat,
      async deliver(message, deliver) {
        await chat.deliver(message, deliver);
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => {});
      },
    }),
    compose: async (batch) => plainMessage(batch, String),
    redact: String,
    observe: () => {},
    now: Date.now,
  }),
  stickyQueueScheduleToStartTimeout: '1 second',
});
writeSync(1, 'ready\n');
await worker.run();
