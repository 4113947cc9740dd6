import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { workflowBundle } from '../integration/support/workflows.js';
import { HISTORIES } from './histories.js';

const names = readdirSync(HISTORIES)
  .filter((name) => name.endsWith('.json'))
  .toSorted();
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, HISTORIES), 'utf8'));

async function replay(bundle: WorkflowBundleWithSourceMap, name: string): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: bundle }, read(name));
}

describe('stored histories', () => {
  let bundle: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    bundle = await workflowBundle();
  }, 60_000);

  it('exist for each workflow', () => {
    expect(names).toEqual(
      expect.arrayContaining(['drifted.json', 'failing.json', 'intervention.json', 'steered.json']),
    );
  });

  it.each(names)('%s is replayed by the workflows of today without a difference', async (name) => {
    await expect(replay(bundle, name)).resolves.toBeUndefined();
  });

  it('are not replayed by a workflow that was changed without `patched`', async () => {
    const workflowsPath = fileURLToPath(new URL('./changed-workflows.ts', import.meta.url));
    const changed = await bundleWorkflowCode({ workflowsPath });
    await expect(replay(changed, 'steered.json')).rejects.toThrow(DeterminismViolationError);
  });
});
