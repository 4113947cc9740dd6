import type { Engine } from './engine.js';
import { compareDecimals, type DecimalText } from '@plumbline/primitives/decimal';

const MINUTE_MS = 60_000;
/** Minutes with a change that are kept per market: a week of a market that never rests. */
const MOST_BARS = 10_080;
/** Each candle has this volume, because bots skip candles without one. The engine has no other traders whose volume it knows. */
const VOLUME = '1000';

/** The length of a candle. Weeks begin on Monday, months on their first day, everything in UTC. */
export interface Timeframe {
  count: number;
  unit: 'm' | 'h' | 'd' | 'w' | 'M';
}

export interface Candle {
  /** Begin and end, milliseconds; the end belongs to the next candle. */
  start: number;
  end: number;
  open: DecimalText;
  high: DecimalText;
  low: DecimalText;
  close: DecimalText;
  volume: DecimalText;
}

/** The requested candles: those that begin between `from` and `to` (milliseconds, inclusive). */
export interface CandleSpan {
  timeframe: Timeframe;
  from?: number | undefined;
  to: number;
  /** The most candles. */
  limit: number;
  /** Which end of the span is kept if it has more candles; without `from` always the newest. */
  keep?: 'oldest' | 'newest' | undefined;
}

/** A minute in which the price changed. */
export interface PriceBar {
  at: number;
  high: DecimalText;
  low: DecimalText;
  close: DecimalText;
}

/** The prices of a market: the first known one, which also counts for all time before it, and the minutes with changes. */
export interface PriceHistory {
  opening: DecimalText;
  bars: PriceBar[];
}

/** Candles, oldest first, each opens where the one before closed; the last one may be incomplete. Pure. */
export function candlesIn({ opening, bars }: PriceHistory, span: CandleSpan): Candle[] {
  const { timeframe, from, to, limit, keep = 'newest' } = span;
  let last = indexOf(timeframe, to);
  let first = from === undefined ? last - limit + 1 : firstIndexFrom(timeframe, from);
  if (keep === 'newest' || from === undefined) first = Math.max(first, last - limit + 1);
  else last = Math.min(last, first + limit - 1);
  const candles: Candle[] = [];
  let [price, next] = [opening, 0];
  for (let index = Math.max(0, first); index <= last; index += 1) {
    const [start, end] = [startOf(timeframe, index), startOf(timeframe, index + 1)];
    for (let bar = bars[next]; bar !== undefined && bar.at < start; bar = bars[next]) {
      price = bar.close;
      next += 1;
    }
    const candle: Candle = { start, end, open: price, high: price, low: price, close: price, volume: VOLUME };
    for (let bar = bars[next]; bar !== undefined && bar.at < end; bar = bars[next]) {
      candle.high = compareDecimals(bar.high, candle.high) > 0 ? bar.high : candle.high;
      candle.low = compareDecimals(bar.low, candle.low) < 0 ? bar.low : candle.low;
      candle.close = bar.close;
      next += 1;
    }
    price = candle.close;
    candles.push(candle);
  }
  return candles;
}

/** "15m", "1h", "3d", "1w", "1M" as a timeframe; null for anything else. */
export function timeframeOf(text: string): Timeframe | null {
  const match = /^(\d{1,3})([mhdwM])$/.exec(text);
  const [, count, unit] = match ?? [];
  return count === undefined || Number(count) === 0 ? null : { count: Number(count), unit: unit as Timeframe['unit'] };
}

const LENGTH_MS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 1_440 * MINUTE_MS, w: 10_080 * MINUTE_MS };
/** 1970-01-05, the first Monday. */
const FIRST_MONDAY_MS = 4 * LENGTH_MS.d;

function indexOf({ count, unit }: Timeframe, at: number): number {
  if (unit !== 'M') return Math.floor((at - offsetOf(unit)) / (count * LENGTH_MS[unit]));
  const date = new Date(at);
  return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / count);
}

function startOf({ count, unit }: Timeframe, index: number): number {
  return unit === 'M' ? Date.UTC(1970, index * count) : index * count * LENGTH_MS[unit] + offsetOf(unit);
}

function firstIndexFrom(timeframe: Timeframe, from: number): number {
  const index = indexOf(timeframe, from);
  return startOf(timeframe, index) < from ? index + 1 : index;
}

function offsetOf(unit: Timeframe['unit']): number {
  return unit === 'w' ? FIRST_MONDAY_MS : 0;
}

const HISTORIES = new WeakMap<Engine, Map<string, PriceHistory>>();

/**
 * Records the prices of all markets from now on. Every wire may call it; only the first call has an effect. A restored or
 * reset world begins with a new history at its own prices.
 */
export function recordPrices(engine: Engine): void {
  if (HISTORIES.has(engine)) return;
  const histories = new Map<string, PriceHistory>();
  HISTORIES.set(engine, histories);
  const begin = (): void => {
    histories.clear();
    for (const { symbol } of engine.allMarkets()) histories.set(symbol, { opening: engine.price(symbol), bars: [] });
  };
  begin();
  engine.subscribe((event) => {
    if (event.kind === 'restored') begin();
    if (event.kind !== 'price') return;
    const history = histories.get(event.symbol) ?? { opening: engine.market(event.symbol).initialPrice, bars: [] };
    histories.set(event.symbol, history);
    record(history, event);
  });
}

function record(history: PriceHistory, { price, at }: { price: DecimalText; at: number }): void {
  const { bars } = history;
  const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const last = bars.at(-1);
  if (last === undefined || last.at < minute) {
    bars.push({ at: minute, high: price, low: price, close: price });
    if (bars.length > MOST_BARS) history.opening = bars.shift()?.close ?? history.opening;
    return;
  }
  if (compareDecimals(price, last.high) > 0) last.high = price;
  if (compareDecimals(price, last.low) < 0) last.low = price;
  last.close = price;
}

/** The candles of a market up to the engine's present, from its recorded prices; all flat if none are recorded. */
export function candlesOf(engine: Engine, symbol: string, span: CandleSpan): Candle[] {
  const history = HISTORIES.get(engine)?.get(symbol) ?? { opening: engine.price(symbol), bars: [] };
  return candlesIn(history, { ...span, to: Math.min(span.to, engine.now()) });
}
