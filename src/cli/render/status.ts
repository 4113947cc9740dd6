import type { InterventionRow } from '../../ledger/contract/ledger.js';
import { knownKey } from '../../domain/account/inspection.js';
import { EXCESS_REMEDY, excessPowers, keyNote } from '../../domain/account/key-audit.js';
import { stepsText } from '../../domain/lifecycle/advice.js';
import {
  discrepancyDocument,
  failureDocument,
  tradingGateDocument,
  inspectionDocument,
  interventionDocument,
} from '../../report/documents.js';
import { workersText, type Routing } from '../../runtime/task-queue-workers.js';
import { reportDocument } from '../context/errors.js';
import type { ErrorReport } from '../context/errors.js';
import type { AccountStatus, StatusView } from '../status/status-view.js';
import { count } from '../terminal/count.js';
import { newestByChannel } from './notifications.js';
import { renderDiscrepancy } from './ledger-rows.js';
import { outcomeMark } from './outcome.js';
import type { Style } from '../terminal/style.js';
import { columns, wrap } from '../terminal/table.js';
import { ago, duration, stamp } from '../terminal/time.js';
import { visibleWidth } from '../terminal/width.js';

/** The JSON of `status`. Null means "not known". */
export function statusDocument(view: StatusView) {
  return {
    at: view.at.toISOString(),
    ledger: partDocument(view.ledger),
    temporal: partDocument(view.temporal),
    workers: view.routing === null ? null : routingDocument(view.routing),
    accounts: view.accounts.map((status) => ({
      account: status.account,
      exchange: status.exchange,
      phase: status.phase,
      outcome: status.outcome,
      complete: status.outcome === null ? null : status.notCompared.length === 0,
      last_run_at: status.lastRunAt?.toISOString() ?? null,
      last_success_at: status.lastSuccessAt?.toISOString() ?? null,
      consecutive_failures: status.consecutiveFailures,
      failure_threshold: status.failureThreshold,
      open_discrepancies: status.openDiscrepancies,
      gate: status.gate === null ? null : tradingGateDocument(status.gate),
      paused: status.paused === null ? null : { ...status.paused, since: status.paused.since?.toISOString() ?? null },
      next_run_at: status.nextRunAt?.toISOString() ?? null,
      not_compared: status.notCompared,
      beside: status.beside,
      proof: status.proof,
      position_modes: status.modes?.text ?? null,
      failure: status.failure === null ? null : failureDocument(status.failure),
      unrecorded_runs: status.unrecordedRuns,
      set_aside: status.setAside,
      refused: status.refused,
      accepted_discrepancies: status.acceptedDiscrepancies,
      silent: status.silent === null ? null : reportDocument(status.silent),
      human_called: status.humanCalled,
      intervention: status.intervention === null ? null : interventionDocument(status.intervention),
      discrepancies: status.discrepancies.map(discrepancyDocument),
      ...inspectionDocument(status.inspection),
    })),
  };
}

/** A build of null stands for workers without a version. */
function routingDocument({ current, idle }: Routing) {
  return { current: current?.buildId ?? null, idle: idle.map((version) => version?.buildId ?? null) };
}

function partDocument(error: ErrorReport | null) {
  if (error === null) return { reachable: true, error: null };
  return { reachable: false, error: reportDocument(error) };
}

const HEADER = ['ACCOUNT', 'EXCHANGE', 'VERDICT', 'LAST SUCCESS', 'FAILED', 'OPEN', 'GATE', 'NEXT RUN'];
/** The columns that a narrow terminal leaves out, in this order. The lines below an account repeat what matters of them. */
const LEFT_OUT = ['EXCHANGE', 'FAILED', 'LAST SUCCESS'];

/**
 * All accounts as a table, with lines below for what a person should know. A narrow terminal leaves out columns; if the rest
 * does not fit either, each account is a block. `detail` adds each open discrepancy with its remedy.
 */
export function renderStatus(view: StatusView, options: { style: Style; width: number; detail: boolean }): string[] {
  const { style, width, detail } = options;
  const lines = [...trouble(view, style, width), ...idleWorkers(view, style, width)];
  if (view.accounts.length === 0) {
    return [...lines, 'no accounts yet: `plumbline apply -f plumbline.yaml` starts them'];
  }
  const rows = view.accounts.map((status) => cells(status, view.at, style));
  const table = fittingTable(rows, style, width);
  if (table !== null) lines.push(table[0] ?? '');
  view.accounts.forEach((status, index) => {
    const remarks = [
      ...remarksOn(status, view.at, style),
      ...proofRemarks(status, style, detail),
      ...inspectionRemarks(status, style, detail),
    ];
    lines.push(...(table === null ? block(rows[index] ?? [], style) : [table[index + 1] ?? '']));
    lines.push(...remarks.flatMap((remark) => wrap(`  ${remark}`, width, '    ')));
    if (detail) {
      for (const row of status.discrepancies) lines.push('', ...renderDiscrepancy(row, view.at, style, width));
      const more = (status.openDiscrepancies ?? 0) - status.discrepancies.length;
      if (more > 0 && status.discrepancies.length > 0) {
        lines.push('', style.faint(`and ${more} more: plumbline discrepancies ${status.account}`));
      }
    }
  });
  return lines;
}

