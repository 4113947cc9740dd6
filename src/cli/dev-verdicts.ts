import type { AccountConfig } from '../config/config.js';
import { visible } from '../domain/text/shown-text.js';
import type { RunRow } from '../ledger/contract/ledger.js';
import type { Cli } from './context/cli.js';
import type { CommandContext } from './context/command-context.js';
import type { Progress } from './context/progress.js';
import { outcomeMark } from './render/outcome.js';
import { pause } from './terminal/io.js';
import { count } from './terminal/count.js';
import { wrap } from './terminal/table.js';
import { ago } from './terminal/time.js';

const POLL_MS = 500;
/** More accounts than fit on a screen are left to `plumbline status`. */
const MOST_ACCOUNTS = 20;

/**
 * Prints the first verdict of each account as it is recorded; of an account that has runs from before, its last one. Returns
 * when all are printed, or on abort.
 */
export async function printFirstVerdicts(
  context: CommandContext,
  cli: Cli,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { accounts } = await context.config();
  const waited = accounts.filter(({ enabled }) => enabled).slice(0, MOST_ACCOUNTS);
  const ledger = await context.ledger();
  let waiting = waited;
  let shown = 0;
  while (waiting.length > 0 && !signal.aborted) {
    if (waiting.length !== shown) {
      progress.on(
        `waiting for the first verdict of ${namesOf(waiting)}; a difference is observed again until it is confirmed`,
      );
      shown = waiting.length;
    }
    const left: AccountConfig[] = [];
    for (const account of waiting) {
      const [run] = await ledger.runs(account.name, { limit: 1 });
      if (run === undefined) left.push(account);
      else {
        progress.off();
        shown = 0;
        cli.print(renderVerdict(run, cli));
      }
    }
    waiting = left;
    if (waiting.length > 0) await pause(POLL_MS, signal);
  }
  progress.off();
}

function namesOf(accounts: readonly AccountConfig[]): string {
  const [first] = accounts;
  return accounts.length === 1 && first !== undefined ? first.name : count(accounts.length, 'account');
}

function renderVerdict(run: RunRow, { style, io }: Cli): string[] {
  const when = `run ${run.runNumber}, ${count(run.looks, 'observation')}, ${ago(run.endedAt, io.now())}`;
  const lines = [
    `${outcomeMark(run.outcome, style, run.notCompared.length)}  ${style.strong(run.account)}  ${style.faint(when)}`,
  ];
  const { columns } = io.stdout;
  if (run.failure !== null) {
    const { kind, message, remedy } = run.failure;
    lines.push(...wrap(`  ${kind}: ${visible(message)}`, columns, '  '));
    lines.push(...wrap(`  ${style.faint('what to do:')} ${visible(remedy)}`, columns, '    '));
  }
  if (run.discrepancies > 0)
    lines.push(
      `  ${count(run.discrepancies, 'discrepancy', 'discrepancies')}; \`status\` shows them with their remedies`,
    );
  if (run.unsettled.length > 0) lines.push(`  ${count(run.unsettled.length, 'key')} not confirmed`);
  return lines;
}
