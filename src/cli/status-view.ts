import type { PlumblineClient } from '../client.js';
import type { Failure } from '../domain/failure.js';
import type { Inspection } from '../domain/inspection.js';
import type { Outcome } from '../domain/run.js';
import { notComparedText } from './render/comparison.js';
import { sumOfTypes } from '../http/documents.js';
import { gateOf } from '../http/gate.js';
import type { Gate } from '../http/gate.js';
import type { AccountTotals, DiscrepancyRow, InterventionRow, Ledger, RunRow } from '../ledger/ledger.js';
import type { Phase, ReconciliationStatus } from '../workflows/messages.js';
import type { ErrorReport } from './errors.js';
import { reportOf } from './errors.js';

/** What the ledger says of one account. */
export interface LedgerSays {
  totals: AccountTotals;
  lastRun: RunRow | null;
  intervention: InterventionRow | null;
  discrepancies: DiscrepancyRow[];
}

/** What Temporal says of one account: its workflow's status, that it has none, or why it could not be asked. */
export type WorkflowSays =
  { kind: 'running'; status: ReconciliationStatus } | { kind: 'not_started' } | { kind: 'silent'; error: ErrorReport };

/** One account as `status` shows it. Null is "not known", never "none". */
export interface AccountStatus {
  account: string;
  /** Whether ledger or workflow told of its runs: without either, no run is not "never". */
  known: boolean;
  exchange: string | null;
  phase: Phase | 'not_started' | null;
  outcome: Outcome | null;
  lastRunAt: Date | null;
  lastSuccessAt: Date | null;
  consecutiveFailures: number | null;
  failureThreshold: number | null;
  openDiscrepancies: number | null;
  gate: Gate | null;
  /** Who, why and since when only the workflow tells; without it the ledger tells that the account is paused. */
  paused: { by: string | null; reason: string | null; since: Date | null } | null;
  nextRunAt: Date | null;
  notCompared: string[];
  failure: Failure | null;
  unrecordedRuns: number;
  intervention: InterventionRow | null;
  /** What the workflow says: it calls first, and the ledger learns of it afterwards. Null where it did not answer. */
  humanCalled: boolean | null;
  discrepancies: DiscrepancyRow[];
  /** What a worker found out of key and profile; null where the ledger does not tell. */
  inspection: Inspection | null;
  /** Why the workflow did not answer, where it did not. */
  silent: ErrorReport | null;
}

export interface StatusView {
  at: Date;
  accounts: AccountStatus[];
  /** Why a part could not be asked; null where it answered. */
  ledger: ErrorReport | null;
  temporal: ErrorReport | null;
}

/** Where `status` looks. */
export interface StatusSources {
  configured(): Promise<string[]>;
  ledger(): Promise<Pick<Ledger, 'accounts' | 'runs' | 'interventions' | 'discrepancies'>>;
  client(): Promise<Pick<PlumblineClient, 'accounts' | 'status'>>;
  now(): Date;
}

/** Open discrepancies that are shown with an account; `plumbline discrepancies` lists all. */
const SHOWN_DISCREPANCIES = 20;

/** Asks ledger and Temporal side by side. One that cannot be reached is named, and the other still shown. */
export async function gatherStatus(sources: StatusSources, only: string | null): Promise<StatusView> {
  const [configured, ledger, temporal] = await Promise.all([
    sources.configured(),
    attempt(async () => askLedger(await sources.ledger(), only)),
    attempt(async () => askTemporal(await sources.client(), only)),
  ]);
  const names = new Set(only === null ? configured : configured.filter((name) => name === only));
  for (const [name, { totals }] of ledger.answer ?? []) if (totals.active || name === only) names.add(name);
  for (const name of temporal.answer?.keys() ?? []) names.add(name);
  const at = sources.now();
  const accounts = [...names].toSorted().map((account) => {
    const workflow =
      temporal.answer === null ? null : (temporal.answer.get(account) ?? { kind: 'not_started' as const });
    return mergeStatus(account, ledger.answer?.get(account) ?? null, workflow, at);
  });
  return { at, accounts, ledger: ledger.error, temporal: temporal.error };
}

/**
 * One account from both. The workflow knows best what it is doing and what its last run said (also one that the ledger
 * could not take yet); the ledger knows best what stands.
 */
