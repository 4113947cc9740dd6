import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PayloadCodec } from '@temporalio/common';
import {
  bundleWorkflowCode,
  type BundleOptions,
  type WorkerDeploymentOptions,
  type WorkerOptions,
} from '@temporalio/worker';
import { failureConverterPath } from './runtime/encrypting-converter.js';
import type { WorkerVersion } from './runtime/task-queue-workers.js';

/**
 * How long one call into the workflow sandbox may take, in wall time. A process that is stopped (SIGSTOP, a paused machine)
 * counts as running, so the SDK's default of 5 s interrupts healthy workflows, which is unsafe: see `endOnScriptTimeout`. No
 * activation of Plumbline takes a second, so only an endless loop or a long pause reaches this limit.
 */
const SCRIPT_TIMEOUT = '10 minutes';

/** The SDK reads `isolateExecutionTimeout` (a duration), which is not in its public type. */
type SharedOptions = Partial<WorkerOptions> & { isolateExecutionTimeout: string };

/**
 * The options of every worker of Plumbline, except its connection and its activities.
 *
 * @param codec encrypts and decrypts payloads; null: they are not encrypted
 * @param version of this worker; null: it has none
 * @param traces whether runs are traced
 */
export async function workerOptions(
  codec: PayloadCodec | null = null,
  { version = null, traces = false }: { version?: WorkerVersion | null; traces?: boolean } = {},
): Promise<SharedOptions> {
  return {
    ...(version !== null && { workerDeploymentOptions: deploymentOptions(version) }),
    workflowBundle: await workflowCode({ encrypts: codec !== null, traces }),
    ...(codec !== null && {
      dataConverter: { payloadCodecs: [codec], failureConverterPath: failureConverterPath() },
    }),
    isolateExecutionTimeout: SCRIPT_TIMEOUT,
    // Lets pending activities finish before the process ends.
    shutdownGraceTime: '10 seconds',
    // After a worker was killed, its workflows wait this long before another worker takes them over.
    stickyQueueScheduleToStartTimeout: '5 seconds',
  };
}

/**
 * Every workflow moves to the current version at its next task. An account's workflow never ends, so it cannot stay on the version
 * that started it; workflow code changes only in ways that running histories can replay (`workflows/release.ts`).
 */
function deploymentOptions({ deployment, buildId }: WorkerVersion): WorkerDeploymentOptions {
  return {
    useWorkerVersioning: true,
    version: { deploymentName: deployment, buildId },
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  };
}

/**
 * The parts of every workflow bundle. A bundle without one of them would run but be unsafe.
 *
 * @param path returns the file of a module of `workflows` by its name
 * @param traces whether the bundle traces runs
 */
export function workflowBundleOptions(path: (name: string) => string, traces = false): BundleOptions {
  const interceptors = traces ? ['cold-query', 'tracing'] : ['cold-query'];
  return {
    workflowsPath: path('index'),
    payloadConverterPath: path('payload-converter'),
    workflowInterceptorModules: interceptors.map(path),
    // Loaded once per worker instead of once per workflow, which saves 80 KiB of memory per account. The modules keep no state
    // (`test/workflows/module-state.test.ts`).
    preloadModules: ['index', 'payload-converter', ...interceptors].map(path),
  };
}

/**
 * The built bundle. A new one is made if the program runs from sources (tests), for encryption, whose failure converter is part of
 * the bundle, and for traces.
 */
async function workflowCode({
  encrypts,
  traces,
}: {
  encrypts: boolean;
  traces: boolean;
}): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  const bundle = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  if (existsSync(bundle) && !encrypts && !traces) return { codePath: bundle };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = (name: string): string => fileURLToPath(new URL(`./workflows/${name}.${extension}`, import.meta.url));
  // The payload converter is set here and not in the worker's options, because only workflows decode outside messages.
  return bundleWorkflowCode({
    ...workflowBundleOptions(path, traces),
    ...(encrypts && { failureConverterPath: failureConverterPath() }),
  });
}
