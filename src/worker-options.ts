import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions, type WorkerOptions } from '@temporalio/worker';

/**
 * How long one call into the workflow sandbox may take, in wall time. A process that is stopped (SIGSTOP, a paused
 * machine) counts as running. The SDK's default of 5 s therefore interrupts workflows that did nothing wrong, which is
 * unsafe: see `endOnScriptTimeout`. No activation of ours takes a second, so only an endless loop or a long pause gets
 * here.
 */
const SCRIPT_TIMEOUT = '10 minutes';

/** The SDK reads `isolateExecutionTimeout` (a duration) but does not have it in its public type. */
type SharedOptions = Partial<WorkerOptions> & { isolateExecutionTimeout: string };

/** What every worker process of Plumbline runs with, whatever its connection and its activities. */
export async function workerOptions(): Promise<SharedOptions> {
  return {
    workflowBundle: await workflowCode(),
    isolateExecutionTimeout: SCRIPT_TIMEOUT,
    // Lets activities under way finish before the process leaves.
    shutdownGraceTime: '10 seconds',
    // After a worker was killed its workflows wait this long for it before another takes them.
    stickyQueueScheduleToStartTimeout: '5 seconds',
  };
}

/**
 * What every bundle of the workflows is made of. A bundle without one of the parts would run, and be unsafe.
 *
 * @param path the file of a module of `workflows`, from its name
 */
export function workflowBundleOptions(path: (name: string) => string): BundleOptions {
  return {
    workflowsPath: path('index'),
    payloadConverterPath: path('payload-converter'),
    workflowInterceptorModules: [path('cold-query')],
    // Loaded once for all workflows of a worker instead of once for each: 80 KiB less of memory for every account. They keep no
    // state of their own (`test/workflows/module-state.test.ts`).
    preloadModules: ['index', 'payload-converter', 'cold-query'].map(path),
  };
}

/** Built: the bundle of exactly this version. From sources (tests): bundled on the way. */
async function workflowCode(): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  const bundle = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  if (existsSync(bundle)) return { codePath: bundle };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = (name: string): string => fileURLToPath(new URL(`./workflows/${name}.${extension}`, import.meta.url));
  // Named here and not in the worker's own options: only the workflows decode what strangers send.
  return bundleWorkflowCode(workflowBundleOptions(path));
}
