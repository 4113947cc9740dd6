import { baselineText } from '../../domain/compare/baseline.js';
import { modesWarning, type ModesWarning } from '../../domain/compare/position-modes.js';
import type { Failure } from '../../domain/failure/failure.js';
import type { Inspection } from '../../domain/account/inspection.js';
import type { Outcome } from '../../domain/lifecycle/run.js';
import { notComparedText } from '../../report/not-compared.js';
import { sumOfTypes } from '../../report/documents.js';
import { tradingGateOf } from '../../domain/gate/trading-gate.js';
import type { TradingGate } from '../../domain/gate/trading-gate.js';
import type {
  AccountOverview,
  AccountTotals,
  DiscrepancyRow,
  InterventionRow,
  Ledger,
} from '../../ledger/contract/ledger.js';
import type { Proof } from '../../internal/proof.js';
import { silenceOf } from '../../domain/gate/silence.js';
import type { Routing } from '../../runtime/task-queue-workers.js';
import type { TemporalView } from '../../watch/temporal-view.js';
import type { Phase, ReconciliationStatus } from '../../workflows/messages.js';
import type { ErrorReport } from '../context/errors.js';
import { reportOf } from '../context/errors.js';
import { reportOf as reportOfFinding, saysOf, type WorkflowSays } from './workflow-says.js';

/** What the ledger reports about one account. */
export type LedgerSays = AccountOverview;

/** One account as `status` shows it. Null means "not known", never "none". */
export interface AccountStatus {
  account: string;
  /** Whether ledger or workflow reported its runs. If neither did, "no run" does not mean "never ran". */
  known: boolean;
  exchange: string | null;
  phase: Phase | 'not_started' | null;
  outcome: Outcome | null;
  lastRunAt: Date | null;
  lastSuccessAt: Date | null;
  consecutiveFailures: number | null;
  failureThreshold: number | null;
  openDiscrepancies: number | null;
  gate: TradingGate | null;
  /** A field is null if the ledger has not recorded it yet. */
  paused: { by: string | null; reason: string | null; since: Date | null } | null;
  nextRunAt: Date | null;
  notCompared: string[];
  /** What the owner holds beside the bot, one line; null if nothing. */
  beside: string | null;
  /** What a match with the bot's state proves; null if the configuration does not have the account. */
  proof: Proof | null;
  /** The position modes of exchange and bot, if they differed in the last run. */
  modes: ModesWarning | null;
  failure: Failure | null;
  unrecordedRuns: number;
  /** Records that the ledger refused permanently. */
  setAside: number;
  /** The last request that the workflow refused. */
  refused: ReconciliationStatus['refused'];
  acceptedDiscrepancies: number;
  intervention: InterventionRow | null;
  /**
   * From the workflow: it calls a human first, and the ledger records that afterwards. Null if the workflow did not
   * answer.
   */
  humanCalled: boolean | null;
  discrepancies: DiscrepancyRow[];
  /** What a worker found out about key and profile; null if the ledger does not know. */
  inspection: Inspection | null;
  /** Why the account is not checked, or why its workflow did not answer. */
  silent: ErrorReport | null;
}

export interface StatusView {
  at: Date;
  accounts: AccountStatus[];
  /** Why a part could not be read; null if it answered. */
  ledger: ErrorReport | null;
  temporal: ErrorReport | null;
  /** Which version of the workers gets the work, and which others run; null while Temporal cannot be reached. */
  routing: Routing | null;
}

/** The sources of `status`. */
export interface StatusSources {
  configured(): Promise<string[]>;
  /** What a match with the bot's state proves, of each account of the configuration. Default: not known. */
  proofs?(): Promise<ReadonlyMap<string, Proof>>;
  ledger(): Promise<Pick<Ledger, 'overview'>>;
  client(): Promise<StatusClient>;
  now(): Date;
}

export interface StatusClient {
  /**
   * What Temporal shows about these accounts, and with `alsoRunning` about all others that run. Queries no workflow.
   */
  view(
    active: ReadonlyMap<string, AccountTotals>,
    names: ReadonlySet<string>,
    alsoRunning: boolean,
  ): Promise<TemporalView>;
  /** Queries the workflow, with a short time limit. */
  status(account: string): Promise<ReconciliationStatus>;
}

/**
 * Asks the ledger, then Temporal, and queries no workflow except that of a single requested account. If a part cannot
 * be reached, it is named and the other part is still shown; a problem of one account hides no other account.
 */
export async function gatherStatus(sources: StatusSources, only: string | null): Promise<StatusView> {
  // Connects while the ledger answers. A failure is reported below.
  const connecting = sources.client();
  connecting.catch(() => undefined);
  const [configured, proofs, ledger] = await Promise.all([
    sources.configured(),
    sources.proofs?.() ?? null,
    tryRead(async () => askLedger(await sources.ledger(), only)),
  ]);
  const names = new Set(only === null ? configured : configured.filter((name) => name === only));
  for (const [name, { totals }] of ledger.answer ?? []) if (totals.active || name === only) names.add(name);
  if (only !== null) names.add(only);
  const temporal = await tryRead(async () => askTemporal(await connecting, ledger.answer, names, only));
  const says = temporal.answer?.says ?? null;
  for (const name of says?.keys() ?? []) names.add(name);
  if (only !== null && isUnknown(only, configured, ledger.answer, says)) names.delete(only);
  const accounts = [...names].toSorted().map((account) => {
    const workflow = says === null ? null : (says.get(account) ?? { kind: 'not_started' as const });
    const merged = mergeStatus(account, ledger.answer?.get(account) ?? null, workflow);
    return { ...merged, proof: proofs?.get(account) ?? null };
  });
  const routing = temporal.answer?.routing ?? null;
  return { at: sources.now(), accounts, ledger: ledger.error, temporal: temporal.error, routing };
}

