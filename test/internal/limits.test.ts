import { describe, expect, it } from '@jest/globals';
import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import { LIMITS } from '../../src/domain/limits/limits.js';
import { parseStateDocument } from '../../src/internal/state-document.js';
import { cpuMs } from '../support/cpu-time.js';

const POSITION = { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5' };
const ORDER = { id: '1', symbol: 'BTC/USDT:USDT', side: 'buy', type: 'limit', price: '1', amount: '1', filled: '0' };
const DOCUMENT = {
  version: 1,
  as_of: '2026-11-22T15:00:00.000Z',
  scopes: ['positions', 'orders', 'balances'],
  positions: [],
  orders: [],
  balances: [],
};

function read(fields: Record<string, unknown>): Failure | null {
  const options = { side: 'internal', receivedAt: { startedAt: 0, endedAt: 0 } } as const;
  try {
    parseStateDocument(JSON.stringify({ ...DOCUMENT, ...fields }), options);
    return null;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
}

const rows = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const text = (length: number): string => 'x'.repeat(length);

/** For each limit: what is just within it, and what is beyond it by one. */
const CASES: [limit: string, where: string, fieldsOf: (size: number) => Record<string, unknown>, size: number][] = [
  ['orders', 'orders', (n) => ({ orders: rows(n, (i) => ({ ...ORDER, id: i })) }), LIMITS.orders.value],
  [
    'positions',
    'positions',
    (n) => ({ positions: rows(n, (i) => ({ ...POSITION, symbol: `S${i}` })) }),
    LIMITS.positions.value,
  ],
  [
    'balances',
    'balances',
    (n) => ({ balances: rows(n, (i) => ({ currency: `C${i}`, total: '1' })) }),
    LIMITS.balances.value,
  ],
  ['scopes', 'scopes', (n) => ({ scopes: rows(n, (i) => `positions:linear:C${i}`) }), LIMITS.scopes.value],
  [
    'gaps',
    'gaps',
    (n) => ({ gaps: rows(n, (i) => ({ scope: `positions:linear:C${i}`, reason: 'r' })) }),
    LIMITS.gaps.value,
  ],
  [
    'markets',
    'markets',
    (n) => ({ markets: Object.fromEntries(rows(n, (i) => [`S${i}`, '0.1'])) }),
    LIMITS.markets.value,
  ],
  ['idLength', 'orders[0].id', (n) => ({ orders: [{ ...ORDER, id: text(n) }] }), LIMITS.idLength.value],
  [
    'idLength',
    'orders[0].client_order_id',
    (n) => ({ orders: [{ ...ORDER, client_order_id: text(n) }] }),
    LIMITS.idLength.value,
  ],
  ['idLength', 'orders[0].type', (n) => ({ orders: [{ ...ORDER, type: text(n) }] }), LIMITS.idLength.value],
  [
    'idLength',
    'positions[0].symbol',
    (n) => ({ positions: [{ ...POSITION, symbol: text(n) }] }),
    LIMITS.idLength.value,
  ],
  [
    'idLength',
    'balances[0].currency',
    (n) => ({ balances: [{ currency: text(n), total: '1' }] }),
    LIMITS.idLength.value,
  ],
  [
    'scopeLength',
    'scopes[0]',
    (n) => ({ scopes: [`balances:${text(n - 'balances:'.length)}`] }),
    LIMITS.scopeLength.value,
  ],
  [
    'scopeLength',
    'gaps[0].scope',
    (n) => ({ gaps: [{ scope: `balances:${text(n - 'balances:'.length)}`, reason: 'r' }] }),
    LIMITS.scopeLength.value,
  ],
  [
    'reasonLength',
    'gaps[0].reason',
    (n) => ({ gaps: [{ scope: 'positions:inverse', reason: text(n) }] }),
    LIMITS.reasonLength.value,
  ],
  [
    'numberLength',
    'positions[0].amount',
    (n) => ({ positions: [{ ...POSITION, amount: '1'.repeat(n) }] }),
    LIMITS.numberLength.value,
  ],
  ['exponent', 'orders[0].price', (n) => ({ orders: [{ ...ORDER, price: `1e-${n}` }] }), LIMITS.exponent.value],
  ['exponent', 'balances[0].total', (n) => ({ balances: [{ currency: 'X', total: `1e${n}` }] }), LIMITS.exponent.value],
];

describe('internal state', () => {
  it.each(CASES)('beyond the limit of %s is too_large at %s, within it is read', (_, where, fieldsOf, size) => {
    expect(read(fieldsOf(size))).toBeNull();
    const failure = read(fieldsOf(size + 1));
    expect(failure).toMatchObject({ kind: 'too_large', side: 'internal', where, retryAfterMs: null });
    // What was asked, what came, and what to do.
    expect(failure?.message).toContain('the internal state cannot be used: ');
    expect(failure?.message).toContain(String(size));
    expect(failure?.message.length).toBeLessThan(400);
    expect(failure?.remedy).not.toBe('');
  });

  it('of 200,000 scopes, 90,000 gaps or numbers of 100,000 digits is refused in well under a second', () => {
    const began = cpuMs();
    expect(read({ scopes: rows(200_000, (i) => `positions:linear:C${i}`) })?.kind).toBe('too_large');
    expect(read({ gaps: rows(90_000, (i) => ({ scope: `balances:C${i}`, reason: 'r' })) })?.kind).toBe('too_large');
    expect(read({ positions: rows(100, () => ({ ...POSITION, amount: '9'.repeat(90_000) })) })?.kind).toBe('too_large');
    expect(read({ positions: [{ ...POSITION, amount: '1e9999' }] })?.kind).toBe('too_large');
    expect(cpuMs() - began).toBeLessThan(3_000);
  });
});
