import { describe, expect, it } from '@jest/globals';
import { nearMarkets } from '../../src/exchange/market-answer.js';
import { UnknownNames } from '../../src/exchange/unknown-names.js';
import { currencyMeant, codesOfExchange } from '../../src/exchange/currency-aliases.js';

const MARKETS = ['FTT/USDT:USDT', 'FTM/USDC:USDC', 'FTM/USDT', 'SAND/USDT:USDT', 'BTC/USDT:USDT', 'ETH/USDT:USDT'].map(
  (symbol) => ({ symbol, id: symbol.replaceAll(/[/:].*?(?=[A-Z])/g, '').replace(/USDTUSDT$/, 'USDT') }),
);

describe('near names of an unknown market', () => {
  it.each([
    [
      'are those of its base currency first, then those with few other letters',
      'FTM/USDT:USDT',
      ['FTM/USDC:USDC', 'FTM/USDT', 'FTT/USDT:USDT'],
    ],
    ['have one other letter', 'BTX/USDT:USDT', ['BTC/USDT:USDT']],
    ['do not depend on the letter case', 'btc/usdt:usdt', ['BTC/USDT:USDT']],
    ['are found by the id', 'BTCUSDTT', ['BTC/USDT:USDT']],
    ['are none for a name like no other', 'MATIC/USDT:USDT', []],
    ['are none for an empty name', '', []],
  ])('%s', (_, name, near) => {
    expect(nearMarkets(name, MARKETS)).toEqual(near);
  });

  it('are at most three', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ symbol: `BTC/USD${index}`, id: `BTCUSD${index}` }));
    expect(nearMarkets('BTC/EUR', many)).toHaveLength(3);
  });
});

describe('names that the exchange does not have', () => {
  it('load the markets again at most every 15 minutes, each', () => {
    const names = new UnknownNames();
    const minute = 60_000;
    expect([0, 1, 14.9].map((at) => names.mayAskAgain('FTM', at * minute))).toEqual([true, false, false]);
    expect(names.mayAskAgain('LUNA', minute)).toBe(true);
    expect(names.mayAskAgain('FTM', 15 * minute)).toBe(true);
  });

  it('get their hints once for each list of markets, and at most 200 of them', () => {
    const names = new UnknownNames();
    let worked = 0;
    const list = {};
    const near = (name: string, of: object): string[] =>
      names.near(name, of, () => {
        worked += 1;
        return MARKETS;
      });
    expect(near('BTX/USDT:USDT', list)).toEqual(['BTC/USDT:USDT']);
    for (let index = 0; index < 250; index += 1) near(`N${index}`, list);
    expect(worked).toBe(1);
    expect(near('BTX/USDT:USDT', list)).toEqual(['BTC/USDT:USDT']);
    expect(near('BTY/USDT:USDT', list)).toEqual([]);
    expect(near('BTY/USDT:USDT', {})).toEqual(['BTC/USDT:USDT']);
    expect(worked).toBe(2);
  });
});

describe('a currency code', () => {
  it.each([
    ['binance', 'LDUSDT', 'USDT'],
    ['binance', 'LDLDO', 'LDO'],
    ['binance', 'LDO', 'LDO'],
    ['binance', 'usdt', 'USDT'],
    ['bybit', 'LDUSDT', 'LDUSDT'],
    ['bybit', 'XBT', 'BTC'],
    ['kraken', 'XXBT', 'BTC'],
    ['kraken', 'XBT.F', 'BTC'],
    ['kraken', 'ETH.S', 'ETH'],
    ['kraken', 'ZUSD', 'USD'],
    ['kraken', 'USD.M', 'USD'],
    ['kraken', 'ADA.B', 'ADA'],
    ['kraken', 'DOT.P', 'DOT'],
    ['kraken', 'XTZ', 'XTZ'],
    ['kraken', 'ZRX', 'ZRX'],
    ['okx', 'ETH.S', 'ETH.S'],
    ['okx', 'constructor', 'CONSTRUCTOR'],
  ])('on %s: %s means %s', (exchange, code, currency) => {
    expect(currencyMeant(exchange, code)).toBe(currency);
  });

  it('of an exchange that means itself is not listed', () => {
    expect(codesOfExchange('binance', [{ currency: 'BTC', total: '1' }])).toEqual({});
    expect(codesOfExchange('binance', [{ currency: 'LDBTC', total: '1' }])).toEqual({
      currencyCodes: { LDBTC: 'BTC' },
    });
  });
});
