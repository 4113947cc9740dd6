import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { workflowBundleOptions } from '../../../src/worker-options.js';

let bundle: Promise<WorkflowBundleWithSourceMap> | null = null;

/** The workflows of the sources under test, bundled once per test file. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  const path = (name: string): string => fileURLToPath(new URL(`../../../src/workflows/${name}.ts`, import.meta.url));
  const logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
  return (bundle ??= bundleWorkflowCode({ ...workflowBundleOptions(path), logger }));
}