/** The table with as many columns as fit; null if it is too wide without all of `LEFT_OUT`. */
function fittingTable(rows: readonly (readonly string[])[], style: Style, width: number): string[] | null {
  for (let left = 0; left <= LEFT_OUT.length; left++) {
    const out = LEFT_OUT.slice(0, left);
    const kept = (row: readonly string[]): string[] => row.filter((_, index) => !out.includes(HEADER[index] ?? ''));
    const table = columns([kept(HEADER).map((title) => style.faint(title)), ...rows.map(kept)]);
    if (table.every((line) => visibleWidth(line) <= width)) return table;
  }
  return null;
}

function cells(status: AccountStatus, now: Date, style: Style): string[] {
  return [
    style.strong(status.account),
    status.exchange ?? '?',
    verdict(status, style),
    lastSuccess(status, now, style),
    streak(status, style),
    openCount(status, style),
    tradingGate(status, style),
    nextRun(status, now, style),
  ];
}

function verdict(status: AccountStatus, style: Style): string {
  if (!status.known) return '?';
  if (status.outcome !== null) return outcomeMark(status.outcome, style, status.notCompared.length);
  return status.phase === 'not_started' ? style.faint('not started') : style.faint('no run yet');
}

function lastSuccess({ known, lastSuccessAt }: AccountStatus, now: Date, style: Style): string {
  if (lastSuccessAt !== null) return ago(lastSuccessAt, now);
  return known ? style.warning('never') : '?';
}

function streak({ consecutiveFailures, failureThreshold }: AccountStatus, style: Style): string {
  if (consecutiveFailures === null) return '?';
  const text = `${consecutiveFailures}/${failureThreshold ?? '?'}`;
  if (consecutiveFailures === 0) return text;
  return failureThreshold !== null && consecutiveFailures >= failureThreshold ? style.bad(text) : style.warning(text);
}

function openCount({ openDiscrepancies }: AccountStatus, style: Style): string {
  if (openDiscrepancies === null) return '?';
  return openDiscrepancies === 0 ? '0' : style.bad(String(openDiscrepancies));
}

function tradingGate(status: AccountStatus, style: Style): string {
  if (status.gate === null) return '?';
  return status.gate.open ? style.good('open') : style.bad('closed');
}

/** How late a run may be before it is shown as overdue: the time that a worker needs to start its work. */
const OVERDUE_AFTER_MS = 30_000;

function nextRun(status: AccountStatus, now: Date, style: Style): string {
  switch (status.phase) {
    case null:
      return '?';
    case 'not_started':
    case 'stopped':
      return style.faint('-');
    case 'paused':
      return style.warning('paused');
    case 'looking':
      return style.strong('observing…');
    case 'settling':
      return style.strong('confirming…');
    case 'judging':
    case 'recording':
      return style.strong(`${status.phase}…`);
    case 'waiting': {
      if (status.paused !== null) return style.warning('paused');
      if (status.nextRunAt === null) return '?';
      const inMs = status.nextRunAt.getTime() - now.getTime();
      if (inMs < -OVERDUE_AFTER_MS) return style.bad(`${duration(-inMs)} late`);
      return inMs <= 0 ? 'now' : `in ${duration(inMs)}`;
    }
  }
}

function block(row: readonly string[], style: Style): string[] {
  const [account = '', ...rest] = row;
  return [account, ...columns(rest.map((cell, index) => [`  ${style.faint(HEADER[index + 1] ?? '')}`, cell]))];
}

