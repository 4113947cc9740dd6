import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';

/** An order as a bot remembers it, for questions about missing orders. A test adds the ids. */
export const REMEMBERED_ORDER: OpenOrder = {
  id: null,
  clientOrderId: null,
  symbol: 'BTC/USDT:USDT',
  side: 'buy',
  type: 'limit',
  price: '60000',
  triggerPrice: null,
  amount: '0.01',
  filled: '0',
  conditional: false,
  changedAt: null,
};
