import { futuresPath, page } from '../gate-fixtures.js';
import type { WireRequest } from '../wire-server.js';
import type { ForeignAnswer, Reading } from './answer-table.js';

/* Where the answers of Gate come from, and how its lists are served. */

export const JKORF = 'JKorf/GateIo.Net, GateIo.Net.UnitTests/Endpoints';
export const CCXT = 'ccxt/ccxt, ts/src/test/static/response/gate.json';
export const DOCS = 'www.gate.com/docs/developers/apiv4/en';
export const MODELS = 'gate/gateapi-python, docs';

export const AT = {
  positions: futuresPath('usdt', 'positions'),
  orders: futuresPath('usdt', 'orders'),
  priceOrders: futuresPath('usdt', 'price_orders'),
  trails: futuresPath('usdt', 'autoorder/v1/trail/list'),
  usdt: (path: string): string => futuresPath('usdt', path),
};

/** A list that is paged by offset. */
export const paged = (rows: object[]) => (request: WireRequest) => page(rows, request);

/** A list that is paged by number. */
export const firstPage =
  (document: (rows: object[]) => object, ...rows: object[]) =>
  ({ query }: WireRequest) =>
    document(query.get('page_num') === '1' ? rows : []);

export function entry(
  name: string,
  source: string,
  path: string,
  answer: ForeignAnswer['answer'],
  reading: Reading,
): ForeignAnswer {
  return { name, source, path, answer, reading };
}

export const held = (...positions: object[]): Reading => ({ state: { positions } });
export const open = (...orders: object[]): Reading => ({ state: { orders } });
