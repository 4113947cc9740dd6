import type { ForeignAnswer, Reading } from './answer-table.js';
import { page } from '../kucoin-fixtures.js';
import type { WireRequest } from '../wire-server.js';

/* Where the answers of KuCoin come from, and how its lists are served. */

export const SDK = 'Kucoin/kucoin-universal-sdk, sdk/node/src/generate';
export const JKORF = 'JKorf/Kucoin.Net, Kucoin.Net.UnitTests/Endpoints';
export const CCXT = 'ccxt/ccxt, ts/src/test/static/response';
export const DOCS = 'www.kucoin.com/docs-new/rest';

export function entry(
  name: string,
  source: string,
  path: string,
  reply: ForeignAnswer['answer'],
  reading: Reading,
): ForeignAnswer {
  return { name, source, path, answer: reply, reading };
}

/** A list in numbered pages; the old list of spot orders shares a path with that of futures. */
export const paged =
  (...rows: object[]) =>
  (request: WireRequest) =>
    page(request.query.get('tradeType') === 'TRADE' ? [] : rows, request);
export const oldPaged =
  (...rows: object[]) =>
  (request: WireRequest) =>
    page(request.query.get('tradeType') === 'TRADE' ? rows : [], request);

export const held = (...positions: object[]): Reading => ({ state: { positions } });
export const open = (...orders: object[]): Reading => ({ state: { orders } });

export const POSITIONS_SDK = `${SDK}/futures/positions/api_positions.test.ts`;
export const SPOT_SDK = `${SDK}/spot/order/api_order.test.ts`;
export const ACCOUNT_SDK = `${SDK}/account/account/api_account.test.ts`;
