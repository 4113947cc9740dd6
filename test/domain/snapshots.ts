import type { CompareRules } from '../../src/domain/policy/policy.js';
import type { Balance, OpenOrder, Position, Side, Snapshot } from '../../src/domain/snapshot/snapshot.js';

export const BTC = 'BTC/USDT:USDT';
export const ETH = 'ETH/USDT:USDT';
/** 2026-11-22T15:00:00Z */
export const NOON = 1_795_359_600_000;

export const RULES: CompareRules = {
  tolerance: {},
  compareBalances: false,
  ignore: { symbols: [], clientOrderIdPrefixes: [], types: [] },
};

export function position(fields: Partial<Position> = {}): Position {
  return { symbol: BTC, side: 'long', amount: '0.5', changedAt: NOON - 3_600_000, ...fields };
}

export function order(fields: Partial<OpenOrder> = {}): OpenOrder {
  return {
    id: '17',
    clientOrderId: 'bot-17',
    symbol: BTC,
    side: 'buy',
    type: 'limit',
    price: '60000',
    triggerPrice: null,
    amount: '0.01',
    filled: '0',
    conditional: false,
    changedAt: NOON - 3_600_000,
    ...fields,
  };
}

export function stopOrder(fields: Partial<OpenOrder> = {}): OpenOrder {
  return order({ type: 'stop_market', price: null, triggerPrice: '55000', conditional: true, side: 'sell', ...fields });
}

export function balance(currency: string, total: string): Balance {
  return { currency, total };
}

export function snapshot(side: Side, fields: Partial<Omit<Snapshot, 'side'>> = {}): Snapshot {
  return {
    side,
    readStartedAt: NOON,
    readEndedAt: NOON + 200,
    asOf: NOON,
    positionMode: 'one-way',
    scopes: ['positions', 'orders', 'balances'],
    gaps: [],
    positions: [],
    orders: [],
    balances: [],
    markets: { [BTC]: { amountStep: '0.001' }, [ETH]: { amountStep: '0.01' } },
    ...fields,
  };
}

type SnapshotFields = Partial<Omit<Snapshot, 'side'>>;

/** Both sides of an observation, the internal one with the exchange's fields unless it has its own. */
export function sides(exchange: SnapshotFields, internal: SnapshotFields): [Snapshot, Snapshot] {
  return [snapshot('exchange', exchange), snapshot('internal', internal)];
}
