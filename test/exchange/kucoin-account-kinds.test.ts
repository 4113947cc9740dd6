import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { failureOf } from './failures.js';
import {
  answer,
  contract,
  CONTRACTS,
  futuresRow,
  KUCOIN_CREDENTIALS,
  ocoOf,
  PATHS,
  positionRow,
  ROWS,
  serveAccount,
  SERVER_TIME,
  spotRow,
  stopRow,
  type AccountRows,
} from './kucoin-fixtures.js';
import { readerOf } from './readers.js';
import { sendJson, WireServer } from './wire-server.js';

let wire: WireServer;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start());
});
afterEach(() => wire.stop());

const reader = (served = wire) => readerOf('kucoin', served, { credentials: KUCOIN_CREDENTIALS });

async function read(rows: Partial<AccountRows> = {}): Promise<Snapshot> {
  serveAccount(wire, { ...ROWS, ...rows });
  return (await reader()).readState();
}

describe('positions of kucoin', () => {
  it.each([
    ['a negative number', -100],
    ['a number without a sign', 100],
  ])('a SHORT leg is short with %s', async (_name, quantity) => {
    const short = positionRow('XBTUSDTM', quantity, { positionSide: 'SHORT' });
    const { positions } = await read({ hedge: true, positions: [short] });
    expect(positions).toMatchObject([{ symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.1' }]);
  });

  it('of an answer without positionSide have their side from the sign', async () => {
    const { positionSide: _, ...row } = positionRow('XBTUSDTM', -3);
    expect((await read({ positions: [row] })).positions).toMatchObject([{ side: 'short', amount: '0.003' }]);
    serveAccount(wire, { ...ROWS, hedge: true, positions: [row] });
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'incomplete' });
  });

  it('of inverse and dated contracts are in US dollars', async () => {
    const value = { settleCurrency: 'XBT', markPrice: 50_000, markValue: -0.0002 };
    const positions = [positionRow('XBTUSDM', 10, value), positionRow('XBTMH26', -10, { ...value, markValue: 0.0002 })];
    expect(await read({ positions })).toMatchObject({
      positions: [
        { symbol: 'BTC/USD:BTC', side: 'long', amount: '10' },
        { symbol: 'BTC/USD:BTC-260327', side: 'short', amount: '10' },
      ],
      markets: { 'BTC/USD:BTC': { amountStep: '1' } },
    });
  });
});

it('a contract without a funding time and without an expiry costs its own name', async () => {
  const fields = { baseCurrency: 'SOL', nextFundingRateTime: null, expireDate: null };
  wire.route(PATHS.contracts, answer([...CONTRACTS, contract('SOLUSDTM', fields)]));
  const rows = answer([positionRow('SOLUSDTM', 4), positionRow('XBTUSDTM', 4)]);
  const { positions, unread } = await (await reader(wire.route(PATHS.positions, rows))).readState();
  expect(positions.map(({ symbol }) => symbol)).toEqual(['BTC/USDT:USDT']);
  expect(unread).toMatchObject([{ scope: 'positions', symbol: 'SOLUSDTM', code: 'ROW_UNREADABLE' }]);
});

describe('OCO orders of kucoin spot', () => {
  it('are two orders of one parent', async () => {
    const { orders } = await read({ oco: [ocoOf('oco1', 'BTC-USDT')] });
    const common = { symbol: 'BTC/USDT', side: 'sell', amount: '0.02', conditional: true, parent: 'oco1' };
    expect(orders.filter(({ parent }) => parent !== undefined)).toMatchObject([
      { id: 'oco1-1', price: '70000.00000000', triggerPrice: '70000.00000000', clientOrderId: null, ...common },
      { id: 'oco1-2', price: '54000.00000000', triggerPrice: '55000.00000000', clientOrderId: null, ...common },
    ]);
  });

  it('count once where the list of stop orders has them too', async () => {
    const spotStops = [stopRow('BTC-USDT', 'oco1-2', { clientOid: 'mine' }), stopRow('BTC-USDT', 'vs1')];
    const { orders } = await read({ spotStops, oco: [ocoOf('oco1', 'BTC-USDT')] });
    const conditional = orders.filter(({ symbol, conditional: waits }) => waits && symbol === 'BTC/USDT');
    expect(conditional.map(({ id, parent, clientOrderId }) => [id, parent, clientOrderId])).toEqual([
      ['oco1-2', 'oco1', 'mine'],
      ['vs1', undefined, 'bot-vs1'],
      ['oco1-1', 'oco1', null],
    ]);
  });

  it('fail the read when their details are of another OCO, or do not come', async () => {
    wire.route(
      PATHS.oco,
      answer({ currentPage: 1, pageSize: 50, totalNum: 1, totalPage: 1, items: [ocoOf('oco1', 'BTC-USDT')] }),
    );
    wire.route(`${PATHS.ocoDetails}/oco1`, answer(ocoOf('oco2', 'BTC-USDT')));
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'incomplete' });
    wire.route(`${PATHS.ocoDetails}/oco1`, (_request, response) => void response.writeHead(502).end());
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'network' });
  });
});

