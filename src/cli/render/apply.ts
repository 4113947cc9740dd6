import type { DriftDecision } from '../../domain/policy/drift-rules.js';
import type { DriftForecast, PolicyForecast, PossibleDecision } from '../steps/drift-forecast.js';
import type { PlannedStep } from '../steps/apply-plan.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { stamp } from '../terminal/time.js';

/** One line for an account that `apply` started, reconfigured, stopped or left unchanged. */
export function renderStep({ account, action, detail }: PlannedStep, dryRun: boolean, style: Style): string {
  const colours = { created: style.good, configured: style.warning, stopped: style.bad, unchanged: style.faint };
  const remark = detail === null ? '' : style.faint(` (${detail})`);
  return `account/${account} ${colours[action](action)}${dryRun ? ' (dry run)' : ''}${remark}`;
}

/** The step of a dry run: each changed field on its own line, then what becomes of the open discrepancies. */
export function renderPlan(step: PlannedStep, forecast: PolicyForecast | null, style: Style): string[] {
  if (step.changes.length === 0) return [renderStep(step, true, style)];
  return [
    renderStep({ ...step, detail: null }, true, style),
    ...step.changes.map(({ field, before, after }) => `  ${field}: ${before} -> ${after}`),
    ...(forecast === null ? [] : renderForecast(forecast, style)),
  ];
}

/** Discrepancies that a dry run lists for one account. */
const MAX_LISTED = 20;

function renderForecast({ drifts, gate }: PolicyForecast, style: Style): string[] {
  const rest = drifts.length - MAX_LISTED;
  return [
    `  with the next run, ${count(drifts.length, 'open discrepancy', 'open discrepancies')}:`,
    ...drifts.slice(0, MAX_LISTED).map((drift) => `    ${renderDrift(drift)}`),
    ...(rest > 0 ? [`    and ${rest} more`] : []),
    `  ${renderGate(gate, style)}`,
  ];
}

function renderDrift(drift: DriftForecast): string {
  const { row, before, after, isAccepted, calls } = drift;
  const remarks = [
    after.length > 1 ? 'its value is not known before that run' : null,
    calls ? 'a person is called' : null,
    isAccepted && row.accepted !== null ? `accepted until ${stamp(row.accepted.until)}` : null,
  ].filter((remark) => remark !== null);
  const remark = remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
  return `${row.type} ${row.symbol}: ${decided(before)} -> ${rangesOf(after)}${remark}`;
}

/** "record", or "record below 100, page from 100". */
function rangesOf(after: readonly PossibleDecision[]): string {
  if (after.length === 1) return after.map(decided).join('');
  return after
    .map((decision, index) => {
      const next = after[index + 1];
      return `${decided(decision)} ${index === 0 && next !== undefined ? `below ${next.from}` : `from ${decision.from}`}`;
    })
    .join(', ');
}

/** The action, and the gate if it does not follow from the action. */
function decided({ action, closeGate }: DriftDecision): string {
  if (closeGate === (action === 'page')) return action;
  return `${action} with the gate ${closeGate ? 'closed' : 'open'}`;
}

function renderGate({ now, afterwards }: PolicyForecast['gate'], style: Style): string {
  if (afterwards === 'depends on values') {
    return `the trading gate is ${now.open ? 'open' : 'closed'}; whether it opens depends on the values above`;
  }
  if (now.open) return afterwards.open ? 'the trading gate stays open' : style.bad('the trading gate would close');
  return afterwards.open
    ? style.good('the trading gate would open')
    : `the trading gate stays closed: ${afterwards.reasons.join('; ')}`;
}
