import { inTurns, Turns } from '../runtime/turns.js';
import { agreedIdentities, compareInPieces } from '../domain/compare/compare.js';
import { differentModes } from '../domain/compare/position-modes.js';
import { compareDecimals, normalizeDecimal } from '../domain/decimal/decimal.js';
import type { Difference, MissingOrderExplanation } from '../domain/difference/difference.js';
import { explainable, withoutContradicted } from '../domain/explain/explain.js';
import { FailureError } from '../domain/failure/failure.js';
import type { Comparison, KeyedDifference, Observation } from '../domain/compare/observation.js';
import { markPriceOf } from '../domain/snapshot/mark-price.js';
import type { Policy } from '../domain/policy/policy.js';
import { relate } from '../domain/explain/relate.js';
import { confirmInPieces } from '../domain/confirm/confirm.js';
import { standingSources } from '../domain/confirm/internal-clocks.js';
import type { OpenOrder, Snapshot } from '../domain/snapshot/snapshot.js';
import type { VenueAction } from '../domain/explain/cause.js';
import type { VenueActionQuestion } from '../exchange/exchange-reader.js';
import type { Ledger, ReportedCause, StoredObservation, VerdictRecord } from '../ledger/contract/ledger.js';
import { described, nothingCompared } from '../observe/answer.js';
import { explained } from '../observe/explained.js';
import type { JudgeAnswer, JudgeRequest } from './activity-messages.js';

/** Questions to the exchange about what no observation shows. */
export interface Explain {
  missingOrders(orders: readonly OpenOrder[]): Promise<MissingOrderExplanation[]>;
  venueActions(question: VenueActionQuestion): Promise<VenueAction[]>;
}

type Confirmed = VerdictRecord['confirmed'][number];

/** Venue actions older than this are not requested. */
const LONGEST_UNSEEN_MS = 24 * 60 * 60 * 1000;

/**
 * Decides a run from its stored observations: compares each, confirms differences, explains missing orders and records the
 * verdict in one transaction. A second delivery changes nothing and returns the first answer.
 *
 * @param explain null if the exchange must not be asked; then a verdict that needs an explanation is not given
 * @param compareSnapshots for a caller that caches the comparisons of a run
 */
export async function judgeObservations(
  ledger: Ledger,
  request: JudgeRequest,
  explain: Explain | null,
  compareSnapshots = compareInPieces,
): Promise<JudgeAnswer> {
  const { key, policy } = request;
  const { recorded, observations: stored, open } = await ledger.loadRun(key);
  if (recorded !== null) return { kind: 'recorded', run: recorded };
  const turns = new Turns();
  const observations: Observation[] = [];
  for (const { number, exchange, internal } of stored) {
    observations.push({
      number: number,
      exchangeClock: exchange.asOf,
      internalClock: internal.asOf,
      ...(internal.sources === undefined
        ? {}
        : { internalClocks: Object.fromEntries(internal.sources.map(({ name, asOf }) => [name, asOf])) }),
      exchangeLateMs: Math.max(0, exchange.readEndedAt - internal.readStartedAt),
      comparison: await inTurns(compareSnapshots(exchange, internal, policy)),
    });
    await turns.next();
  }
  const last = observations.at(-1);
  const lastStored = stored.at(-1);
  if (last === undefined || lastStored === undefined || last.number !== request.look)
    throw observationLost(request, observations);

  const nothing = nothingCompared(last.comparison);
  if (nothing !== null) throw nothing;
  refuseFrozenState(observations, policy.maxInternalAgeSeconds);
  const confirmation = await inTurns(confirmInPieces(observations, policy));
  await turns.next();
  if (confirmation.kind === 'observe_again') {
    return { kind: 'look_again', inSeconds: confirmation.inSeconds, waitingFor: confirmation.waitingFor.length };
  }

  const found = confirmation.confirmed.map(({ difference }) => difference);
  const missing = explainable(found);
  const affected = affectedIn(found);
  if (explain === null && (missing.length > 0 || affected !== null)) return { kind: 'needs_explanation' };
  const { confirmed, contradicted } = withoutContradicted(
    explain === null ? confirmation.confirmed : await withReports(confirmation.confirmed, explain),
  );
  const since = affected === null ? 0 : await lastSeenTrue(ledger, key.account, last.exchangeClock, policy);
  const venueActions = affected === null || explain === null ? [] : await explain.venueActions({ since, ...affected });

  const words: Confirmed[] = [];
  for (const { identity, difference } of confirmed) {
    await turns.next();
    words.push({ identity, ...described(difference, policy.baseline, lastStored.internal.bots) });
  }
  const causes = causesOf(confirmed, lastStored.exchange, venueActions);
  await turns.next();
  const agreed = agreedIdentities(open, last.comparison, policy);
  await turns.next();
  const modes = differentModes(lastStored.exchange, lastStored.internal);
  const run = await ledger.recordVerdict({
    key,
    trigger: request.trigger,
    startedAt: new Date(request.startedAt),
    looks: observations.length,
    compared: last.comparison.compared,
    notCompared: last.comparison.notCompared,
    ignored: last.comparison.ignored,
    positions: {
      exchange: lastStored.exchange.positions.length,
      internal: lastStored.internal.positions.length,
      ...(modes === null ? {} : { modes }),
    },
    orders: { exchange: lastStored.exchange.orders.length, internal: lastStored.internal.orders.length },
    confirmed: words,
    causes,
    unconfirmed: [...confirmation.unconfirmed, ...contradicted],
    ...driftFacts(
      [...confirmed, ...open].map(({ difference }) => difference.symbol),
      lastStored,
      last.comparison,
      policy,
    ),
    agreed,
    requestedBy: request.requestedBy ?? [],
    requestedVia: request.requestedVia ?? [],
    ...(request.nextRunAt === undefined
      ? {}
      : { nextRunAt: request.nextRunAt === null ? null : new Date(request.nextRunAt) }),
  });
  return { kind: 'recorded', run };
}

