import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answer, KUCOIN_CREDENTIALS, PATHS, serveAccount, SERVER_TIME } from './kucoin-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

const SINCE = SERVER_TIME - 3_600_000;
const AT = SERVER_TIME - 60_000;

let wire: WireServer;
beforeEach(async () => {
  wire = serveAccount(await WireServer.start());
});
afterEach(() => wire.stop());

async function ask(question: { symbols?: string[]; currencies?: string[] }) {
  const reader = await readerOf('kucoin', wire, { now: () => SERVER_TIME, credentials: KUCOIN_CREDENTIALS });
  return reader.readVenueActions({ since: SINCE, symbols: [], currencies: [], ...question });
}

describe('what kucoin did to a contract', () => {
  const fill = (tradeType: string, fields: object = {}) => ({
    symbol: 'XBTUSDTM',
    tradeId: '5',
    orderId: 'o1',
    side: 'sell',
    price: '8302',
    size: 10,
    value: '83.02',
    fee: '0.1',
    tradeType,
    createdAt: AT,
    ...fields,
  });

  it.each([
    ['liquid', 'liquidation', 'sell', '-0.01'],
    ['liquidation', 'liquidation', 'buy', '0.01'],
    ['adl', 'deleveraging', 'buy', '0.01'],
    ['settlement', 'settlement', 'sell', '-0.01'],
  ])('a trade of type %s is a %s', async (tradeType, kind, side, change) => {
    wire.route(PATHS.futuresFills, answer({ items: [fill(tradeType, { side })] }));
    const symbol = 'BTC/USDT:USDT';
    expect(await ask({ symbols: [symbol] })).toEqual([{ kind, symbol, change, price: '8302', at: AT }]);
    expect(Object.fromEntries(wire.requests.at(-1)?.query ?? [])).toMatchObject({
      symbol: 'XBTUSDTM',
      tradeTypes: 'adl,liquid,settlement',
      startAt: String(SINCE),
    });
  });

  it('an inverse contract changes in US dollars', async () => {
    wire.route(PATHS.futuresFills, answer({ items: [fill('settlement', { symbol: 'XBTMH26', size: 25 })] }));
    expect(await ask({ symbols: ['BTC/USD:BTC-260327'] })).toMatchObject([{ kind: 'settlement', change: '-25' }]);
  });

  it('a trade of the account, of another contract or of an unknown type is none', async () => {
    const items = [fill('trade'), fill('liquid', { symbol: 'ETHUSDTM' }), fill('type_of_tomorrow')];
    wire.route(PATHS.futuresFills, answer({ items }));
    expect(await ask({ symbols: ['BTC/USDT:USDT', 'BTC/USDT', 'NEW/USDT:USDT'] })).toEqual([]);
  });
});

describe("what kucoin's ledger says of a currency", () => {
  const entry = (bizType: string, fields: object = {}) => ({
    id: '1',
    currency: 'USDT',
    amount: '10.5',
    fee: '0',
    balance: '0',
    accountType: 'TRADE_HF',
    bizType,
    direction: 'in',
    createdAt: AT,
    context: '',
    ...fields,
  });

  it.each([
    ['TRANSFER', 'in', 'transfer', '10.5'],
    ['SUB_TRANSFER', 'out', 'transfer', '-10.5'],
    ['DEPOSIT', 'in', 'deposit', '10.5'],
    ['KUCOIN_BONUS', 'in', 'deposit', '10.5'],
    ['WITHDRAW', 'out', 'withdrawal', '-10.5'],
    ['DEDUCTION_FEES', 'out', 'fee', '-10.5'],
    ['RETURNED_FEES', 'in', 'fee', '10.5'],
    ['CONVERT_TO_KCS', 'out', 'conversion', '-10.5'],
    ['Loans Repaid', 'in', 'transfer', '10.5'],
  ])('%s %s is a %s', async (bizType, direction, kind, change) => {
    wire.route(PATHS.hfLedger, answer([entry(bizType, { direction })]));
    expect(await ask({ currencies: ['USDT'] })).toEqual([{ kind, symbol: 'USDT', change, price: null, at: AT }]);
    expect(wire.requests.at(-1)?.query.get('currency')).toBe('USDT');
  });

  it('a trade is the order of the account, and its fee is a fee', async () => {
    wire.route(PATHS.hfLedger, answer([entry('TRADE_EXCHANGE', { fee: '0.0105' }), entry('TRADE_EXCHANGE')]));
    expect(await ask({ currencies: ['USDT'] })).toMatchObject([{ kind: 'fee', change: '-0.0105' }]);
  });

  it('of a low-frequency user is in the other ledger, with all wallets', async () => {
    wire.route(PATHS.opened, answer(false));
    const items = [entry('Deposit', { accountType: 'MAIN' }), entry('Transfer', { accountType: 'TRADE' })];
    wire.route(PATHS.ledger, answer({ currentPage: 1, pageSize: 500, totalNum: 2, totalPage: 1, items }));
    expect(await ask({ currencies: ['USDT'] })).toMatchObject([{ kind: 'transfer', change: '10.5' }]);
  });

  it('asks no further back than one day, which is what an answer covers', async () => {
    wire.route(PATHS.hfLedger, answer([]));
    const reader = await readerOf('kucoin', wire, { now: () => SERVER_TIME, credentials: KUCOIN_CREDENTIALS });
    await reader.readVenueActions({ since: 1, symbols: [], currencies: ['BTC'] });
    expect(wire.requests.at(-1)?.query.get('startAt')).toBe(String(SERVER_TIME - 86_400_000));
  });
});
