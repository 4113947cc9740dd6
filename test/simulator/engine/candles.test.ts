import { describe, expect, it } from '@jest/globals';
import {
  candlesIn,
  candlesOf,
  recordPrices,
  timeframeOf,
  type CandleSpan,
  type PriceHistory,
  type Timeframe,
} from '../../../packages/exchange-simulator/src/engine/candles.js';
import { Engine } from '../../../packages/exchange-simulator/src/engine/engine.js';

const at = (text: string): number => Date.parse(`2026-11-${text}Z`);
const HISTORY: PriceHistory = {
  opening: '100',
  bars: [
    { at: at('22T15:03'), high: '120', low: '90', close: '110' },
    { at: at('22T15:04'), high: '111', low: '105', close: '105' },
    { at: at('22T15:07'), high: '130', low: '130', close: '130' },
  ],
};

function frame(text: string): Timeframe {
  const timeframe = timeframeOf(text);
  if (timeframe === null) throw new Error(`${text} is no timeframe`);
  return timeframe;
}

function rows(timeframe: string, span: Omit<CandleSpan, 'timeframe'>): string[] {
  return candlesIn(HISTORY, { timeframe: frame(timeframe), ...span }).map(({ start, open, high, low, close }) =>
    [new Date(start).toISOString().slice(5, 16), open, high, low, close].join(' '),
  );
}

describe('candles from recorded prices', () => {
  it('open where the last one closed, flat where nothing changed', () => {
    expect(rows('1m', { to: at('22T15:05:30'), limit: 4 })).toEqual([
      '11-22T15:02 100 100 100 100',
      '11-22T15:03 100 120 90 110',
      '11-22T15:04 110 111 105 105',
      '11-22T15:05 105 105 105 105',
    ]);
  });

  it('join the minutes of a longer timeframe', () => {
    expect(rows('5m', { from: at('22T15:00'), to: at('22T15:09'), limit: 9 })).toEqual([
      '11-22T15:00 100 120 90 105',
      '11-22T15:05 105 130 105 130',
    ]);
  });

  it.each<[string, CandleSpan['keep'], string[]]>([
    ['the newest', 'newest', ['11-22T15:04', '11-22T15:05']],
    ['the oldest', 'oldest', ['11-22T15:02', '11-22T15:03']],
  ])('keep %s of a span with more than the limit', (_, keep, kept) => {
    const found = rows('1m', { from: at('22T15:01:30'), to: at('22T15:05'), limit: 2, keep });
    expect(found.map((row) => row.slice(0, 11))).toEqual(kept);
  });

  it.each<[string, string, string]>([
    ['weeks begin on Monday', '1w', '11-16T00:00'],
    ['months on their first day', '1M', '11-01T00:00'],
    ['days at midnight UTC', '1d', '11-22T00:00'],
    ['blocks of hours count from midnight', '4h', '11-22T12:00'],
  ])('%s', (_, timeframe, begin) => {
    expect(rows(timeframe, { to: at('22T15:05'), limit: 1 })[0]?.slice(0, 11)).toBe(begin);
  });

  it('are none for a span that ends before it begins', () => {
    expect(rows('1m', { from: at('22T15:05'), to: at('22T15:04'), limit: 5 })).toEqual([]);
  });

  it.each(['', '0m', 'm', '1x', '1.5h', '1000m'])('"%s" is no timeframe', (text) => {
    expect(timeframeOf(text)).toBeNull();
  });
});

describe('the price history of an engine', () => {
  const symbol = 'BTC/USDT:USDT';
  const span = { timeframe: frame('1m'), to: Number.POSITIVE_INFINITY, limit: 1 };

  it('begins anew with a restored world and never reaches into the future', () => {
    let clock = at('22T15:03:10');
    const engine = new Engine({ now: () => clock });
    recordPrices(engine);
    engine.setPrice(symbol, '61000');
    recordPrices(engine);
    expect(candlesOf(engine, symbol, span)).toMatchObject([{ open: '60000', close: '61000', start: at('22T15:03') }]);
    engine.restore(engine.toState());
    clock += 60_000;
    expect(candlesOf(engine, symbol, span)).toMatchObject([{ open: '61000', low: '61000', start: at('22T15:04') }]);
  });
});