/** What the ledger needs to decide what happens with the discrepancies of these symbols. */
function driftFacts(
  symbols: readonly string[],
  { exchange, internal }: StoredObservation,
  { dismissed = {} }: Comparison,
  { drift = [] }: Policy,
): Pick<VerdictRecord, 'drift'> {
  if (drift.length === 0) return {};
  const prices: Record<string, string> = {};
  for (const symbol of new Set(symbols)) {
    const price = markPriceOf(symbol, exchange, internal);
    if (price !== null) prices[symbol] = normalizeDecimal(price);
  }
  return { drift: { prices, dismissed } };
}

/** The causes with the identities of their differences. A cause gives one reason for an intervention. */
function causesOf(
  confirmed: readonly KeyedDifference[],
  exchange: Snapshot,
  venueActions: readonly VenueAction[],
): ReportedCause[] {
  const identities = new Map(confirmed.map(({ identity, difference }) => [difference, identity]));
  const circumstances = { exchangeClock: exchange.asOf, markets: exchange.markets, venueActions };
  return relate([...identities.keys()], circumstances).map(({ kind, text, differences }) => ({
    kind,
    text,
    identities: differences.flatMap((difference) => identities.get(difference) ?? []),
  }));
}

/**
 * The symbols and currencies for which venue actions may explain a difference: positions that became smaller on the
 * exchange, because it liquidates, deleverages and settles but never opens, and balances. Null if there are none.
 */
function affectedIn(found: readonly Difference[]): Pick<VenueActionQuestion, 'symbols' | 'currencies'> | null {
  const symbols = found.flatMap((difference) => (hasLost(difference) ? difference.symbol : []));
  const currencies = found.flatMap(({ type, symbol }) => (type === 'BALANCE_CHANGED_EXTERNALLY' ? symbol : []));
  if (symbols.length + currencies.length === 0) return null;
  return { symbols: [...new Set(symbols)], currencies: [...new Set(currencies)] };
}

function hasLost(difference: Difference): boolean {
  if (difference.type === 'POSITION_CLOSED_EXTERNALLY') return true;
  if (difference.type !== 'POSITION_SIZE_CHANGED') return false;
  const { exchange, internal } = difference;
  return exchange.side !== internal.side || compareDecimals(exchange.amount, internal.amount) < 0;
}

/**
 * The time on the exchange's clock from which venue actions count: one interval before the last verdict, because a key that
 * was moving in that run is decided in this one. Older venue actions explain nothing, because both sides agreed after them.
 */
async function lastSeenTrue(ledger: Ledger, account: string, clock: number, policy: Policy): Promise<number> {
  const lastVerdictAt = (await ledger.account(account))?.lastSuccessAt?.getTime() ?? clock - LONGEST_UNSEEN_MS;
  return Math.max(lastVerdictAt - policy.intervalMinutes * 60_000, clock - LONGEST_UNSEEN_MS);
}

/** Adds what the exchange reports of missing orders. */
async function withReports(confirmed: KeyedDifference[], explain: Explain): Promise<KeyedDifference[]> {
  const differences = await explained(
    confirmed.map(({ difference }) => difference),
    async (missing) => explain.missingOrders(missing),
  );
  return confirmed.map((entry, index) => ({ ...entry, difference: differences[index] ?? entry.difference }));
}

/**
 * Throws if the bot is frozen: its `as_of` has not changed for longer than `maxInternalAgeSeconds` by the exchange's clock.
 * The age check of `checkFreshness` depends on the bot's clock and may miss this. Not stricter, because a healthy bot that
 * writes a file once a minute is read several times with the same `as_of`.
 */
function refuseFrozenState(observations: readonly Observation[], maxInternalAgeSeconds: number): void {
  const last = observations.at(-1);
  if (last === undefined) return;
  for (const { name, clock, since } of standingSources(observations)) {
    const stoodStillSeconds = Math.round((last.exchangeClock - since.exchangeClock) / 1000);
    if (stoodStillSeconds <= maxInternalAgeSeconds) continue;
    const subject = name === null ? 'as_of' : `source "${name}": as_of`;
    throw new FailureError({
      kind: 'internal_stale',
      side: 'internal',
      message: `${subject} has been ${new Date(clock).toISOString()} for ${stoodStillSeconds} s; at most ${maxInternalAgeSeconds} s are accepted`,
      where: 'as_of',
      remedy: 'Check the bot: it may be frozen. `as_of` must be the time at which it last verified its state.',
      retryAfterMs: null,
    });
  }
}

function observationLost(request: JudgeRequest, observations: readonly Observation[]): FailureError {
  return new FailureError({
    kind: 'incomplete',
    side: 'ledger',
    message: `observation ${request.look} of run ${request.key.runNumber} is not in the ledger; it has ${observations.length} observation(s)`,
    where: null,
    remedy:
      'Check whether the database was restored from a backup during the run. The next run reads both sides again.',
    retryAfterMs: null,
  });
}
