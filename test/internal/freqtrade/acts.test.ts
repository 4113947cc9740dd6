import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FreqtradeBot } from '../../../src/config/config.js';
import {
  addDecimals,
  compareDecimals,
  isZero,
  negateDecimal,
  normalizeDecimal,
} from '../../../src/domain/decimal/decimal.js';
import type { Snapshot } from '../../../src/domain/snapshot/snapshot.js';
import { freqtrade, servers, sourceOf } from './bot-server.js';
import type { Fields } from './answers.js';

// Answers of a real Freqtrade after each act of `npm run e2e:freqtrade -- --record`, with what was true on the exchange then.

interface RecordedAct {
  act: string;
  show_config: Fields;
  health: Fields;
  status: Fields[];
  truth: {
    /** Signed. */
    positions: Record<string, string>;
    balances: Record<string, string>;
    orders: RecordedOrder[];
    /** What somebody did by hand and the bot cannot know. */
    by_hand: { amounts: Record<string, string>; orders: string[] };
  };
}

interface RecordedOrder {
  id: string;
  symbol: string;
  side: string;
  amount: string;
  filled: string;
  price: string | null;
  trigger_price: string | null;
  conditional: boolean;
}

const folder = fileURLToPath(new URL('acts', import.meta.url));

const recordings = readdirSync(folder).map((file): [wire: string, acts: RecordedAct[]] => {
  const recorded = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as {
    show_config: Fields;
    acts: RecordedAct[];
  };
  return [file.replace('.json', ''), recorded.acts.map((act) => ({ ...act, show_config: recorded.show_config }))];
});

async function stateOf(wire: string, { show_config: config, health, status }: RecordedAct): Promise<Snapshot> {
  const bot: Partial<FreqtradeBot> = { exchange: wire, botName: `e2e-${wire}`, stakeCurrency: 'USDT' };
  const url = await freqtrade({ config, health, trades: status });
  return sourceOf(url, { bot, atLeast: ['*'] }).readState();
}

afterEach(async () => servers.end());

it('has a recording of each of the four wires', () => {
  expect(recordings.map(([wire]) => wire).toSorted()).toEqual(['binance', 'binanceusdm', 'bybit', 'okx']);
});

describe.each(recordings)('a real Freqtrade on %s', (wire, acts) => {
  const named = acts.map((act) => [act.act, act] as const);

  it.each(named)('after "%s" its open orders are read as they are on the exchange', async (_, act) => {
    const { orders } = await stateOf(wire, act);
    const own = act.truth.orders.filter(({ id }) => !act.truth.by_hand.orders.includes(id));
    expect(orders.map(rowOfRead).toSorted(byText)).toEqual(
      own.map((order) => rowOfTrue(order, orders)).toSorted(byText),
    );
  });

  it.each(named)('after "%s" it holds what the exchange holds, without what was done by hand', async (_, act) => {
    const state = await stateOf(wire, act);
    // In spot mode there are no positions; the wallet holds at least what the trades have bought.
    expect(signedAmounts(state)).toEqual(wire === 'binance' ? {} : withoutHand(act.truth));
    const short = state.balances.filter(
      ({ currency, total }) => compareDecimals(amountWithoutHand(act.truth, currency), total) < 0,
    );
    expect(short).toEqual([]);
    expect(state.balances.length > 0).toBe(wire === 'binance' && act.status.length > 0);
  });
});

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

function rowOfRead(order: Snapshot['orders'][number]): string {
  const { id, symbol, side, conditional, amount, filled, price, triggerPrice } = order;
  return [id, symbol, side, conditional, ...[amount, filled, price, triggerPrice].map(plain)].join(' ');
}

/** Prices that the API does not have are read as null and not compared. */
function rowOfTrue(order: RecordedOrder, read: Snapshot['orders']): string {
  const found = read.find(({ id }) => id === order.id);
  const { id, symbol, side, conditional, amount, filled } = order;
  const price = found?.price === null ? null : order.price;
  const trigger = found?.triggerPrice === null ? null : order.trigger_price;
  return [id, symbol, side, conditional, ...[amount, filled, price, trigger].map(plain)].join(' ');
}

function signedAmounts({ positions }: Snapshot): Record<string, string> {
  return Object.fromEntries(
    positions.map(({ symbol, side, amount }) => [symbol, plain(side === 'short' ? negateDecimal(amount) : amount)]),
  );
}

/** The positions without what was traded by hand. */
function withoutHand({ positions, by_hand: byHand }: RecordedAct['truth']): Record<string, string> {
  const symbols = new Set([...Object.keys(positions), ...Object.keys(byHand.amounts)]);
  const amounts = [...symbols].map((symbol): [string, string] => [
    symbol,
    addDecimals(positions[symbol] ?? '0', negateDecimal(byHand.amounts[symbol] ?? '0')),
  ]);
  return Object.fromEntries(
    amounts.filter(([, amount]) => !isZero(amount)).map(([symbol, amount]) => [symbol, plain(amount)]),
  );
}

/** What the wallet would hold of a currency without what was bought and sold by hand. */
function amountWithoutHand({ balances, by_hand: byHand }: RecordedAct['truth'], currency: string): string {
  const traded = Object.entries(byHand.amounts).filter(([symbol]) => symbol.startsWith(`${currency}/`));
  return traded.reduce((sum, [, amount]) => addDecimals(sum, negateDecimal(amount)), balances[currency] ?? '0');
}

function plain(decimal: string | null | undefined): string {
  return decimal === null || decimal === undefined ? '-' : normalizeDecimal(decimal);
}
