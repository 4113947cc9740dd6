import { compare } from '../../src/domain/compare/compare.js';
import type { Difference, MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import type { Circumstances } from '../../src/domain/explain/cause.js';
import { explainable, withExplanations } from '../../src/domain/explain/explain.js';
import { relate } from '../../src/domain/explain/relate.js';
import type { TradingGate } from '../../src/domain/gate/trading-gate.js';
import { tradingGateOf, type GateState } from '../../src/domain/gate/trading-gate.js';
import type { InterventionReason } from '../../src/domain/lifecycle/intervention.js';
import type { Baseline } from '../../src/domain/policy/policy.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import type { CallMember, MessageInput } from '../../src/notify/compose-message.js';
import type { CallFacts, StandingDiscrepancy } from '../../src/notify/message/call-facts.js';
import { described } from '../../src/observe/answer.js';
import { RULES, sides } from '../domain/snapshots.js';

/** When the first call of each message was opened. */
export const OPENED = new Date('2026-11-29T02:00:00Z');
const MINUTE = 60_000;

export function after(minutes: number): Date {
  return new Date(OPENED.getTime() + minutes * MINUTE);
}

type Fields = Partial<Omit<Snapshot, 'side'>>;

export interface Drift {
  differences: Difference[];
  standing: StandingDiscrepancy[];
  reasons: InterventionReason[];
}

interface Happened extends Partial<Circumstances> {
  /** What the exchange says of missing orders, by id. */
  ends?: Record<string, Partial<MissingOrderExplanation>>;
  baseline?: Baseline;
  /** What the differences are worth, by symbol. */
  values?: Record<string, string>;
}

/** What a run finds, records and calls a human for when these are the two sides: the code that does it in production. */
export function drift(exchange: Fields, internal: Fields, happened: Happened = {}): Drift {
  const { ends = {}, baseline, values = {}, ...circumstances } = happened;
  const rules = { ...RULES, compareBalances: true, ...(baseline !== undefined && { baseline }) };
  const found = compare(...sides(exchange, internal), rules).differences;
  const explanations = explainable(found).map(({ id }): MissingOrderExplanation => ({
    cause: 'unknown',
    filled: null,
    averagePrice: null,
    at: null,
    source: 'order query',
    ...ends[id ?? ''],
  }));
  const differences = withExplanations(found, explanations);
  const reasons = relate(differences, circumstances).map(({ text, differences: effects }) => ({
    action: effects[0]?.type ?? 'UNKNOWN',
    text,
    at: OPENED.toISOString(),
  }));
  const standing = differences.map((difference): StandingDiscrepancy => {
    const { description, remedy } = described(difference, baseline, internal.bots);
    return {
      symbol: difference.symbol,
      difference,
      description,
      remedy,
      openedAt: OPENED,
      accepted: null,
      calls: true,
      value: values[difference.symbol] ?? null,
    };
  });
  return { differences, standing, reasons };
}

export function reason(action: string, text: string, fields: Partial<InterventionReason> = {}): InterventionReason {
  return { action, text, at: OPENED.toISOString(), ...fields };
}

/** The gate as the ledger's totals decide it. */
export function gateOf(fields: Partial<GateState>, now: Date): TradingGate {
  return tradingGateOf({
    account: 'main',
    active: true,
    paused: false,
    expectedAt: null,
    readAt: now,
    policy: { gateMaxAgeMinutes: 90 },
    lastSuccessAt: OPENED,
    openInterventions: 1,
    callDueSince: null,
    blockingDiscrepancies: 0,
    acceptedDiscrepancies: 0,
    consecutiveFailures: 0,
    undeliveredSince: null,
    ...fields,
  });
}

interface Known extends Partial<CallFacts> {
  now: Date;
  gateState?: Partial<GateState>;
}

export function factsOf(standing: readonly StandingDiscrepancy[], { now, gateState, ...fields }: Known): CallFacts {
  const accepted = standing.filter((each) => each.accepted !== null).length;
  return {
    account: 'main',
    exchange: 'binanceusdm',
    discrepancies: standing,
    openDiscrepancies: standing.length,
    gate: gateOf(
      { blockingDiscrepancies: standing.length - accepted, acceptedDiscrepancies: accepted, ...gateState },
      now,
    ),
    failure: null,
    lastSuccessAt: OPENED,
    snoozed: null,
    ...fields,
  };
}

/** A message about one account that was called for these reasons. */
export function inputOf(
  member: Partial<CallMember>,
  facts: CallFacts | null,
  now: Date,
  fields: Partial<MessageInput> = {},
): MessageInput {
  const account = member.account ?? 'main';
  return {
    key: 'message-1',
    thread: 'call-1',
    members: [
      {
        account,
        exchange: 'binanceusdm',
        occasion: 'called',
        severity: 'page',
        openedAt: OPENED.toISOString(),
        reasons: [],
        ...member,
      },
    ],
    facts: new Map(facts === null ? [] : [[account, facts]]),
    link: { url: 'https://plumbline.example/a/main', label: 'See and answer' },
    now,
    redact: (text) => text,
    ...fields,
  };
}
