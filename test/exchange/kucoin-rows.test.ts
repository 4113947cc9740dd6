import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import {
  answer,
  futuresRow,
  KUCOIN_CREDENTIALS,
  ocoOf,
  page,
  PATHS,
  positionRow,
  ROWS,
  serveAccount,
  spotRow,
  stopRow,
  type AccountRows,
} from './kucoin-fixtures.js';
import { readerOf } from './readers.js';
import { describeRowFaults } from './row-faults.js';
import { sendJson, WireServer } from './wire-server.js';

const nothing = { query: new URLSearchParams() };
/** Every list has a row after the one that is spoiled. */
const SPOT = [spotRow('BTC-USDT', 's1', { dealSize: '0.004' }), spotRow('BTC-USDT', 's2')];
const SOME: AccountRows = {
  ...ROWS,
  spot: { 'BTC-USDT': SPOT },
  spotStops: [stopRow('BTC-USDT', 'vs1'), stopRow('BTC-USDT', 'vs2')],
  oco: [ocoOf('oco1', 'BTC-USDT'), ocoOf('oco2', 'BTC-USDT')],
};
const gone = (_: unknown, response: Parameters<typeof sendJson>[0]): void =>
  sendJson(response, { code: '400100', msg: 'order not exist.' });
const serve = (wire: WireServer): WireServer =>
  serveAccount(wire, SOME).route(`${PATHS.ocoDetails}/SOMETHING_NEW`, gone);
const old = {
  ...SOME,
  spot: {},
  oldSpot: SPOT.map(({ active: isActive, lastUpdatedAt: _changed, ...row }) => ({ ...row, isActive })),
};

const OWN = 'any text is a client order id';
const CHANGED = 'the time of the creation counts where no time of a change is reported';
const STOP = 'a regular order that never waited has no trigger price';
const CLIENT = { clientOid: OWN, id: 'any text is an id' };

describeRowFaults({
  id: 'kucoin',
  credentials: KUCOIN_CREDENTIALS,
  endpoints: [
    { path: PATHS.positions, healthy: answer(SOME.positions), serve },
    { path: PATHS.accounts, healthy: answer(SOME.accounts), serve },
    { path: PATHS.spotOrders, healthy: page(SPOT, nothing), serve },
    { path: PATHS.spotStops, healthy: page(SOME.spotStops, nothing), serve },
    { path: PATHS.futuresOrders, healthy: page(SOME.futures, nothing), serve },
    { path: PATHS.futuresStops, healthy: page(SOME.futuresStops, nothing), serve },
    { path: PATHS.oco, healthy: page(SOME.oco, nothing), serve },
    { path: `${PATHS.ocoDetails}/oco1`, healthy: answer(SOME.oco[0]), serve },
  ],
  harmless: {
    [PATHS.accounts]: {
      currency: 'any word is the name of a currency',
      type: 'an account of another type is another wallet, which the gaps name',
    },
    [PATHS.spotOrders]: { ...CLIENT, lastUpdatedAt: CHANGED },
    [PATHS.spotStops]: CLIENT,
    [PATHS.futuresOrders]: { ...CLIENT, updatedAt: CHANGED, stopPrice: STOP },
    [PATHS.futuresStops]: { ...CLIENT, updatedAt: CHANGED },
    [PATHS.oco]: { orderTime: CHANGED },
    [`${PATHS.ocoDetails}/oco1`]: CLIENT,
  },
});

describeRowFaults({
  id: 'kucoin',
  credentials: KUCOIN_CREDENTIALS,
  endpoints: [
    {
      path: PATHS.futuresOrders,
      when: ({ query }) => query.get('tradeType') === 'TRADE',
      healthy: page(old.oldSpot, nothing),
      serve: (wire) => serveAccount(wire, old),
    },
  ],
  harmless: { [PATHS.futuresOrders]: CLIENT },
});

