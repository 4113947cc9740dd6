import type { Bot } from './bot.js';
import type { Engine } from '../engine/engine.js';
import type { Market } from '../engine/market.js';
import type { Order } from '../engine/order.js';
import { Rejection } from '../engine/rejection.js';
import { floorToStep } from '../engine/rounding.js';
import {
  absoluteDecimal,
  addDecimals,
  compareDecimals,
  isZero,
  multiplyDecimals,
  signOf,
} from '@plumbline/primitives/decimal';

const SYMBOLS = 3;
const MAX_OPEN_ORDERS = 4;
/** Amount steps of one order; the least is above the minimum order value of every default market. */
const ORDER_STEPS = { least: 4, most: 12 };
/** A position larger than this many steps is closed, so that it stays small in hours of trading. */
const MAX_POSITION_STEPS = '40';

/**
 * A market maker at work. It quotes around a randomly moving price, is filled completely and in parts, amends and
 * cancels. Everything goes through the bot, so its state contains it once the messages have arrived.
 */
export class Trading {
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly bot: Bot,
  ) {}

  get isRunning(): boolean {
    return this.timer !== null;
  }

  start(intervalMs: number): void {
    this.stop();
    this.timer = setInterval(() => this.step(), intervalMs);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** One action in one market; an order that the exchange refuses is dropped, as a bot would do. */
  step(): void {
    const market = this.bot.random.pick(this.markets());
    if (market === undefined) return;
    this.bot.advance();
    try {
      this.move(market);
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
    }
  }

  private markets(): Market[] {
    return this.engine
      .markets()
      .filter(({ kind }) => kind === 'linear')
      .slice(0, SYMBOLS);
  }

  private move(market: Market): void {
    const { random } = this.bot;
    const orders = this.ownOrders(market);
    const position = this.position(market);
    const limit = multiplyDecimals(market.amountStep, MAX_POSITION_STEPS);
    if (compareDecimals(absoluteDecimal(position), limit) > 0) return this.flatten(market, position);

    const order = random.pick(orders);
    const chance = random.next();
    if (order === undefined || (orders.length < MAX_OPEN_ORDERS && chance < 0.35)) return this.quote(market);
    if (chance < 0.55) return this.wander(market);
    if (chance < 0.8) return this.fillPart(market, order);
    if (chance < 0.9) return void this.bot.amend(order.id, { price: this.quotePrice(market, order.side) });
    this.bot.cancel(order.id);
  }

  private quote(market: Market): void {
    const { random } = this.bot;
    const inHedgeMode = this.engine.account(this.bot.account).positionMode === 'hedge';
    // In hedge mode the bot uses only the long leg, and sells no more of it than it holds.
    const side = inHedgeMode && isZero(this.position(market)) ? 'buy' : random.next() < 0.5 ? 'buy' : 'sell';
    const steps = String(random.between(ORDER_STEPS.least, ORDER_STEPS.most));
    this.bot.place({
      symbol: market.symbol,
      side,
      type: 'limit',
      amount: multiplyDecimals(market.amountStep, steps),
      price: this.quotePrice(market, side),
      ...(inHedgeMode ? { positionSide: 'long' } : {}),
    });
  }

  /** Five to thirty basis points away from the price. */
  private quotePrice(market: Market, side: 'buy' | 'sell'): string {
    const distance = this.bot.random.between(5, 30) * (side === 'buy' ? -1 : 1);
    return this.awayFrom(market, distance);
  }

  private wander(market: Market): void {
    this.engine.setPrice(market.symbol, this.awayFrom(market, this.bot.random.between(-12, 12)));
  }

  private awayFrom(market: Market, basisPoints: number): string {
    const factor = addDecimals('1', multiplyDecimals(String(basisPoints), '0.0001'));
    return floorToStep(multiplyDecimals(this.engine.price(market.symbol), factor), market.priceStep);
  }

  private fillPart(market: Market, order: Order): void {
    this.engine.fillOrder({ account: this.bot.account, id: order.id }, { amount: market.amountStep });
  }

  private flatten(market: Market, position: string): void {
    const inHedgeMode = this.engine.account(this.bot.account).positionMode === 'hedge';
    this.bot.place({
      symbol: market.symbol,
      side: signOf(position) > 0 ? 'sell' : 'buy',
      type: 'market',
      amount: absoluteDecimal(position),
      ...(inHedgeMode ? { positionSide: 'long' } : {}),
    });
  }

  private ownOrders(market: Market): Order[] {
    return this.engine
      .account(this.bot.account)
      .open()
      .filter((order) => order.symbol === market.symbol && order.type === 'limit' && order.placedBy === 'bot');
  }

  private position(market: Market): string {
    const account = this.engine.account(this.bot.account);
    return account.position(market.symbol, account.positionMode === 'hedge' ? 'long' : 'net').amount;
  }
}
