import { DISCREPANCY_TYPES } from '../../src/domain/difference/difference.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { AccountTotals } from '../../src/ledger/contract/ledger.js';

export const NOW = new Date('2026-11-22T15:00:00.000Z');

export const minutesAgo = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

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
    callDueSince: null,
    inspection: null,
    streakCalled: false,
    blockingDiscrepancies: 0,
    acceptedDiscrepancies: 0,
    expectedAt: minutesAgo(-25),
    readAt: NOW,
    ...changes,
  };
}