/** Neither the file nor the ledger nor Temporal knows it. */
function isUnknown(
  account: string,
  configured: readonly string[],
  ledger: ReadonlyMap<string, LedgerSays> | null,
  temporal: ReadonlyMap<string, WorkflowSays> | null,
): boolean {
  if (configured.includes(account) || ledger?.has(account) === true) return false;
  return (temporal?.get(account)?.kind ?? 'not_started') === 'not_started';
}

/**
 * Merges one account from both. The workflow knows best what it is doing and what its last run returned, even if the
 * ledger could not record that yet; the ledger knows best which discrepancies are open.
 */
export function mergeStatus(account: string, ledger: LedgerSays | null, workflow: WorkflowSays | null): AccountStatus {
  const status = workflow?.kind === 'answered' ? workflow.status : null;
  const totals = ledger?.totals ?? null;
  const phase = status?.phase ?? phaseWithoutAnswer(workflow);
  const late = totals === null ? null : silenceOf(totals);
  return {
    account,
    known: totals !== null || status !== null || workflow?.kind === 'not_started',
    exchange: status?.exchange ?? totals?.exchange ?? null,
    phase,
    outcome: status?.lastRun?.outcome ?? totals?.lastOutcome ?? null,
    lastRunAt: dateOf(status?.lastRun?.endedAt) ?? totals?.lastRunAt ?? null,
    lastSuccessAt: dateOf(status?.lastSuccessAt) ?? totals?.lastSuccessAt ?? null,
    consecutiveFailures: status?.consecutiveFailures ?? totals?.consecutiveFailures ?? null,
    failureThreshold: status?.policy.failureThreshold ?? totals?.policy.failureThreshold ?? null,
    openDiscrepancies:
      totals === null ? (status?.lastRun?.openDiscrepancies ?? null) : sumOfTypes(totals.openDiscrepancies),
    gate: totals === null ? null : tradingGateOf(totals),
    paused: pausedOf(status, ledger),
    // Between runs the next sign of life is the next run.
    nextRunAt: status === null ? (phase === 'waiting' ? (totals?.expectedAt ?? null) : null) : dateOf(status.nextRunAt),
    notCompared: ledger?.lastRun?.notCompared.map(notComparedText) ?? status?.lastRun?.notCompared ?? [],
    beside: baselineText(status?.policy.baseline ?? totals?.policy.baseline),
    proof: null,
    modes: modesOf(ledger),
    failure: (status === null ? ledger?.lastRun?.failure : status.lastRun?.failure) ?? null,
    unrecordedRuns: status?.unrecordedRuns ?? 0,
    setAside: status?.setAside ?? 0,
    refused: status?.refused ?? null,
    acceptedDiscrepancies: totals?.acceptedDiscrepancies ?? 0,
    intervention: ledger?.intervention ?? null,
    humanCalled: status?.interventionOpen ?? null,
    discrepancies: ledger?.discrepancies ?? [],
    inspection: totals?.inspection ?? null,
    silent: workflow?.kind === 'silent' ? workflow.error : late === null ? null : reportOfFinding(late),
  };
}

function modesOf(ledger: LedgerSays | null): ModesWarning | null {
  const modes = ledger?.lastRun?.positions?.modes;
  return modes === undefined ? null : modesWarning(modes);
}

function phaseWithoutAnswer(workflow: WorkflowSays | null): AccountStatus['phase'] {
  if (workflow?.kind === 'running') return workflow.phase;
  return workflow?.kind === 'not_started' ? 'not_started' : null;
}

function pausedOf(status: ReconciliationStatus | null, ledger: LedgerSays | null): AccountStatus['paused'] {
  if (status !== null)
    return status.paused === null ? null : { ...status.paused, since: new Date(status.paused.since) };
  return ledger?.totals.paused === true ? (ledger.pause ?? { by: null, reason: null, since: null }) : null;
}

async function askLedger(ledger: Pick<Ledger, 'overview'>, only: string | null): Promise<Map<string, LedgerSays>> {
  const accounts = await ledger.overview(only);
  return new Map(accounts.map((says) => [says.totals.account, says]));
}

async function askTemporal(
  client: StatusClient,
  ledger: ReadonlyMap<string, LedgerSays> | null,
  names: ReadonlySet<string>,
  only: string | null,
): Promise<{ says: Map<string, WorkflowSays>; routing: Routing }> {
  const known = new Map([...(ledger?.values() ?? [])].map(({ totals }) => [totals.account, totals]));
  const view = await client.view(known, names, only === null);
  const at = new Date();
  const says = new Map<string, WorkflowSays>();
  for (const account of view.accounts.keys()) {
    const reported = saysOf(account, known.get(account) ?? null, view, at);
    // Temporal's list lags behind: an account that only the list names, and that does not run, was stopped.
    if (reported.kind !== 'not_started' || names.has(account)) says.set(account, reported);
  }
  if (only !== null && says.get(only)?.kind === 'running') says.set(only, await askWorkflow(client, only));
  return { says, routing: view.routing };
}

async function askWorkflow(client: StatusClient, account: string): Promise<WorkflowSays> {
  const { answer, error } = await tryRead(async () => client.status(account));
  return answer === null ? { kind: 'silent', error } : { kind: 'answered', status: answer };
}

async function tryRead<T>(
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
