import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { serveAccount, SERVER_TIME } from './binance-fixtures.js';
import { serveAccount as serveUsAccount } from './binanceus-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, type WireRequest, WireServer } from './wire-server.js';

const WALLET = '/sapi/v1';
const TRADES = '/api/v3/myTrades';
const AT = SERVER_TIME - 1_000;

function serveNothing(wire: WireServer): WireServer {
  return serveAccount(wire)
    .route(`${WALLET}/capital/deposit/hisrec`, [])
    .route(`${WALLET}/capital/withdraw/history`, [])
    .route(`${WALLET}/asset/dribblet`, { total: 0, userAssetDribblets: [] })
    .route(`${WALLET}/convert/tradeFlow`, { list: [], limit: 100, moreData: false })
    .route(`${WALLET}/asset/assetDividend`, { rows: [], total: 0 })
    .route(`${WALLET}/asset/transfer`, { total: 0 })
    .route(TRADES, []);
}

/** As "Deposit History" shows them. */
function deposit(fields: Record<string, unknown> = {}) {
  return {
    id: '769800519366885376',
    amount: '0.001',
    coin: 'BTC',
    network: 'BTC',
    status: 1,
    address: 'an-address',
    addressTag: '',
    txId: 'a-transaction',
    insertTime: AT - 60_000,
    completeTime: AT,
    transferType: 0,
    confirmTimes: '1/1',
    unlockConfirm: 0,
    walletType: 0,
    ...fields,
  };
}

/** As "Withdraw History" shows them. */
function withdrawal(fields: Record<string, unknown> = {}) {
  return {
    id: 'a-withdrawal',
    amount: '8.91000000',
    transactionFee: '0.004',
    coin: 'USDT',
    status: 6,
    address: 'an-address',
    txId: 'a-transaction',
    applyTime: '2025-11-24 15:59:59',
    network: 'ETH',
    transferType: 0,
    info: '',
    confirmNo: 3,
    walletType: 0,
    txKey: '',
    ...fields,
  };
}

