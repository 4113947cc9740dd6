import type { AccountSides } from '../../../src/observe/account-sides.js';
import { FailureError, type FailureKind } from '../../../src/domain/failure/failure.js';
import type { AnsweredKeyAudit } from '../../../src/domain/account/key-audit.js';
import type { OpenOrder, Position, Snapshot } from '../../../src/domain/snapshot/snapshot.js';
import { onlySource } from '../../../src/internal/account-source.js';

/** The next answer of one side, as a test sets it. */
export interface ScriptedSide {
  positions: Position[];
  orders: OpenOrder[];
  /** Fails this many reads with this kind; Infinity for all. */
  failures: { kind: FailureKind; times: number } | null;
  /** Reads wait for this promise, so that a test can act in the middle of a run. */
  hold: Promise<void> | null;
  reads: number;
}

export const KEY_NOT_REPORTED: AnsweredKeyAudit = {
  answer: 'not_told',
  canTrade: null,
  canWithdraw: null,
  ipRestricted: null,
  note: 'scripted does not report what a key may do',
};

/** Two sides that answer what a test sets, for tests of the loop in which the wire does not matter. */
export function scriptedSides(): { exchange: ScriptedSide; internal: ScriptedSide; sides: AccountSides } {
  const exchange = emptySide();
  const internal = emptySide();
  return {
    exchange,
    internal,
    sides: {
      exchange: async () => ({
        exchangeId: 'scripted',
        verifiedProfile: true,
        budgetPerMinute: 1_000,
        readState: async () => read('exchange', exchange),
        explainMissingOrders: async (orders) =>
          orders.map(() => ({ cause: 'unknown', filled: null, averagePrice: null, at: null, source: 'scripted' })),
        readVenueActions: async () => [],
        resolveMarket: async (symbol) => ({ kind: 'found', symbol, facts: { amountStep: '0.001' } }),
        holdingFacts: async () => ({}),
        auditKey: async () => KEY_NOT_REPORTED,
        countMarkets: async () => ({ spot: 0, linear: 1, inverse: 0 }),
        close: async () => {},
      }),
      internal: onlySource({ description: 'scripted', readState: async () => read('internal', internal) }),
      aliases: { symbols: {}, currencies: {} },
    },
  };
}

function emptySide(): ScriptedSide {
  return { positions: [], orders: [], failures: null, hold: null, reads: 0 };
}

async function read(side: Snapshot['side'], script: ScriptedSide): Promise<Snapshot> {
  script.reads += 1;
  const readStartedAt = Date.now();
  if (script.hold !== null) await script.hold;
  if (script.failures !== null && script.failures.times > 0) {
    script.failures.times -= 1;
    throw new FailureError({
      kind: script.failures.kind,
      side,
      message: `scripted ${script.failures.kind}`,
      where: null,
      remedy: 'none: a test said so',
      retryAfterMs: null,
    });
  }
  return {
    side,
    readStartedAt,
    readEndedAt: Date.now(),
    asOf: Date.now(),
    positionMode: 'one-way',
    scopes: ['positions', 'orders'],
    gaps: [],
    positions: [...script.positions],
    orders: [...script.orders],
    balances: [],
    markets: {},
  };
}

export function long(symbol: string, amount: string): Position {
  // Long ago on every clock, so that the grace has passed.
  return { symbol, side: 'long', amount, changedAt: 1_000 };
}
