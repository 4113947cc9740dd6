import type { Logger } from '../logging/logger.js';
import { redactedJson } from '../redaction/redacted-json.js';
import type { Redactor } from '../redaction/redactor.js';
import { runCommand, type CommandEnd } from '../runtime/command-run.js';
import type { WatchChange } from './watcher.js';

/** The limits of a hook. Changes that do not fit into the queue are counted and reported in one summary. */
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
      /** Sent for changes that were dropped because the command was too slow. */
      event: 'summary';
      at: string;
      dropped: number;
      /** Accounts that are silent according to the dropped changes, at most `HOOK_LIMITS.queue`. */
      silent: string[];
      text: string;
    };

export interface HookOptions {
  command: readonly string[];
  env: NodeJS.ProcessEnv;
  log: Pick<Logger, 'error' | 'warn'>;
  /** Every text that leaves the process passes through it. */
  redactor: Redactor;
  limits?: Partial<typeof HOOK_LIMITS>;
}

/**
 * Runs the user's command for each change of the watch: one at a time, each for a bounded time, in the order of the changes.
 * A failed command is logged and not repeated; it affects nothing else.
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

  /** Resolves when the queue is empty and no command runs. */
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
    const text = `${dropped} more changes were dropped because this command was too slow; see \`plumbline status\``;
    return { event: 'summary', at: new Date().toISOString(), dropped, silent, text };
  }

  private async runCommand(stdin: string): Promise<void> {
    const { command, env, redactor } = this.options;
    const { timeoutMs, keptOutput } = this.limits;
    const end = await runCommand({ command, env, stdin, timeoutMs, keptOutput });
    const problem = problemOf(end, timeoutMs);
    if (problem !== null) throw new Error(redactor.text(end.stderr === '' ? problem : `${problem}: ${end.stderr}`));
  }
}

function problemOf(end: CommandEnd, timeoutMs: number): string | null {
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? null : `it ended with ${end.code}`;
    case 'killed':
      return `it ended with ${end.signal}`;
    case 'late':
    case 'aborted':
      return `it ran for more than ${timeoutMs / 1000} s and was killed`;
    case 'not_started':
      return end.error.message;
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
