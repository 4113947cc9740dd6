import { NOT_COMPARED_REASONS } from '../../src/domain/snapshot/snapshot.js';
import { DISCREPANCY_TYPES } from '../../src/domain/difference/difference.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { GateFollower, GateLedger } from '../../src/ledger/contract/gate.js';
import type { AccountTotals } from '../../src/ledger/contract/ledger.js';

export const NOW = new Date('2026-11-22T15:00:00.000Z');

export const minutesAgo = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

const NONE = Object.fromEntries(NOT_COMPARED_REASONS.map((reason) => [reason, 0])) as AccountTotals['notCompared'];

export function zeroCounts(): AccountTotals['openDiscrepancies'] {
  return Object.fromEntries(DISCREPANCY_TYPES.map((type) => [type, 0])) as AccountTotals['openDiscrepancies'];
}

/** A healthy account whose last success is five minutes old. */
export function totals(changes: Partial<AccountTotals> = {}): AccountTotals {
  return {
    account: 'main',
    exchange: 'binanceusdm',
    policy: DEFAULT_POLICY,
    paused: false,
    active: true,
    registeredAt: minutesAgo(600),
    successTotal: 12,
    failureTotal: 2,
    discrepancyTotal: zeroCounts(),
    openDiscrepancies: zeroCounts(),
    consecutiveFailures: 0,
    lastSuccessAt: minutesAgo(5),
    lastRunAt: minutesAgo(5),
    lastRunNumber: 14,
    lastOutcome: 'matched',
    openInterventions: 0,
    interventionsOpen: 0,
    undeliveredSince: null,
    callDueSince: null,
    inspection: null,
    streakCalled: false,
    blockingDiscrepancies: 0,
    acceptedDiscrepancies: 0,
    notCompared: NONE,
    expectedAt: minutesAgo(-25),
    readAt: NOW,
    ...changes,
  };
}

/** Gates that change when the test says so. */
export class ToldGates implements GateLedger {
  /** Accounts that the cache asked to be read. */
  readonly asked: string[] = [];
  #follower: GateFollower | null = null;

  constructor(private readonly accounts: readonly AccountTotals[] = []) {}

  readonly followGates: GateLedger['followGates'] = (follower) => {
    this.#follower = follower;
    this.tell(this.accounts, true);
    return { ask: (names) => void this.asked.push(...names), close: async () => {} };
  };

  /** @param agoMs how long ago the ledger was asked */
  tell(accounts: readonly AccountTotals[], isComplete = false, agoMs = 0, acceptanceEndsAt: Date | null = null): void {
    const askedAt = { monotonicMs: performance.now() - agoMs, wallMs: Date.now() - agoMs };
    const states = accounts.map((each) => ({ ...each, acceptanceEndsAt, version: '1.1' }));
    this.#follower?.read({ states, askedAt, completes: isComplete ? askedAt : null });
  }

  fail(error: Error): void {
    this.#follower?.failed(error);
  }
}
