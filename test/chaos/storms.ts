import { spawn } from 'node:child_process';
import { reconciliationWorkflowId, statusQuery } from '../../src/workflows/messages.js';
import type { Random } from '../simulation/random.js';
import { pause, within } from './deadline.js';
import type { OutsideRecord } from './record.js';
import type { Stage } from './stage.js';

const QUERY_MS = 15_000;
const APPLY_MS = 90_000;

/** Many queries at once, and several people who run `apply` at once. */
export class Storms {
  constructor(
    private readonly stage: Stage,
    private readonly record: OutsideRecord,
    private readonly random: Random,
  ) {}

  async queries(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.random.between(3_000, 10_000), signal);
      if (signal.aborted) return;
      const size = this.random.between(20, 120);
      this.record.note('status storm', { size });
      await Promise.all(Array.from({ length: size }, async () => this.query()));
    }
  }

  async applies(signal: AbortSignal, leastMs: number, mostMs: number): Promise<void> {
    for (let storm = 1; !signal.aborted; storm++) {
      await pause(this.random.between(leastMs, mostMs), signal);
      if (signal.aborted) return;
      const size = this.random.between(1, 3);
      this.record.note('apply storm', { size });
      await Promise.all(
        Array.from({ length: size }, async (_, index) => this.apply(`apply ${storm}.${index} (chaos)`)),
      );
    }
  }

  /** Runs `plumbline apply`. Returns its exit code; null if it did not end in time. */
  async apply(by: string, variant = this.random.between(0, 1)): Promise<number | null> {
    const args = ['apply', '-f', this.stage.configs[variant] ?? '', '--by', by, '-o', 'json'];
    const child = spawn(process.execPath, [this.stage.commandLine, ...args], {
      env: this.stage.env,
      cwd: this.stage.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    const ended = new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', resolve);
    });
    try {
      const code = await within(APPLY_MS, 'apply', ended);
      const words = code === 0 ? {} : { said: said.slice(-500) };
      this.record.note(`apply ended with ${code}`, { by, variant, ...words });
      return code;
    } catch {
      child.kill('SIGKILL');
      this.record.note('apply did not end', { by, variant, said: said.slice(-500) });
      return null;
    }
  }

  /** Uses the workflow's own query, whatever the product itself uses now. */
  private async query(): Promise<void> {
    const account = this.random.pick(this.stage.accounts)?.name ?? '';
    const handle = this.stage.client.temporal.workflow.getHandle(reconciliationWorkflowId(account));
    try {
      await within(QUERY_MS, 'status', handle.query(statusQuery));
      this.record.count('status answered');
    } catch (error) {
      this.record.count(`status failed: ${String(error instanceof Error ? error.message : error).slice(0, 60)}`);
    }
  }
}
