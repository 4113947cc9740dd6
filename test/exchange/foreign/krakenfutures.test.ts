import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { answer, KRAKEN_CREDENTIALS, PATHS } from '../krakenfutures-fixtures.js';
import { readerOf } from '../readers.js';
import { WireServer, type WireRequest } from '../wire-server.js';
import { ACCOUNT_LOG, FOREIGN } from './krakenfutures.js';
import { itIsLargeEnough, readAs } from './inspector-readings.js';

const inverse = { type: 'futures_inverse', contractValueTradePrecision: 0 };
const instrument = (symbol: string, more: object = {}): object => ({
  symbol,
  type: 'flexible_futures',
  tickSize: 0.5,
  contractSize: 1,
  tradeable: true,
  contractValueTradePrecision: 4,
  openingDate: '2022-03-22T13:18:45Z',
  postOnly: false,
  ...more,
});
const dated = { lastTradingTime: '2026-12-25T16:00:00.000Z' };
const INSTRUMENTS = answer({
  instruments: [
    ...['PF_XBTUSD', 'PF_ETHUSD', 'PF_LTCUSD', 'PF_DOGEUSD'].map((symbol) => instrument(symbol)),
    instrument('PF_PEPEUSD', { contractValueTradePrecision: -3, tickSize: 1e-10 }),
    instrument('PI_XBTUSD', inverse),
    instrument('PI_ETHUSD', inverse),
    instrument('FI_XBTUSD_261225', { ...inverse, ...dated }),
    instrument('FF_XBTUSD_261225', dated),
  ],
});
const NOW = Date.parse('2025-10-21T08:44:02.204Z');

let wire: WireServer | null = null;
const served: WireServer[] = [];
beforeEach(async () => {
  wire = await WireServer.start();
  served.push(wire);
});
afterAll(() => Promise.all(served.map((each) => each.stop())));

itIsLargeEnough(FOREIGN);

const QUESTION = {
  since: NOW - 600_000,
  symbols: ['BTC/USD:USD', 'BTC/USD:BTC'],
  currencies: ['USD', 'USDT', 'ETH', 'BTC'],
};

describe('a foreign answer of Kraken Futures', () => {
  it.each(FOREIGN)('$name', async ({ path, answer: foreign, reading }) => {
    if (wire === null) throw new Error('no server');
    const nothing = { accountUid: 'u', elements: [] };
    wire
      .route(PATHS.instruments, INSTRUMENTS)
      .route(PATHS.positions, answer({ openPositions: [] }))
      .route(PATHS.orders, answer({ openOrders: [] }))
      .route(PATHS.accounts, answer({ accounts: { cash: { type: 'cashAccount', balances: {} } } }))
      .route(ACCOUNT_LOG, { accountUid: 'u', logs: [] });
    for (const events of [PATHS.orderEvents, PATHS.triggerEvents, PATHS.executions]) wire.route(events, nothing);
    let pages = 0;
    // A history ends with a page without anything new.
    const isHistory = path.startsWith('/api/history/') && path !== ACCOUNT_LOG;
    wire.route(path, (_request: WireRequest) => (isHistory && pages++ > 0 ? nothing : foreign));
    const reader = await readerOf('krakenfutures', wire, { credentials: KRAKEN_CREDENTIALS, now: () => NOW });
    expect(await readAs(reader, reading, QUESTION)).toMatchObject({ unread: [], ...reading });
  });
});
