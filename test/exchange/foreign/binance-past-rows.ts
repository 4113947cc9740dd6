import type { VenueAction } from '../../../src/domain/explain/cause.js';

/* Rows of the histories of Binance spot. */

export const ORDER = '/api/v3/order';
export const WALLET = 'developers.binance.com, wallet';

/** The order that questions are about. */
export const ASKED = { id: '501', symbol: 'LTC/BTC', amount: '1' };

export function acted(kind: VenueAction['kind'], symbol: string, change: string, at: number): VenueAction {
  return { kind, symbol, change, price: null, at };
}

export const DEPOSIT = {
  network: 'BNB',
  address: 'an-address',
  addressTag: '101',
  txId: 'a-transaction',
  transferType: 0,
  confirmTimes: '1/1',
};
export const WITHDRAWAL = {
  id: 'a-withdrawal',
  address: 'an-address',
  txId: 'a-transaction',
  network: 'ETH',
  transferType: 0,
  info: '',
  txKey: '',
};