function remarksOn(status: AccountStatus, now: Date, style: Style): string[] {
  const remarks: string[] = [];
  const { failure, intervention, paused, gate, silent } = status;
  if (silent !== null) {
    remarks.push(`${style.bad('silent:')} ${silent.message}`);
    remarks.push(`${style.faint('what to do:')} ${silent.remedy}`);
  }
  if (status.phase === 'not_started') {
    remarks.push(`${style.warning('not started:')} \`plumbline apply\` starts its reconciliation`);
  }
  if (failure !== null) {
    remarks.push(`${style.warning(`${failure.kind}:`)} ${failure.message}`);
    remarks.push(`${style.faint('what to do:')} ${failure.remedy}`);
  }
  if (intervention !== null) {
    const reasons = intervention.reasons.map(({ action }) => action);
    const age = duration(now.getTime() - intervention.openedAt.getTime());
    const snoozed =
      intervention.state === 'snoozed' && intervention.snoozedUntil !== null
        ? ` (reminders snoozed until ${stamp(intervention.snoozedUntil)}${whoSnoozed(intervention)})`
        : '';
    remarks.push(`${style.bad('a human is called')} for ${age}: ${tally(reasons)}${snoozed}`);
    remarks.push(...newestByChannel(intervention.notifications, now, style));
    remarks.push(`${style.faint('what to do:')} ${adviceFor(status)}`);
  }
  if (intervention === null && status.humanCalled === true) {
    remarks.push(`${style.bad('a human is called')}; the ledger does not know of it yet`);
  }
  // Intervention and silence already have their own remarks.
  const others =
    gate === null
      ? []
      : gate.reasons.filter(
          (reason) =>
            (intervention === null || !reason.startsWith('an intervention')) &&
            !reason.startsWith('the account is silent'),
        );
  for (const reason of others) remarks.push(`${style.bad('gate closed:')} ${reason}`);
  if (paused !== null) {
    const since = paused.since === null ? '' : ` ${ago(paused.since, now)}`;
    const who = paused.by === null ? '' : ` by ${paused.by}${since}: ${paused.reason}`;
    remarks.push(`${style.warning('paused')}${who}; plumbline resume ${status.account}`);
  }
  if (status.acceptedDiscrepancies > 0) {
    const what = count(status.acceptedDiscrepancies, 'discrepancy', 'discrepancies');
    remarks.push(`${style.warning('accepted for now:')} ${what}; plumbline discrepancies ${status.account}`);
  }
  if (status.modes !== null) {
    remarks.push(`${style.warning('position modes differ:')} ${status.modes.text}; ${status.modes.remedy}`);
  }
  if (status.beside !== null) remarks.push(style.faint(status.beside));
  for (const gap of status.notCompared) remarks.push(`${style.warning('not compared:')} ${gap}`);
  if (status.unrecordedRuns > 0) {
    remarks.push(style.warning(`${count(status.unrecordedRuns, 'run')} not recorded yet: the ledger was unreachable`));
  }
  if (status.setAside > 0) {
    remarks.push(style.warning(`${count(status.setAside, 'record')} set aside: the ledger refused them permanently`));
  }
  if (status.refused !== null) {
    const { message, by, reason, at } = status.refused;
    remarks.push(`${style.warning('refused:')} ${message} by ${by} at ${stamp(new Date(at))}: ${reason}`);
  }
  return remarks;
}

function adviceFor({ account, failure, openDiscrepancies }: AccountStatus): string {
  return stepsText(account, { isFailure: failure !== null && (openDiscrepancies ?? 0) === 0, isCalled: true });
}

/** A mirror is named with every account, because its matches prove less than they seem to. */
function proofRemarks({ proof }: AccountStatus, style: Style, detail: boolean): string[] {
  if (proof === null || (!detail && proof.record === 'own')) return [];
  return [style.faint(`bot's state: ${proof.text}`)];
}

/** Warnings are shown with every account, notes only in its details. */
function inspectionRemarks({ inspection }: AccountStatus, style: Style, detail: boolean): string[] {
  if (inspection === null) return [];
  const { verifiedProfile, exchange, environment } = inspection;
  const key = knownKey(inspection);
  const remarks: string[] = [];
  const excess = key === null ? null : excessPowers(key);
  const note = key === null ? null : keyNote(key);
  if (excess !== null) remarks.push(`${style.warning(`the key can ${excess}:`)} ${EXCESS_REMEDY}`);
  if (note !== null && detail) remarks.push(`${style.faint('key:')} ${note}`);
  if (environment !== undefined) remarks.push(`${style.warning(`${environment}:`)} not the live exchange`);
  if (!verifiedProfile) {
    remarks.push(`${style.warning('unverified profile:')} only what ${exchange} shows is used and compared`);
  }
  return remarks;
}

/** "ORDER_FILL_MISSED, POSITION_SIZE_CHANGED (3)" */
function tally(actions: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const action of actions) counts.set(action, (counts.get(action) ?? 0) + 1);
  return [...counts].map(([action, times]) => (times === 1 ? action : `${action} (${times})`)).join(', ');
}

function trouble(view: StatusView, style: Style, width: number): string[] {
  const parts = [
    { error: view.ledger, name: 'the ledger', lost: 'discrepancies and gate are not known' },
    { error: view.temporal, name: 'Temporal', lost: 'what the workflows do now is not known' },
  ];
  return parts.flatMap(({ error, name, lost }) => {
    if (error === null) return [];
    return [
      ...wrap(`${style.bad(`${name} cannot be reached`)}, so ${lost}: ${error.message}`, width, '  '),
      ...wrap(`  ${style.faint('what to do:')} ${error.remedy}`, width, '    '),
      '',
    ];
  });
}

/** Names idle versions: new ones that are not promoted yet, and old ones that may be stopped. */
function idleWorkers({ routing }: StatusView, style: Style, width: number): string[] {
  if (routing === null || routing.idle.length === 0) return [];
  const who = routing.idle.map(workersText).join(' and ');
  const text = `${style.warning(`${who} get no work`)}; ${workersText(routing.current)} get it: see \`plumbline versions\``;
  return [...wrap(text, width, '  '), ''];
}

function whoSnoozed({ snoozedBy, snoozeNote }: InterventionRow): string {
  return snoozedBy === null ? '' : ` by ${snoozedBy}: ${snoozeNote ?? ''}`;
}
