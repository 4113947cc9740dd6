import type { Desk } from './desk.js';
import { multiplyDecimals, negateDecimal, subtractDecimals } from '../../../src/domain/decimal/decimal.js';

/** Plays one day in short on a wire: what a bot does, and what somebody does to its account. */
export async function playScript(desk: Desk): Promise<void> {
  const { wire } = desk;
  await desk.agrees('the bot runs, nothing is open');
  await entry(desk);
  await manualOrder(desk);
  if (wire.mode === 'futures') {
    await manualTrade(desk);
    await stopCancelledByHand(desk);
    await closedByHand(desk);
  } else {
    await stopCancelledByHand(desk);
  }
  await killedWhileFilled(desk);
  await stopTriggered(desk);
  await exit(desk);
}

/** The first pair: a limit order that is filled in two parts; then the bot places its stop. */
async function entry(desk: Desk): Promise<void> {
  const { exchange, bot, wire } = desk;
  const [{ pair, part }] = wire.pairs;
  await bot.enter(pair, 'long', exchange.near(pair, '0.99'));
  const order = await desk.until('the entry is on the exchange', () => exchange.entryOf(pair));
  await desk.agrees('entry');
  exchange.fill(order, part);
  await desk.agrees('partial fill of the entry');
  exchange.fill(exchange.entryOf(pair) ?? order);
  await desk.agrees('the entry is filled');
  await desk.until('the stop is on the exchange', () => exchange.stopOf(pair));
  await desk.agrees('stop on the exchange');
}

async function manualOrder(desk: Desk): Promise<void> {
  const { exchange, wire } = desk;
  const [, { pair, part }] = wire.pairs;
  const since = Date.now();
  const order = exchange.byHand({
    symbol: pair,
    side: 'buy',
    type: 'limit',
    amount: part,
    price: exchange.near(pair, '0.8'),
  });
  await desk.differs('an order is placed by hand', { type: 'ORDER_PLACED_EXTERNALLY', symbol: pair }, since);
  exchange.cancelByHand(order);
  await desk.agrees('that order is cancelled by hand');
}

async function manualTrade(desk: Desk): Promise<void> {
  const { exchange, wire } = desk;
  const [{ pair, part }] = wire.pairs;
  const since = Date.now();
  exchange.byHand({ symbol: pair, side: 'buy', type: 'market', amount: part });
  await desk.differs('a trade by hand', { type: 'POSITION_SIZE_CHANGED', symbol: pair }, since);
  exchange.byHand({ symbol: pair, side: 'sell', type: 'market', amount: part });
  await desk.agrees('that trade is undone by hand');
}

/** Freqtrade notices it in its next loop and places another stop. */
async function stopCancelledByHand(desk: Desk): Promise<void> {
  const { exchange, wire } = desk;
  const [{ pair }] = wire.pairs;
  const stop = await desk.until('the stop is on the exchange', () => exchange.stopOf(pair));
  exchange.cancelByHand(stop);
  await desk.agrees('the stop is cancelled by hand');
  const next = await desk.until('the bot has placed another stop', () => exchange.stopOf(pair));
  if (next.id === stop.id) throw new Error(`${wire.name}: the stop has the id of the one that was cancelled`);
}

async function closedByHand(desk: Desk): Promise<void> {
  const { exchange, bot, wire } = desk;
  const [{ pair }] = wire.pairs;
  const amount = exchange.truth().positions[pair] ?? '0';
  const since = Date.now();
  exchange.byHand({ symbol: pair, side: 'sell', type: 'market', amount });
  const act = 'the position is closed by hand';
  if (wire.stopsEndWithPosition === true) {
    exchange.takeOver(pair, negateDecimal(amount));
    await bot.untilNextLoop();
    return desk.agrees(`${act}, and the bot notices`, since);
  }
  await desk.differs(act, { type: 'POSITION_CLOSED_EXTERNALLY', symbol: pair }, since);
  for (const trade of await bot.trades()) if (trade.pair === pair) await bot.reload(trade.trade_id);
  exchange.takeOver(pair, negateDecimal(amount));
  await bot.untilNextLoop();
  await desk.agrees('the trade is reloaded, as Freqtrade recommends');
}

/** Before the bot has its stop, which would lock the coins. Buying back costs a fee, so a little more is bought. */
async function coinsSoldByHand(desk: Desk): Promise<void> {
  const { exchange, wire } = desk;
  const [, { pair, part }] = wire.pairs;
  const [sold, bought] = [multiplyDecimals(part, '0.5'), multiplyDecimals(part, '0.51')];
  const since = Date.now();
  exchange.byHand({ symbol: pair, side: 'sell', type: 'market', amount: sold });
  const currency = pair.split('/')[0] ?? pair;
  await desk.differs('coins are sold by hand', { type: 'BALANCE_CHANGED_EXTERNALLY', symbol: currency }, since);
  exchange.byHand({ symbol: pair, side: 'buy', type: 'market', amount: bought });
  exchange.takeOver(pair, subtractDecimals(bought, sold));
  await desk.agrees('they are bought back by hand');
}

/** The second pair: the bot dies with an open entry, which is filled meanwhile. */
async function killedWhileFilled(desk: Desk): Promise<void> {
  const { exchange, bot, wire } = desk;
  const [, { pair, part }] = wire.pairs;
  const side = wire.mode === 'futures' ? 'short' : 'long';
  await bot.enter(pair, side, exchange.near(pair, side === 'short' ? '1.01' : '0.99'));
  const order = await desk.until('the second entry is on the exchange', () => exchange.entryOf(pair));
  exchange.fill(order, part);
  await desk.agrees(`partial fill of a ${side}`);
  if (wire.mode === 'spot') await coinsSoldByHand(desk);
  await bot.end('SIGKILL');
  exchange.fill(exchange.entryOf(pair) ?? order);
  await desk.isInconclusive('kill -9 of the bot; its entry is filled meanwhile', 'network');
  await bot.start();
  await desk.agrees('the bot is started again');
  await desk.until('the stop is on the exchange', () => exchange.stopOf(pair));
  await desk.agrees('its stop is on the exchange');
}

async function stopTriggered(desk: Desk): Promise<void> {
  const { exchange, wire } = desk;
  const [, { pair, price }] = wire.pairs;
  const stop = await desk.until('the stop is on the exchange', () => exchange.stopOf(pair));
  exchange.setPrice(pair, stop.triggerPrice ?? price);
  await desk.agrees('the stop triggers');
  exchange.setPrice(pair, price);
}

/** The first pair again: in and out, with an exit that is filled in two parts. */
async function exit(desk: Desk): Promise<void> {
  const { exchange, bot, wire } = desk;
  const [{ pair, part }] = wire.pairs;
  if (exchange.stopOf(pair) === null) {
    await bot.enter(pair, 'long', exchange.near(pair, '0.99'));
    exchange.fill(await desk.until('the entry is on the exchange', () => exchange.entryOf(pair)));
    await desk.until('the stop is on the exchange', () => exchange.stopOf(pair));
  }
  const trade = (await bot.trades()).find((each) => each.pair === pair);
  if (trade === undefined) throw new Error(`${wire.name}: the bot has no trade of ${pair}`);
  await bot.exit(trade.trade_id, exchange.near(pair, '1.01'));
  const order = await desk.until('the exit is on the exchange', () => exchange.entryOf(pair));
  exchange.fill(order, part);
  await desk.agrees('partial fill of the exit');
  exchange.fill(exchange.entryOf(pair) ?? order);
  await desk.agrees('the exit is filled');
}