export function mergeStatus(
  account: string,
  ledger: LedgerSays | null,
  workflow: WorkflowSays | null,
  now: Date,
): AccountStatus {
  const status = workflow?.kind === 'running' ? workflow.status : null;
  const totals = ledger?.totals ?? null;
  return {
    account,
    known: totals !== null || status !== null || workflow?.kind === 'not_started',
    exchange: status?.exchange ?? totals?.exchange ?? null,
    phase: status?.phase ?? (workflow?.kind === 'not_started' ? 'not_started' : null),
    outcome: status?.lastRun?.outcome ?? totals?.lastOutcome ?? null,
    lastRunAt: dateOf(status?.lastRun?.endedAt) ?? totals?.lastRunAt ?? null,
    lastSuccessAt: dateOf(status?.lastSuccessAt) ?? totals?.lastSuccessAt ?? null,
    consecutiveFailures: status?.consecutiveFailures ?? totals?.consecutiveFailures ?? null,
    failureThreshold: status?.policy.failureThreshold ?? totals?.policy.failureThreshold ?? null,
    openDiscrepancies:
      totals === null ? (status?.lastRun?.openDiscrepancies ?? null) : sumOfTypes(totals.openDiscrepancies),
    gate: totals === null ? null : gateOf(totals),
    paused: pausedOf(status, totals),
    nextRunAt: dateOf(status?.nextRunAt),
    notCompared: ledger?.lastRun?.notCompared.map(notComparedText) ?? status?.lastRun?.notCompared ?? [],
    failure: (status === null ? ledger?.lastRun?.failure : status.lastRun?.failure) ?? null,
    unrecordedRuns: status?.unrecordedRuns ?? 0,
    intervention: ledger?.intervention ?? null,
    humanCalled: status?.interventionOpen ?? null,
    discrepancies: ledger?.discrepancies ?? [],
    inspection: totals?.inspection ?? null,
    silent: workflow?.kind === 'silent' ? workflow.error : null,
  };
}

function pausedOf(status: ReconciliationStatus | null, totals: AccountTotals | null): AccountStatus['paused'] {
  if (status !== null)
    return status.paused === null ? null : { ...status.paused, since: new Date(status.paused.since) };
  return totals?.paused === true ? { by: null, reason: null, since: null } : null;
}

async function askLedger(
  ledger: Awaited<ReturnType<StatusSources['ledger']>>,
  only: string | null,
): Promise<Map<string, LedgerSays>> {
  const [accounts, interventions] = await Promise.all([
    ledger.accounts(),
    ledger.interventions({ openOnly: true, ...(only !== null && { account: only }) }),
  ]);
  const wanted = accounts.filter(({ account }) => only === null || account === only);
  const answers = wanted.map(async (totals): Promise<[string, LedgerSays]> => {
    const { account } = totals;
    const [runs, discrepancies] = await Promise.all([
      ledger.runs(account, { limit: 1 }),
      sumOfTypes(totals.openDiscrepancies) === 0
        ? []
        : ledger.discrepancies(account, { state: 'open', limit: SHOWN_DISCREPANCIES }),
    ]);
    const intervention = interventions.find((row) => row.account === account) ?? null;
    return [account, { totals, lastRun: runs[0] ?? null, intervention, discrepancies }];
  });
  return new Map(await Promise.all(answers));
}

async function askTemporal(
  client: Awaited<ReturnType<StatusSources['client']>>,
  only: string | null,
): Promise<Map<string, WorkflowSays>> {
  const running = await client.accounts();
  const wanted = running.filter((account) => only === null || account === only);
  const answers = wanted.map(async (account): Promise<[string, WorkflowSays]> => {
    const { answer, error } = await attempt(async () => client.status(account));
    if (answer !== null) return [account, { kind: 'running', status: answer }];
    return [account, { kind: 'silent', error }];
  });
  return new Map(await Promise.all(answers));
}

async function attempt<T>(
  work: () => Promise<T>,
): Promise<{ answer: T; error: null } | { answer: null; error: ErrorReport }> {
  try {
    return { answer: await work(), error: null };
  } catch (error) {
    return { answer: null, error: reportOf(error) };
  }
}

function dateOf(text: string | null | undefined): Date | null {
  return text === null || text === undefined ? null : new Date(text);
}
