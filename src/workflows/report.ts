import { cut } from '../domain/lifecycle/bounded.js';
import { LIMITS } from '../domain/limits/limits.js';
import { code, markdown } from '../domain/text/shown-text.js';
import type { RecordedRun } from '../domain/lifecycle/run.js';
import type { ReconciliationStatus } from './messages.js';

/** How many characters of a text the report shows; the ledger has the full text. */
const MAX_SHOWN = 400;

/**
 * The workflow's current details in the Web UI: a short, self-contained Markdown report. Outside text is escaped, so it is
 * never markup.
 *
 * @param link the account's page; null if none is configured
 */
export function renderReport(status: ReconciliationStatus, link: string | null = null): string {
  const page = link === null ? '' : `\n\n[See the state](${link})`;
  return cut(report(status), LIMITS.currentDetails.value - page.length) + page;
}

function report(status: ReconciliationStatus): string {
  const lines = [`**${headline(status)}**`, ''];
  const run = status.lastRun;
  if (run === null) {
    lines.push('No run has ended yet.');
  } else {
    lines.push(
      `| last run | ${run.runNumber} |`,
      '|---|---|',
      `| outcome | **${outcomeText(run)}** after ${run.looks} observation${run.looks === 1 ? '' : 's'} |`,
      `| ended | ${run.endedAt} |`,
      `| last success | ${status.lastSuccessAt ?? 'never'} |`,
      `| consecutive failures | ${status.consecutiveFailures} of ${status.policy.failureThreshold} |`,
      `| open discrepancies | ${run.openDiscrepancies} |`,
    );
    if (run.unsettled > 0) lines.push(`| unconfirmed keys | ${run.unsettled} |`);
    if (run.notCompared.length > 0) lines.push(`| not compared | ${shown(run.notCompared.join(', '))} |`);
    if (run.failure !== null) {
      lines.push('', `Failed: \`${run.failure.kind}\` (${run.failure.side}): ${shown(run.failure.message)}`);
      lines.push('', `What to do: ${shown(run.failure.remedy)}`);
    }
    if (run.opened.length > 0) {
      lines.push('', 'Found in this run:', '');
      for (const { type, description } of run.opened) lines.push(`- ${code(type)} ${shown(description)}`);
    }
  }
  lines.push('', nextStep(status));
  return lines.join('\n');
}

/** Shortened, because every message renders the report. */
function shown(text: string): string {
  return markdown(cut(text, MAX_SHOWN));
}

function headline(status: ReconciliationStatus): string {
  const where = shown(`${status.account} on ${status.exchange}`);
  if (status.phase === 'stopped') return `${where}: stopped`;
  if (status.interventionOpen) return `${where}: a human is called`;
  if (status.paused !== null) return `${where}: paused`;
  const run = status.lastRun;
  if (run === null) return `${where}: first run under way`;
  if (run.outcome === 'failed') return `${where}: the last run could not tell`;
  return run.openDiscrepancies > 0
    ? `${where}: ${run.openDiscrepancies} open discrepanc${run.openDiscrepancies === 1 ? 'y' : 'ies'}`
    : `${where}: ${run.notCompared.length === 0 ? 'bot and exchange agree' : `they agree on what was compared, with ${gapsText(run.notCompared.length)}`}`;
}

function nextStep(status: ReconciliationStatus): string {
  if (status.paused !== null) {
    return `Paused by ${shown(status.paused.by)} since ${status.paused.since}: ${shown(status.paused.reason)}. Signal \`resume\` to go on.`;
  }
  return status.nextRunAt === null ? '' : `Next run at ${status.nextRunAt}.`;
}

function outcomeText({ outcome, notCompared }: RecordedRun): string {
  return outcome === 'matched' && notCompared.length > 0 ? `matched with ${gapsText(notCompared.length)}` : outcome;
}

function gapsText(gaps: number): string {
  return `${gaps} gap${gaps === 1 ? '' : 's'}`;
}
