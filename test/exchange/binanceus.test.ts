import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, EXCHANGE_INFO, orderRow, SERVER_TIME } from './binance-fixtures.js';
import { BINANCE_REFUSALS } from './binance-refusals.js';
import { PATHS, serveAccount } from './binanceus-fixtures.js';
import { describeFaults } from './fault-table.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

describeFaults({
  id: 'binanceus',
  scopes: 3,
  refusals: BINANCE_REFUSALS,
  endpoints: [
    { path: PATHS.exchangeInfo, healthy: EXCHANGE_INFO, serve: serveAccount },
    { path: PATHS.time, healthy: { serverTime: SERVER_TIME }, serve: serveAccount },
    { path: PATHS.account, healthy: ACCOUNT, serve: serveAccount },
    { path: PATHS.openOrders, healthy: [orderRow('BTCUSDT', 1)], serve: serveAccount },
  ],
});

describe('a Binance.US account', () => {
  it('is read as one of Binance spot, without the wallets and orders that it does not have', async () => {
    const wire = serveAccount(await WireServer.start());
    const reader = await readerOf('binanceus', wire);
    expect(await reader.readState()).toMatchObject({
      scopes: ['balances', 'orders:conditional:spot', 'orders:regular:spot'],
      gaps: [],
      balances: [{ currency: 'BTC', total: '0.3' }, { currency: 'USDT' }],
      orders: [
        { id: '28', symbol: 'BTC/USDT', conditional: false },
        { id: '30', symbol: 'ETH/USDT', conditional: true },
      ],
    });
    const { exchangeInfo, time, account, openOrders, prices } = PATHS;
    expect(wire.paths).toEqual([exchangeInfo, time, account, openOrders, account, prices]);
    expect(await reader.auditKey()).toMatchObject({ canTrade: null, note: expect.stringContaining('does not report') });
    await wire.stop();
  });
});
