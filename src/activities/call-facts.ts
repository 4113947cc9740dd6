import { setTimeout as delay } from 'node:timers/promises';
import { tradingGateOf } from '../domain/gate/trading-gate.js';
import { severityOfAction } from '../domain/policy/drift-rules.js';
import type { Policy } from '../domain/policy/policy.js';
import type { AccountOverview, DiscrepancyRow, Ledger } from '../ledger/contract/ledger.js';
import type { CallFacts, StandingDiscrepancy } from '../notify/message/call-facts.js';

type Read = Pick<Ledger, 'overview' | 'discrepancies'>;

/** How long the ledger may take. A message without the newest values is better than a late one. */
const LEDGER_MS = 4_000;
/** Open discrepancies that are read of one account. A message lists 20 of them, the most serious ones. */
const MAX_DISCREPANCIES = 200;

/**
 * What the ledger knows about the accounts of a message, read with a fixed number of statements. For several accounts it reads
 * only the newest discrepancies, because a message about several accounts names no values. Never throws: an account is missing
 * if the ledger does not know it or does not answer in time.
 */
export async function readCallFacts(ledger: Read, accounts: readonly string[]): Promise<Map<string, CallFacts>> {
  const late = new AbortController();
  try {
    const tooLate = delay(LEDGER_MS, null, { signal: late.signal, ref: false });
    tooLate.catch(() => undefined);
    return (await Promise.race([read(ledger, accounts), tooLate])) ?? new Map();
  } catch {
    return new Map();
  } finally {
    late.abort();
  }
}

async function read(ledger: Read, accounts: readonly string[]): Promise<Map<string, CallFacts>> {
  const [account] = accounts;
  if (accounts.length === 1 && account !== undefined) {
    const [[overview], rows] = await Promise.all([
      ledger.overview(account),
      ledger.discrepancies(account, { state: 'open', limit: MAX_DISCREPANCIES }),
    ]);
    return new Map(overview === undefined ? [] : [[account, factsOf(overview, rows)]]);
  }
  const wanted = new Set(accounts);
  const overviews = (await ledger.overview(null)).filter(({ totals }) => wanted.has(totals.account));
  return new Map(overviews.map((overview) => [overview.totals.account, factsOf(overview, overview.discrepancies)]));
}

function factsOf({ totals, lastRun, intervention }: AccountOverview, rows: readonly DiscrepancyRow[]): CallFacts {
  const { account, exchange, policy, readAt, lastSuccessAt } = totals;
  const isSnoozed = intervention?.state === 'snoozed' && intervention.snoozedUntil !== null;
  return {
    account,
    exchange,
    discrepancies: rows.map((row) => standingOf(row, policy, readAt)),
    openDiscrepancies: Object.values(totals.openDiscrepancies).reduce((sum, count) => sum + count, 0),
    gate: tradingGateOf(totals),
    failure: lastRun?.failure ?? null,
    lastSuccessAt,
    snoozed:
      isSnoozed && intervention.snoozedUntil !== null
        ? { by: intervention.snoozedBy, until: intervention.snoozedUntil, note: intervention.snoozeNote }
        : null,
  };
}

function standingOf(row: DiscrepancyRow, policy: Policy, readAt: Date): StandingDiscrepancy {
  const { symbol, type, difference, description, remedy, openedAt, accepted, decision } = row;
  return {
    symbol,
    difference,
    description,
    remedy,
    openedAt,
    accepted: accepted !== null && accepted.until > readAt ? accepted : null,
    calls: decision === null ? policy.interveneOn.includes(type) : severityOfAction(decision.action) !== null,
    value: decision?.value ?? null,
  };
}
