import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EXCHANGE_INFO, orderRow, PATHS, SERVER_TIME } from '../../test/exchange/binanceusdm-fixtures.js';

export interface LargeSides {
  url: string;
  stop: () => Promise<unknown>;
}

/**
 * Serves an exchange (Binance's USD-M format) and a bot at one address, each with that many open orders. If the bot's
 * orders are amended, every order differs.
 */
export async function serveLargeSides(orders: number, { amended }: { amended: boolean }): Promise<LargeSides> {
  const rows = Array.from({ length: orders }, (_, index) => orderRow('BTCUSDT', index + 1));
  const answers = {
    [PATHS.exchangeInfo]: EXCHANGE_INFO,
    [PATHS.time]: { serverTime: SERVER_TIME },
    [PATHS.positions]: [],
    [PATHS.openOrders]: rows,
    [PATHS.openAlgoOrders]: [],
    [PATHS.positionMode]: { dualSidePosition: false },
    '/bot/state': {
      version: 1,
      as_of: new Date(SERVER_TIME).toISOString(),
      position_mode: 'one-way',
      scopes: ['positions', 'orders'],
      positions: [],
      orders: rows.map((row) => ({
        id: String(row.orderId),
        client_order_id: row.clientOrderId,
        symbol: 'BTC/USDT:USDT',
        side: row.side.toLowerCase(),
        type: 'limit',
        price: amended ? `${row.price}1` : row.price,
        amount: row.origQty,
        filled: row.executedQty,
      })),
    },
  };
  const texts = Object.fromEntries(Object.entries(answers).map(([path, answer]) => [path, JSON.stringify(answer)]));
  const thread = new Worker(new URL('./answers-thread.mjs', import.meta.url), { workerData: { answers: texts } });
  const [port] = (await once(thread, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, stop: async () => thread.terminate() };
}
