import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inParallel } from '../../test/chaos/deadline.js';
import { cycleUpdate, type emptyCycle } from '../support/empty-cycle.js';
import { usages, type Usage } from './processes.js';
import type { FleetStage } from './stage.js';

const WORKFLOWS = 32;

export interface EmptyCycles {
  cycles: number;
  perCycle: Map<string, number>;
}

/** CPU of empty Temporal cycles, by process: as many at once as in a fleet, on the same server while it is idle. */
export async function measureEmptyCycles(stage: FleetStage, cycles: number): Promise<EmptyCycles> {
  const { temporal, client } = stage;
  const taskQueue = 'empty-cycle';
  const script = fileURLToPath(new URL('../support/empty-cycle-worker.mjs', import.meta.url));
  const worker = spawn(process.execPath, [script, temporal.address, temporal.namespace, taskQueue], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(worker.stdout, 'data');
    const names = Array.from({ length: WORKFLOWS }, (_, index) => `empty-${index}`);
    const handles = await Promise.all(
      names.map(async (workflowId) =>
        client.temporal.workflow.start<typeof emptyCycle>('emptyCycle', { taskQueue, workflowId }),
      ),
    );
    const each = Math.max(1, Math.ceil(cycles / WORKFLOWS));
    const cycle = async (index: number, times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await handles[index]?.executeUpdate(cycleUpdate);
    };
    const indices = [...names.keys()];
    await inParallel(WORKFLOWS, indices, async (index) => cycle(index, 2));
    const pids = new Map([...stage.pids()].filter(([name]) => name === 'temporal' || name === 'postgres'));
    if (worker.pid !== undefined) pids.set('worker', worker.pid);
    const before = usages(pids);
    // A few at a time, so that the cycles are spread like the runs of a schedule.
    await inParallel(4, indices, async (index) => cycle(index, each));
    const done = each * WORKFLOWS;
    const perCycle = perUnit(before, usages(pids), done);
    await Promise.all(handles.map(async (handle) => handle.terminate('measured')));
    return { cycles: done, perCycle };
  } finally {
    worker.kill('SIGKILL');
  }
}

/** CPU milliseconds per run or cycle, by process. */
export function perUnit(
  before: ReadonlyMap<string, Usage>,
  after: ReadonlyMap<string, Usage>,
  units: number,
): Map<string, number> {
  return new Map([...after].map(([name, { cpuMs }]) => [name, (cpuMs - (before.get(name)?.cpuMs ?? 0)) / units]));
}
