// Preloaded into a worker process: it runs the workflows of interrupted-workflows.mjs with a script time-out of a second.
// With INTERRUPTED_WORKER_CONTINUES it also continues after a time-out, as a worker of the SDK alone does.
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
