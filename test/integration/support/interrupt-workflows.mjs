// Preloaded into a worker process: runs the workflows of interrupted-workflows.mjs with a script timeout of one second.
// With INTERRUPTED_WORKER_CONTINUES it also continues after a timeout, as a plain SDK worker does.
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';

const create = Worker.create.bind(Worker);
Worker.create = async ({ workflowBundle: _bundle, ...options }) => {
  if (process.env.INTERRUPTED_WORKER_CONTINUES === 'yes') process.removeAllListeners('worker');
  return create({
    ...options,
    workflowsPath: fileURLToPath(new URL('./interrupted-workflows.mjs', import.meta.url)),
    isolateExecutionTimeout: '1 second',
  });
};
