import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleWorkflowCode, Worker, type InjectedSinks } from '@temporalio/worker';
import { tracedWorkflowBundle, workflowBundle } from '../integration/support/workflows.js';
import { z } from 'zod';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';
import { interventionWorkflowId, reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { HISTORIES } from './histories.js';

type History = temporal.api.history.v1.IHistory;

const names = readdirSync(HISTORIES)
  .filter((name) => name.endsWith('.json'))
  .toSorted();
const read = (name: string): History =>
  historyFromJSON(JSON.parse(readFileSync(new URL(name, HISTORIES), 'utf8')) as unknown);

type TraceSinks = { exporter: { export(): void } };
const NO_SINKS = { exporter: { export: { fn: () => {} } } };

async function replay(
  bundle: { code: string },
  name: string,
  sinks: InjectedSinks<TraceSinks> = NO_SINKS,
): Promise<void> {
  const history = read(name);
  await Worker.runReplayHistory({ workflowBundle: bundle, sinks }, history, workflowIdOf(history));
}

/** A history does not name its workflow id; ours follows from what the workflow was started with. */
function workflowIdOf(history: History): string {
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  const input = startSchema.parse(JSON.parse(Buffer.from(started?.input?.payloads?.[0]?.data ?? '').toString()));
  return started?.workflowType?.name === 'reconciliation'
    ? reconciliationWorkflowId(input.account)
    : interventionWorkflowId(input.account);
}

const startSchema = z.object({ account: z.string() });

describe('stored histories', () => {
  let bundle: { code: string };
  let traced: { code: string };
  beforeAll(async () => {
    bundle = await workflowBundle();
    traced = await tracedWorkflowBundle();
  }, 60_000);

  it('exist for each workflow', () => {
    expect(names).toEqual(
      expect.arrayContaining(['drifted.json', 'failing.json', 'intervention.json', 'steered.json']),
    );
  });

  it.each(names)('%s is replayed by the workflows of today without a difference', async (name) => {
    await expect(replay(bundle, name)).resolves.toBeUndefined();
  });

  it.each(names)('%s is replayed by workflows that are traced, and sends no span', async (name) => {
    let spans = 0;
    const sinks = { exporter: { export: { fn: () => void (spans += 1) } } };
    await expect(replay(traced, name, sinks)).resolves.toBeUndefined();
    expect(spans).toBe(0);
  });

  it('are not replayed by a workflow that was changed without `patched`', async () => {
    const workflowsPath = fileURLToPath(new URL('./changed-workflows.ts', import.meta.url));
    const changed = await bundleWorkflowCode({ workflowsPath });
    await expect(replay(changed, 'steered.json')).rejects.toThrow(DeterminismViolationError);
  });
});
