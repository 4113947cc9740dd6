import { spawn } from 'node:child_process';
import type { Logger } from '../logging/logger.js';
import { redactedJson } from '../redaction/redacted-json.js';
import type { Redactor } from '../redaction/redactor.js';
import type { WatchChange } from './watcher.js';

/** The numbers of a hook. What does not fit is counted and said in one summary. */
export const HOOK_LIMITS = { timeoutMs: 30_000, queue: 100, keptOutput: 1_000 };

/** What the command reads on stdin: one JSON document, then the end of the stream. */
export type HookDocument =
  | {
      event: 'account_silent' | 'account_checked_again';
      account: string;
      /** ISO 8601. */
      at: string;
      kind: string | null;
      since: string | null;
      text: string;
      remedy: string | null;
    }
  | {
      /** Changes that came faster than the command took them. */
      event: 'summary';
      at: string;
      dropped: number;
      /** Accounts of the dropped changes that were silent at that time, at most `HOOK_LIMITS.queue`. */
      silent: string[];
      text: string;
    };

export interface HookOptions {
  command: readonly string[];
  env: NodeJS.ProcessEnv;
  log: Pick<Logger, 'error' | 'warn'>;
  /** Every text that leaves the process goes through it. */
  redactor: Redactor;
  limits?: Partial<typeof HOOK_LIMITS>;
}

/**
 * Runs a command of the user's for each change of the watch: one at a time, each for a bounded time, in the order of the
 * changes. Whatever the command does, it fails nothing here; a command that fails is logged, not run again.
 */
export class NotificationHook {
  private readonly limits: typeof HOOK_LIMITS;
  private readonly queue: WatchChange[] = [];
  private dropped = 0;
  private readonly droppedSilent = new Set<string>();
  private working: Promise<void> | null = null;

  constructor(private readonly options: HookOptions) {
    this.limits = { ...HOOK_LIMITS, ...options.limits };
  }

  push(change: WatchChange): void {
    if (this.queue.length < this.limits.queue) this.queue.push(change);
    else this.drop(change);
    this.working ??= this.work();
  }

  /** Resolves once nothing is left to be run. */
  async idle(): Promise<void> {
    while (this.working !== null) await this.working;
  }

  private drop({ account, finding }: WatchChange): void {
    this.dropped += 1;
    this.droppedSilent.delete(account);
    if (finding !== null && this.droppedSilent.size < this.limits.queue) this.droppedSilent.add(account);
  }

  private async work(): Promise<void> {
    for (let next = this.takeNext(); next !== null; next = this.takeNext()) {
      try {
        await this.runCommand(redactedJson(JSON.stringify(next), this.options.redactor));
      } catch (error) {
        this.options.log.error({ error, command: this.options.command[0] }, 'The notification command did not succeed');
      }
    }
    this.working = null;
  }

  private takeNext(): HookDocument | null {
    const change = this.queue.shift();
    if (change !== undefined) return documentOf(change);
    if (this.dropped === 0) return null;
    const [dropped, silent] = [this.dropped, [...this.droppedSilent]];
    this.dropped = 0;
    this.droppedSilent.clear();
    const text = `${dropped} more changes came faster than this command took them; see \`plumbline status\``;
    return { event: 'summary', at: new Date().toISOString(), dropped, silent, text };
  }

  private async runCommand(stdin: string): Promise<void> {
    const [program = '', ...args] = this.options.command;
    const { timeoutMs, keptOutput } = this.limits;
    await new Promise<void>((resolve, reject) => {
      // A group of its own, so that what it started ends with it.
      const child = spawn(program, args, { env: this.options.env, stdio: ['pipe', 'ignore', 'pipe'], detached: true });
      let output = '';
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        killGroup(child.pid);
      }, timeoutMs);
      const done = (problem: string | null): void => {
        clearTimeout(timer);
        if (problem === null) resolve();
        else reject(new Error(this.options.redactor.text(`${problem}${output === '' ? '' : `: ${output.trim()}`}`)));
      };
      child.once('error', (error) => done(error.message));
      child.once('exit', (code, signal) => {
        if (late) done(`it ran for more than ${timeoutMs / 1000} s and was killed`);
        else done(code === 0 ? null : `it ended with ${code ?? signal}`);
        // A grandchild may hold the pipe open.
        child.stderr.destroy();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        if (output.length < keptOutput) output = (output + chunk.toString('utf8')).slice(0, keptOutput);
      });
      // A command that does not read its input is not at fault.
      child.stdin.on('error', () => {});
      child.stdin.end(`${stdin}\n`);
    });
  }
}

function documentOf({ account, finding, at }: WatchChange): HookDocument {
  return {
    event: finding === null ? 'account_checked_again' : 'account_silent',
    account,
    at: at.toISOString(),
    kind: finding?.kind ?? null,
    since: finding?.since.toISOString() ?? null,
    text: finding?.text ?? 'the account is checked again',
    remedy: finding?.remedy ?? null,
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
