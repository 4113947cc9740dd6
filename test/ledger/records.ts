import type { Difference } from '../../src/domain/difference/difference.js';
import type { Failure } from '../../src/domain/failure/failure.js';
import { identityOf } from '../../src/domain/difference/identity.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { RunKey } from '../../src/domain/lifecycle/run.js';
import type { FailureRecord, Ledger, VerdictRecord } from '../../src/ledger/contract/ledger.js';
import { BTC, NOON, order, position } from '../domain/snapshots.js';

/** The one execution of the account's workflow. */
export function executionOf(account: string): string {
  return `execution/${account}`;
}

export function runKey(runNumber: number, account = 'main'): RunKey {
  return { account, workflowRunId: executionOf(account), runNumber };
}

/** A verdict of a run in which both sides agreed. */
export function verdict(runNumber: number, fields: Partial<VerdictRecord> = {}, account = 'main'): VerdictRecord {
  return {
    key: runKey(runNumber, account),
    trigger: 'schedule',
    startedAt: new Date(NOON),
    looks: 2,
    compared: ['orders', 'positions'],
    notCompared: [{ scope: 'balances', missing: 'internal', reason: 'not answered' }],
    ignored: { 'symbol DOGE/USDT:USDT': 2 },
    positions: { exchange: 1, internal: 1 },
    orders: { exchange: 3, internal: 3 },
    confirmed: [],
    causes: [],
    unconfirmed: [],
    agreed: [],
    ...fields,
  };
}

type Confirmed = VerdictRecord['confirmed'][number];

export function confirmed(difference: Difference): Confirmed {
  return {
    identity: identityOf(difference),
    difference,
    description: `${difference.type} of ${difference.symbol}`,
    remedy: 'the bot should look again',
  };
}

/** A position of that size that only the exchange has. */
export function openedOutside(amount = '0.5', symbol = BTC): Confirmed {
  return confirmed({
    type: 'POSITION_OPENED_EXTERNALLY',
    symbol,
    side: null,
    orderId: null,
    clientOrderId: null,
    exchange: position({ symbol, amount }),
    internal: null,
  });
}

/** The same position after the bot has taken over a part of it. */
export function sizeChanged(exchange = '0.5', internal = '0.2', symbol = BTC): Confirmed {
  return confirmed({
    type: 'POSITION_SIZE_CHANGED',
    symbol,
    side: null,
    orderId: null,
    clientOrderId: null,
    exchange: position({ symbol, amount: exchange }),
    internal: position({ symbol, amount: internal }),
  });
}

export function orderPlaced(id: string): Confirmed {
  return confirmed({
    type: 'ORDER_PLACED_EXTERNALLY',
    symbol: BTC,
    side: null,
    orderId: id,
    clientOrderId: null,
    exchange: order({ id, clientOrderId: null }),
    internal: null,
  });
}

export const NO_ANSWER: Failure = {
  kind: 'network',
  side: 'exchange',
  message: 'GET /fapi/v1/openOrders: connection reset',
  where: 'orders:regular',
  remedy: 'Look at the network.',
  retryAfterMs: null,
};

export function failed(runNumber: number, fields: Partial<FailureRecord> = {}, account = 'main'): FailureRecord {
  return {
    key: runKey(runNumber, account),
    trigger: 'schedule',
    startedAt: new Date(NOON),
    looks: 0,
    failure: NO_ANSWER,
    consecutiveFailures: 1,
    threshold: 3,
    thresholdReached: false,
    ...fields,
  };
}

export async function register(ledger: Ledger, account = 'main', fields: Partial<typeof DEFAULT_POLICY> = {}) {
  await ledger.registerAccount({ account, exchange: 'binanceusdm', policy: { ...DEFAULT_POLICY, ...fields } });
}

/** Types and selected payload fields of the events of an account after its registration, oldest first. */
export async function eventTypes(ledger: Ledger, account = 'main'): Promise<string[]> {
  const events = await ledger.events(account, { after: 1, limit: 10_000 });
  return events.map(({ type, payload }) =>
    type === 'MANUAL_INTERVENTION' ? `${type} ${String(payload['action'])}` : type,
  );
}