describe('what moved a binance spot wallet besides trades', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveNothing(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const asked = async (currencies: string[], symbols: string[] = []) =>
    (await readerOf('binance', wire, { now: () => SERVER_TIME })).readVenueActions({
      since: SERVER_TIME - 60_000,
      symbols,
      currencies,
    });

  it('is asked of nobody where nothing differs', async () => {
    expect(await asked([])).toEqual([]);
    expect(wire.paths.filter((path) => path.startsWith(WALLET))).toEqual([]);
  });

  it('are deposits that were credited to the spot wallet', async () => {
    wire.route(`${WALLET}/capital/deposit/hisrec`, [
      deposit(),
      deposit({ status: 6, amount: '2', completeTime: undefined }),
      deposit({ status: 0 }),
      deposit({ status: 7 }),
      deposit({ walletType: 1 }),
      deposit({ coin: 'ETH' }),
    ]);
    expect(await asked(['BTC'])).toEqual([
      { kind: 'deposit', symbol: 'BTC', change: '0.001', price: null, at: AT },
      { kind: 'deposit', symbol: 'BTC', change: '2', price: null, at: AT - 60_000 },
    ]);
    expect(wire.requests.find(({ path }) => path.endsWith('hisrec'))?.query.get('startTime')).toBe(
      String(SERVER_TIME - 60_000),
    );
  });

  it('are withdrawals with their fee, from the moment they are asked for', async () => {
    const at = Date.UTC(2025, 10, 24, 15, 59, 59);
    const kept = [1, 3, 5].map((status) => withdrawal({ status }));
    wire.route(`${WALLET}/capital/withdraw/history`, [
      withdrawal({ status: 2 }),
      ...kept,
      withdrawal({ walletType: 1 }),
    ]);
    expect(await asked(['USDT'])).toEqual([
      { kind: 'withdrawal', symbol: 'USDT', change: '-8.91', price: null, at },
      { kind: 'fee', symbol: 'USDT', change: '-0.004', price: null, at },
    ]);
  });

  it('are small amounts exchanged for BNB', async () => {
    const detail = { transId: 4359321, serviceChargeAmount: '0.000009', amount: '0.0009', operateTime: AT };
    wire.route(`${WALLET}/asset/dribblet`, {
      total: 1,
      userAssetDribblets: [
        {
          operateTime: AT,
          totalTransferedAmount: '0.000441',
          totalServiceChargeAmount: '0.000009',
          transId: 45178372831,
          userAssetDribbletDetails: [{ ...detail, transferedAmount: '0.000441', fromAsset: 'USDT' }],
        },
      ],
    });
    expect(await asked(['USDT', 'BNB'])).toEqual([
      { kind: 'conversion', symbol: 'USDT', change: '-0.0009', price: null, at: AT },
      { kind: 'conversion', symbol: 'BNB', change: '0.000441', price: null, at: AT },
    ]);
  });

  it('are conversions that succeeded', async () => {
    const row = {
      quoteId: 'a-quote',
      orderId: '940708407462087195',
      fromAsset: 'USDT',
      fromAmount: '20',
      toAsset: 'BNB',
    };
    const done = { ...row, toAmount: '0.06154036', ratio: '0.00307702', inverseRatio: '324.99', createTime: AT };
    wire.route(`${WALLET}/convert/tradeFlow`, {
      list: [
        { ...done, orderStatus: 'SUCCESS' },
        { ...done, orderStatus: 'FAIL' },
      ],
      limit: 100,
      moreData: false,
    });
    expect(await asked(['USDT', 'BNB'])).toEqual([
      { kind: 'conversion', symbol: 'USDT', change: '-20', price: null, at: AT },
      { kind: 'conversion', symbol: 'BNB', change: '0.06154036', price: null, at: AT },
    ]);
  });

  it('are distributions and rewards', async () => {
    const row = {
      id: 1637366104,
      amount: '10.00000000',
      asset: 'BTC',
      divTime: AT,
      enInfo: 'Flexible',
      tranId: 2968885920,
    };
    wire.route(`${WALLET}/asset/assetDividend`, {
      rows: [{ ...row, direction: 1 }, { ...row, direction: -1 }, row],
      total: 3,
    });
    expect((await asked(['BTC'])).map(({ kind, change }) => [kind, change])).toEqual([
      ['interest', '10'],
      ['interest', '-10'],
      ['interest', '10'],
    ]);
  });

  it('are transfers to and from the other wallets', async () => {
    const row = { asset: 'USDT', amount: '1', status: 'CONFIRMED', tranId: 11415955596, timestamp: AT };
    wire.route(`${WALLET}/asset/transfer`, ({ query }: WireRequest) => {
      const type = query.get('type');
      if (type === 'MAIN_UMFUTURE')
        return {
          total: 2,
          rows: [
            { ...row, type },
            { ...row, type, status: 'PENDING' },
          ],
        };
      return type === 'FUNDING_MAIN' ? { total: 1, rows: [{ ...row, type, amount: '5' }] } : { total: 0 };
    });
    expect(await asked(['USDT'])).toEqual([
      { kind: 'transfer', symbol: 'USDT', change: '-1', price: null, at: AT },
      { kind: 'transfer', symbol: 'USDT', change: '5', price: null, at: AT },
    ]);
  });

  it('are fees, taken from the bought coin or from BNB', async () => {
    const trade = { symbol: 'BTCUSDT', id: 28457, orderId: 100234, orderListId: -1, price: '60000', qty: '0.79' };
    const fee = { ...trade, quoteQty: '47400', time: AT, isBuyer: true, isMaker: false, isBestMatch: true };
    wire.route(TRADES, ({ query }: WireRequest) =>
      query.get('symbol') === 'BTCUSDT'
        ? [
            { ...fee, commission: '0.00079000', commissionAsset: 'BTC' },
            { ...fee, commission: '0.00010000', commissionAsset: 'BNB' },
          ]
        : [],
    );
    expect(await asked(['BTC'])).toEqual([{ kind: 'fee', symbol: 'BTC', change: '-0.00079', price: null, at: AT }]);
    expect(await asked(['BNB'], ['BTC/USDT'])).toMatchObject([{ kind: 'fee', symbol: 'BNB', change: '-0.0001' }]);
  });

  it('is what the other questions show where one fails', async () => {
    wire.route(`${WALLET}/capital/deposit/hisrec`, [deposit()]);
    wire.route(`${WALLET}/convert/tradeFlow`, (_request, response) => sendJson(response, {}, 500));
    wire.route(`${WALLET}/capital/withdraw/history`, [{ ...withdrawal(), applyTime: 'yesterday' }]);
    expect(await asked(['BTC'])).toMatchObject([{ kind: 'deposit' }]);
  });
});

describe('what moved a Binance.US wallet besides trades', () => {
  it('are deposits, withdrawals, distributions and fees', async () => {
    const wire = serveUsAccount(await WireServer.start());
    wire
      .route(`${WALLET}/capital/deposit/hisrec`, [deposit({ walletType: undefined })])
      .route(`${WALLET}/capital/withdraw/history`, [withdrawal({ coin: 'BTC', walletType: undefined })])
      .route(`${WALLET}/asset/assetDistributionHistory`, {
        rows: [{ asset: 'BTC', amount: '0.00001', divTime: AT, enInfo: 'staking', tranId: 1 }],
        total: 1,
      })
      .route(TRADES, []);
    const reader = await readerOf('binanceus', wire);
    const found = await reader.readVenueActions({ since: SERVER_TIME - 60_000, symbols: [], currencies: ['BTC'] });
    expect(found.map(({ kind }) => kind)).toEqual(['deposit', 'withdrawal', 'fee', 'interest']);
    await wire.stop();
  });
});