describe('spot orders of a low-frequency user of kucoin', () => {
  const oldRow = ({ active: isActive, lastUpdatedAt: _changed, ...row }: ReturnType<typeof spotRow>) => ({
    ...row,
    isActive,
  });

  it('are in the old list, and one of both lists counts once', async () => {
    const oldSpot = [oldRow(spotRow('BTC-USDT', 's7')), oldRow(spotRow('ETH-USDT', 's8'))];
    const spot = { 'BTC-USDT': [spotRow('BTC-USDT', 's7'), spotRow('BTC-USDT', 's9')] };
    const { orders } = await read({ oldSpot, spot });
    const spotOrders = orders.filter(({ symbol, conditional }) => !conditional && !symbol.includes(':'));
    expect(spotOrders.map(({ id }) => id)).toEqual(['s7', 's8', 's9']);
    expect(spotOrders[1]).toMatchObject({ symbol: 'ETH/USDT', changedAt: SERVER_TIME - 7_200_000 });
  });

  it('of a high-frequency user are not asked there', async () => {
    await read();
    expect(wire.requests.filter(({ query }) => query.get('tradeType') === 'TRADE')).toEqual([]);
  });
});

describe('other wallets of a kucoin account', () => {
  const asset = (currency: string, total: string, liability = '0') => ({
    currency,
    total,
    available: '0',
    hold: '0',
    liability,
  });

  it('margin accounts are named with what they hold and owe', async () => {
    wire.route(
      PATHS.crossMargin,
      answer({ debtRatio: '0', accounts: [asset('USDT', '38.6'), asset('BTC', '0', '0.01')] }),
    );
    const assets = [{ symbol: 'ETH-USDT', baseAsset: asset('ETH', '2'), quoteAsset: asset('USDT', '0') }];
    wire.route(PATHS.isolatedMargin, answer({ timestamp: SERVER_TIME, assets }));
    const { gaps } = await (await reader()).readState();
    const reason = 'the margin accounts hold ETH, USDT and owe BTC, and are not read';
    expect(gaps.slice(0, 4)).toEqual(
      ['positions:spot', 'orders:regular:margin', 'orders:conditional:margin', 'balances:margin'].map((scope) => ({
        scope,
        reason,
      })),
    );
    const asked = wire.requests.filter(({ path }) => [PATHS.crossMargin, PATHS.isolatedMargin].includes(path as never));
    expect(asked.map(({ query }) => query.get('queryType'))).toEqual(['ALL', 'ALL']);
  });

  it('are named where the key may not ask, and fail the read where the answer cannot be read', async () => {
    const denied = (_: unknown, response: Parameters<typeof sendJson>[0]): void =>
      sendJson(response, { code: '400007', msg: 'Access denied' });
    wire.route(PATHS.crossMargin, denied);
    const { gaps } = await (await reader()).readState();
    expect(gaps).toContainEqual({
      scope: 'balances:margin',
      reason: 'the key may not ask what the margin accounts hold',
    });
    wire.route(PATHS.crossMargin, answer({ accounts: [{ currency: 'BTC', total: '' }] }));
    expect(await failureOf((await reader()).readState())).toMatchObject({ kind: 'unreadable' });
  });

  it('wallets of the account list are named by their type, with their currencies', async () => {
    const account = (type: string, currency: string) => ({
      id: type,
      currency,
      type,
      balance: '1',
      available: '1',
      holds: '0',
    });
    const accounts = [
      ...['BTC', 'ETH', 'SOL', 'ADA', 'XRP', 'DOT', 'TRX'].map((currency) => account('main', currency)),
      account('contract_pro', 'USDT'),
      account('margin', 'USDT'),
    ];
    const { gaps } = await read({ accounts });
    expect(gaps.map(({ reason }) => reason)).toEqual([
      'the funding account holds ADA, BTC, DOT, ETH, SOL and 2 more, and is not read',
      'the account "contract_pro" holds USDT, and is not read',
      'futures wallets move with every price; the spot account is read',
    ]);
  });
});

describe('stops of kucoin futures', () => {
  it('has stops that close a position, by mark, index or trade price', async () => {
    const stop = (id: string, fields: object) =>
      futuresRow('XBTUSDTM', id, { type: 'market', price: null, stop: 'up', stopPrice: '70000', ...fields });
    const futuresStops = [
      stop('a', { stopPriceType: 'MP', closeOrder: true, size: 0 }),
      stop('b', { stopPriceType: 'IP', reduceOnly: true, size: 7 }),
      stop('c', { stopPriceType: 'TP', type: 'limit', price: '70100', size: 1, stopTriggered: null, clientOid: null }),
    ];
    serveAccount(wire, { ...ROWS, futuresStops }).route(PATHS.contracts, answer(CONTRACTS));
    const { orders } = await (await reader()).readState();
    expect(orders.filter(({ conditional, symbol }) => conditional && symbol.includes(':'))).toMatchObject([
      { id: 'a', amount: null, triggerPrice: '70000', price: null },
      { id: 'b', amount: '0.007', triggerPrice: '70000' },
      { id: 'c', amount: '0.001', triggerPrice: '70000', price: '70100', clientOrderId: null },
    ]);
  });
});
