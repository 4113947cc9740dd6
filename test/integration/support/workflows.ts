import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

let bundle: Promise<WorkflowBundleWithSourceMap> | null = null;

/** The workflows of the sources under test, bundled once per test file. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  const [workflowsPath, payloadConverterPath] = ['index', 'payload-converter'].map((name) =>
    fileURLToPath(new URL(`../../../src/workflows/${name}.ts`, import.meta.url)),
  ) as [string, string];
  const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
  return (bundle ??= bundleWorkflowCode({ workflowsPath, payloadConverterPath, logger: quiet }));
}
