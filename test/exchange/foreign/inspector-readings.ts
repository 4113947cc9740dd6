import { expect, it } from '@jest/globals';
import type { OpenOrder } from '../../../src/domain/snapshot/snapshot.js';
import type { ExchangeInspector, VenueActionQuestion } from '../../../src/exchange/exchange-reader.js';
import { failureOf } from '../failures.js';

/** An order with no terms. A test adds those by which it asks for a missing order. */
export const BLANK_ORDER: OpenOrder = {
  id: null,
  clientOrderId: null,
  symbol: '',
  side: 'buy',
  type: 'limit',
  price: null,
  triggerPrice: null,
  amount: null,
  filled: '0',
  conditional: false,
  changedAt: null,
};

const LEAST = 40;

/** Declares the test that a table of published answers is large enough, and names each answer and its source. */
export function itIsLargeEnough(answers: readonly { name: string; source: string }[]): void {
  it(`are at least ${LEAST}, each with its source`, () => {
    expect(answers.length).toBeGreaterThanOrEqual(LEAST);
    expect(new Set(answers.map(({ name }) => name)).size).toBe(answers.length);
    for (const { source } of answers) expect(source).toMatch(/\w+[./]\w+/);
  });
}

/**
 * What the reader reports, in the form of the given reading. The reading decides what is asked: a read of the account, its
 * failure, a missing order, or venue actions.
 */
export async function readAs(
  reader: ExchangeInspector,
  reading: object & { missing?: Partial<OpenOrder> },
  question: VenueActionQuestion,
): Promise<object> {
  if ('failure' in reading) {
    return { unread: [], failure: (await failureOf(reader.readState({ balances: true }))).kind };
  }
  if (reading.missing !== undefined) {
    const [explanation] = await reader.explainMissingOrders([{ ...BLANK_ORDER, ...reading.missing }]);
    return { ...reading, unread: [], cause: explanation?.cause };
  }
  if ('actions' in reading) return { ...reading, unread: [], actions: await reader.readVenueActions(question) };
  const { positions, orders, balances, unread } = await reader.readState({ balances: true });
  const sorted = balances.toSorted((a, b) => a.currency.localeCompare(b.currency));
  return { positions, orders, balances: sorted, unread: unread ?? [], kind: reader.accountKind };
}