describe('one row of a kucoin account', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serve(await WireServer.start());
  });
  afterEach(() => wire.stop());

  async function read(rows: Partial<AccountRows>): Promise<Snapshot> {
    serveAccount(wire, { ...SOME, ...rows });
    return (await readerOf('kucoin', wire, { credentials: KUCOIN_CREDENTIALS })).readState();
  }

  it.each<[what: string, rows: Partial<AccountRows>, scope: string, symbol: string, reason: string]>([
    [
      'of a contract that is not listed (pre-listing, settling, delisted)',
      { positions: [positionRow('NEWUSDTM', 1), positionRow('XBTUSDTM', 1)] },
      'positions',
      'NEWUSDTM',
      'names "NEWUSDTM"',
    ],
    [
      'of a side that is not known',
      { positions: [positionRow('XBTUSDTM', 1, { positionSide: 'NET' })] },
      'positions',
      'BTC/USDT:USDT',
      'positionSide is "NET"; known are BOTH, LONG, SHORT',
    ],
    [
      'of a contract whose multiplier has changed since the contracts were read',
      { positions: [positionRow('XBTUSDTM', 5, { markPrice: 60_000, markValue: 3_000 })] },
      'positions',
      'BTC/USDT:USDT',
      'reported XBTUSDTM at a value of 0.01 a contract, where the list of contracts says 0.001',
    ],
    [
      'of a status that is not known',
      { futures: [futuresRow('XBTUSDTM', 'f1', { status: 'frozen' })] },
      'orders:regular',
      'BTC/USDT:USDT',
      'status is "frozen"',
    ],
    [
      'of a limit order without a price',
      { futures: [futuresRow('XBTUSDTM', 'f1', { price: null })] },
      'orders:regular',
      'BTC/USDT:USDT',
      'order f1 as a limit order without a price',
    ],
    [
      'of a stop without a trigger price',
      { futuresStops: [futuresRow('XBTUSDTM', 't1', { stop: 'down', stopPrice: null })] },
      'orders:conditional',
      'BTC/USDT:USDT',
      'order t1 among those that wait for a price, without that price',
    ],
    [
      'of a stop without an amount that closes no position',
      { futuresStops: [futuresRow('XBTUSDTM', 't1', { stop: 'up', stopPrice: '70000', size: 0, reduceOnly: true })] },
      'orders:conditional',
      'BTC/USDT:USDT',
      'order t1 with the amount 0',
    ],
    [
      'of an OCO of a status that is not known',
      { oco: [{ ...ocoOf('oco1', 'ETH-USDT'), status: 'SUSPENDED' }] },
      'orders:conditional:spot',
      'ETH/USDT',
      'status is "SUSPENDED"',
    ],
    [
      'of an order of an OCO without a size',
      { oco: [ocoOf('oco1', 'ETH-USDT', [{ size: '' }, {}])] },
      'orders:conditional:spot',
      'ETH/USDT',
      'size is ""',
    ],
  ])('%s costs only its symbol', async (_what, rows, scope, symbol, reason) => {
    const { unread, scopes } = await read(rows);
    expect(unread).toEqual([expect.objectContaining({ scope, symbol, reason: expect.stringContaining(reason) })]);
    expect(scopes).toHaveLength(9);
  });

  it('leaves out what holds nothing and what is over, whatever else it says', async () => {
    const { unread, orders, positions } = await read({
      positions: [positionRow('XBTUSDTM', 0, { positionSide: '', avgEntryPrice: null })],
      spotStops: [stopRow('BTC-USDT', 'vs1', { status: 'TRIGGERED', size: null }), stopRow('BTC-USDT', 'vs2')],
      oco: [
        { ...ocoOf('oco1', 'BTC-USDT'), status: 'DONE' },
        { ...ocoOf('oco2', 'BTC-USDT'), status: 'CANCELLED' },
      ],
    });
    expect(unread).toBeUndefined();
    expect(positions).toEqual([]);
    const spotStops = orders.filter(({ conditional, symbol }) => conditional && symbol === 'BTC/USDT');
    expect(spotStops.map(({ id }) => id)).toEqual(['vs2']);
  });
});
