// node empty-cycle-worker.mjs ADDRESS NAMESPACE TASK_QUEUE: a worker in a separate process, as Plumbline's is. Prints
// "ready".
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';

const [address, namespace, taskQueue] = process.argv.slice(2);
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./empty-cycle.ts', import.meta.url)),
  activities: { nothing: async () => {} },
});
process.stdout.write('ready\n');
await worker.run();
