import { compare } from '../src/domain/compare/compare.js';
import type { CompareRules } from '../src/domain/policy/policy.js';
import { confirm } from '../src/domain/confirm/confirm.js';
import type { Observation } from '../src/domain/compare/observation.js';
import type { OpenOrder, Side, Snapshot } from '../src/domain/snapshot/snapshot.js';

/** One row of the table. `ok`: the value is within the limit. */
export interface Measurement {
  name: string;
  value: number;
  unit: string;
  limit: number;
  ok: boolean;
}

const ORDERS = 100_000;
const SYMBOLS = 200;
const ROUNDS = 7;
const CONFIRM_ORDERS = 5_000;
const CONFIRM_OBSERVATIONS = 6;

const RULES: CompareRules = {
  tolerance: {},
  compareBalances: false,
  ignore: { symbols: ['DOGE/USDT:USDT'], clientOrderIdPrefixes: ['manual-'], types: [] },
};

/**
 * Compares 100,000 orders per side. The result is the ratio to JSON.parse of the two documents in the same run: the
 * cost of an observation in addition to parsing.
 */
export async function run(): Promise<Measurement[]> {
  const exchange = account('exchange', ORDERS, (text) => text);
  const exchangeText = document(exchange);
  const cases: [name: string, internal: Snapshot][] = [
    ['equal text', account('internal', ORDERS, (text) => text)],
    [
      'other text, same numbers',
      account('internal', ORDERS, (text) => (text.includes('.') ? `${text}00` : `${text}.0`)),
    ],
    ['without exchange ids', withoutIds(account('internal', ORDERS, (text) => text))],
  ];
  const measured = cases.map(([name, internal]) => {
    const internalText = document(internal);
    const parse = (): unknown => [JSON.parse(exchangeText), JSON.parse(internalText)];
    const ratio = medianRatio(() => compare(exchange, internal, RULES), parse);
    return measurement(`compare / JSON.parse, ${ORDERS} orders a side, ${name}`, ratio, 'ratio', 1);
  });
  const observations = differingObservations();
  const rules = { confirmations: 7, settleSeconds: 10, graceSeconds: 30, maxLooks: 6, maxInternalAgeSeconds: 300 };
  const confirmMs = leastCpuMs(() => confirm(observations, rules));
  return [
    ...measured,
    measurement(
      `confirm, ${CONFIRM_ORDERS} differing orders, ${CONFIRM_OBSERVATIONS} observations`,
      confirmMs,
      'ms',
      50,
    ),
  ];
}

function measurement(name: string, value: number, unit: string, limit: number): Measurement {
  return { name, value: Math.round(value * 1000) / 1000, unit, limit, ok: value < limit };
}

function account(side: Side, orders: number, write: (text: string) => string): Snapshot {
  return {
    side,
    readStartedAt: 0,
    readEndedAt: 0,
    asOf: 0,
    positionMode: 'one-way',
    scopes: ['positions', 'orders'],
    gaps: [],
    positions: [],
    orders: Array.from({ length: orders }, (_, index) => order(index, write)),
    balances: [],
    markets: {},
  };
}

function order(index: number, write: (text: string) => string): OpenOrder {
  return {
    id: String(8_000_000_000 + index * 7),
    clientOrderId: `bot-${index}`,
    symbol: `C${index % SYMBOLS}/USDT:USDT`,
    side: index % 2 === 0 ? 'buy' : 'sell',
    type: 'limit',
    price: write(`${60_000 + (index % 977)}.5`),
    triggerPrice: null,
    amount: write(`0.${1 + (index % 89)}`),
    filled: write('0'),
    conditional: false,
    changedAt: 1_795_359_600_000 + index,
  };
}

function withoutIds(snapshot: Snapshot): Snapshot {
  return { ...snapshot, orders: snapshot.orders.map((row) => ({ ...row, id: null })) };
}

/** The same snapshot as a document in the published format. */
function document(snapshot: Snapshot): string {
  return JSON.stringify({
    version: 1,
    as_of: '2026-11-22T15:00:00.000Z',
    position_mode: snapshot.positionMode,
    scopes: snapshot.scopes,
    positions: [],
    orders: snapshot.orders.map((row) => ({
      id: row.id,
      client_order_id: row.clientOrderId,
      symbol: row.symbol,
      side: row.side,
      type: row.type,
      price: row.price,
      trigger_price: row.triggerPrice,
      amount: row.amount,
      filled: row.filled,
    })),
  });
}

/** All orders differ in every observation and are never confirmed: the most work for confirming. */
function differingObservations(): Observation[] {
  return Array.from({ length: CONFIRM_OBSERVATIONS }, (_, index) => ({
    number: index + 1,
    exchangeClock: index * 10_000,
    internalClock: index * 10_000,
    exchangeLateMs: 0,
    comparison: compare(
      stored(account('exchange', CONFIRM_ORDERS, (text) => text)),
      stored(account('internal', CONFIRM_ORDERS, (text) => (text === '0' ? text : `1${text}`))),
      RULES,
    ),
  }));
}

/** The snapshot as the ledger returns it. */
function stored(snapshot: Snapshot): Snapshot {
  return JSON.parse(JSON.stringify(snapshot)) as Snapshot;
}

function medianRatio(subject: () => unknown, peer: () => unknown): number {
  subject();
  peer();
  // Alternating, so that other load slows both.
  const ratios = Array.from({ length: ROUNDS }, () => timeOf(subject) / timeOf(peer));
  return median(ratios);
}

/**
 * An absolute limit is compared with processor time, and with the best round, so that other programs are not measured.
 */
function leastCpuMs(subject: () => unknown): number {
  const rounds = Array.from({ length: 3 * ROUNDS }, () => {
    const before = process.cpuUsage();
    subject();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...rounds);
}

function timeOf(subject: () => unknown): number {
  const start = performance.now();
  subject();
  return performance.now() - start;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
