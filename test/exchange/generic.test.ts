import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { failureOf } from './failures.js';
import { WIRE_FAULTS } from './faults.js';
import { readerOf } from './readers.js';
import { sendJson, WireServer } from './wire-server.js';

/* Answers as docs.kraken.com and docs.deribit.com document them. */

const KRAKEN = { apiKey: 'kraken-key-1', secret: Buffer.from('kraken-secret-of-32-bytes-length').toString('base64') };

function pair(altname: string, base: string, quote: string) {
  return {
    altname,
    wsname: `${altname.slice(0, 3)}/${quote.slice(1)}`,
    aclass_base: 'currency',
    base,
    aclass_quote: 'currency',
    quote,
    lot: 'unit',
    pair_decimals: 1,
    lot_decimals: 8,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    fees: [[0, 0.4]],
    fees_maker: [[0, 0.25]],
    ordermin: '0.0001',
    costmin: '0.5',
    tick_size: '0.1',
    status: 'online',
  };
}

const OPEN = {
  'OQCLML-BW3P3-BUCMWZ': {
    refid: null,
    userref: 0,
    cl_ord_id: 'bot-1',
    status: 'open',
    opentm: 1764000000.1234,
    descr: {
      pair: 'XBTUSD',
      type: 'buy',
      ordertype: 'limit',
      price: '60000.0',
      price2: '0',
      leverage: 'none',
      order: '',
    },
    vol: '0.30000001',
    vol_exec: '0.10000000',
    cost: '6000',
    fee: '1',
    price: '60000.0',
    stopprice: '0.00000',
    limitprice: '0.00000',
    misc: '',
    oflags: 'fciq',
  },
};

function serveKraken(wire: WireServer): WireServer {
  return wire
    .route('/0/public/Time', { error: [], result: { unixtime: 1764000000, rfc1123: 'x' } })
    .route('/0/public/AssetPairs', { error: [], result: { XXBTZUSD: pair('XBTUSD', 'XXBT', 'ZUSD') } })
    .route('/0/public/Assets', { error: [], result: {} })
    .route('/0/private/BalanceEx', { error: [], result: { XXBT: { balance: '1.5000000001', hold_trade: '0' } } })
    .route('/0/private/OpenOrders', { error: [], result: { open: OPEN } })
    .route('/0/private/OpenPositions', { error: [], result: {} })
    .route('/0/private/QueryOrders', { error: [], result: {} });
}

describe('an exchange without a profile of its own (kraken)', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveKraken(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const reader = async () => readerOf('kraken', wire, { credentials: KRAKEN, deadlineSeconds: 2, maxBytes: 100_000 });

  it('is read through ccxt, claims what it shows and says that it is unverified', async () => {
    const kraken = await reader();
    expect(kraken.verifiedProfile).toBe(false);
    const snapshot = await kraken.readState();
    expect(snapshot).toMatchObject({
      asOf: 1764000000000,
      scopes: ['balances', 'orders:conditional:spot', 'orders:regular:spot'],
      orders: [
        {
          id: 'OQCLML-BW3P3-BUCMWZ',
          clientOrderId: 'bot-1',
          symbol: 'BTC/USD',
          side: 'buy',
          amount: '0.30000001',
          filled: '0.1',
        },
      ],
      balances: [{ currency: 'BTC', total: '1.5000000001' }],
    });
    expect(snapshot.gaps.every(({ reason }) => reason.startsWith('unverified profile'))).toBe(true);
  });

  it.each([
    ['/0/private/OpenOrders', 'orders'],
    ['/0/private/BalanceEx', 'balances'],
    ['/0/public/AssetPairs', 'markets'],
  ])(
    'is not read when %s fails in any way that can be seen',
    async (path) => {
      // A cut or wrapped answer has a shape of its own, and only a profile knows that it is not the right one.
      const unseen = /wrapped|\[\{\}\]|\[null\]|stall|drips|without a wait/;
      for (const fault of WIRE_FAULTS.filter(({ kind, name }) => kind !== 'rate_limited' && !unseen.test(name))) {
        const healthy = JSON.stringify({ error: [], result: { open: OPEN } });
        wire.spoil(path, undefined, (response) => fault.send(response, healthy));
        const failure = await failureOf((await reader()).readState());
        expect([fault.name, failure.kind]).toEqual([fault.name, fault.kind]);
      }
    },
    60_000,
  );

  it('is not read when the exchange answers with an error in a 200', async () => {
    wire.route('/0/private/OpenOrders', { error: ['EAPI:Invalid key'] });
    expect(await failureOf((await reader()).readState())).toMatchObject({
      kind: 'authentication',
      where: 'POST /0/private/OpenOrders (orders)',
    });
  });

  it('asks nothing but what ccxt fetches', async () => {
    await (await reader()).readState();
    expect([...new Set(wire.requests.map(({ path }) => path))].toSorted()).toEqual([
      '/0/private/BalanceEx',
      '/0/private/OpenOrders',
      '/0/public/AssetPairs',
      '/0/public/Time',
    ]);
  });

  it('never says of an order that it was never seen', async () => {
    wire.route('/0/private/QueryOrders', (_request, response) =>
      sendJson(response, { error: ['EOrder:Unknown order'] }),
    );
    const kraken = await reader();
    const { orders } = await kraken.readState();
    expect((await kraken.explainMissingOrders(orders)).map(({ cause }) => cause)).toEqual(['unknown']);
  });

  it('has nothing to say about its key', async () => {
    expect(await (await reader()).auditKey()).toMatchObject({
      canTrade: null,
      note: expect.stringContaining('kraken'),
    });
  });
});
