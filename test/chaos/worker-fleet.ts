import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, startChild, type Child } from '../../packages/dev-stack/src/child.js';
import { signal } from '../../packages/dev-stack/src/processes.js';
import { until } from './deadline.js';
import type { OutsideRecord } from './record.js';

export interface WorkerSlot {
  name: string;
  /** Must not be killed, and not be stopped for long. */
  kept: boolean;
  configPath: string;
  metricsPort: number;
}

/** A worker process of a slot; `generation` counts its starts. */
export interface LivingWorker {
  slot: WorkerSlot;
  generation: number;
  pid: number;
  startedAt: number;
}

interface Entry {
  child: Child;
  living: LivingWorker;
  killed: boolean;
  awayMs: number | null;
}

/**
 * `plumbline worker` in separate processes. Like a supervisor in production, the fleet restarts one that has ended, for
 * any reason.
 */
export class WorkerFleet {
  /** Ends that the fleet did not request. */
  readonly ownEnds: string[] = [];
  private readonly children = new Map<string, Entry>();
  private readonly supervisors: Promise<void>[] = [];
  private stopping = false;
  /** How long a killed worker stays down. */
  restartMs: () => number = () => 1_000;

  constructor(
    readonly slots: readonly WorkerSlot[],
    private readonly options: {
      commandLine: string;
      folder: string;
      logs: string;
      env: NodeJS.ProcessEnv;
      record: OutsideRecord;
    },
  ) {}

  /** Starts all, and waits until they poll. */
  async start(): Promise<void> {
    for (const slot of this.slots) this.supervisors.push(this.supervise(slot));
    await Promise.all(this.slots.map(async (slot) => this.untilReady(slot, 90_000)));
  }

  living(): LivingWorker[] {
    return [...this.children.values()].map(({ living }) => living);
  }

  async untilReady(slot: WorkerSlot, ms: number): Promise<void> {
    await until(ms, `${slot.name} is ready`, async () => {
      const response = await fetch(`http://127.0.0.1:${slot.metricsPort}/readyz`, {
        signal: AbortSignal.timeout(2_000),
      });
      return response.ok ? true : null;
    });
  }

  /** `awayMs`: how long it stays down, if that matters. */
  kill(slot: WorkerSlot, awayMs?: number): void {
    const entry = this.children.get(slot.name);
    if (entry === undefined) return;
    entry.killed = true;
    if (awayMs !== undefined) entry.awayMs = awayMs;
    entry.child.kill('SIGKILL');
  }

  /** Stops the process for a while, like a paused machine. */
  async freeze(slot: WorkerSlot, ms: number): Promise<void> {
    const pid = this.children.get(slot.name)?.living.pid;
    if (pid === undefined || !signal(pid, 'SIGSTOP')) return;
    try {
      await sleep(ms);
    } finally {
      signal(pid, 'SIGCONT');
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const entries = [...this.children.values()];
    for (const { living } of entries) signal(living.pid, 'SIGCONT');
    await Promise.all(entries.map(async ({ child }) => child.stop()));
    await Promise.allSettled(this.supervisors);
  }

  private async supervise(slot: WorkerSlot): Promise<void> {
    const { commandLine, folder, logs, env, record } = this.options;
    for (let generation = 1; !this.stopping; generation++) {
      const child = await startChild({
        name: slot.name,
        command: process.execPath,
        args: ['--enable-source-maps', commandLine, 'worker', '--config', slot.configPath],
        env,
        cwd: folder,
        logFile: join(logs, `${slot.name}.log`),
        pidFile: join(folder, `${slot.name}.pid.json`),
        stopSeconds: 15,
      });
      const living = { slot, generation, pid: child.pid, startedAt: Date.now() };
      const entry: Entry = { child, living, killed: false, awayMs: null };
      this.children.set(slot.name, entry);
      if (this.stopping) await child.stop();
      const exit = await child.exited;
      this.children.delete(slot.name);
      if (this.stopping) return;
      if (!entry.killed) {
        const words = (await child.lastWords(3)).slice(-600);
        this.ownEnds.push(`${slot.name} (generation ${generation}) ended with ${describeExit(exit)}: ${words}`);
        record.note('worker ended by itself', { worker: slot.name, generation, exit: describeExit(exit), words });
      }
      await sleep(entry.awayMs ?? this.restartMs());
    }
  }
}
