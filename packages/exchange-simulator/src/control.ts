import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Bot } from './bot/bot.js';
import {
  accountBody,
  amendBody,
  botBody,
  cancelBody,
  delistBody,
  expireBody,
  fillBody,
  fundingBody,
  limitsBody,
  liquidateBody,
  orderBody,
  positionModeBody,
  priceBody,
  renameBody,
  resetBody,
} from './control-bodies.js';
import type { OrderReference } from './engine/engine.js';
import { Rejection } from './engine/rejection.js';
import { faultSchema, type Faults, type PlacedFault } from './faults.js';
import type { RequestLog } from './wire/requests.js';
import { orderTruth, tradeTruth, truthOf } from './truth.js';
import type { WireLimits } from './wire/wire.js';
import type { World } from './world.js';

/** Default delay of a trading bot's messages: long enough that an observation meets orders in flight. */
const TRADING_DELAY_MS = 400;

export interface ControlDependencies {
  world: World;
  faults: Faults;
  requests: RequestLog;
  /** By exchange id. */
  limits: ReadonlyMap<string, WireLimits>;
}

/** The control API under /sim: acts as bot, person or market, and injects faults. */
export function addControl(app: FastifyInstance, { world, faults, requests, limits }: ControlDependencies): void {
  const { engine } = world;

  app.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof z.ZodError) {
      const issues = error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
      const [first] = issues;
      return reply.code(400).send({ error: `${first?.path || 'body'}: ${first?.message ?? 'invalid'}`, issues });
    }
    if (error instanceof Rejection) return reply.code(400).send({ error: error.message, reason: error.reason });
    throw error;
  });

  app.get('/truth', async () => ({ ...truthOf(world), faults: faults.list().map(faultReport) }));

  app.post('/orders', async (request) => {
    const body = orderBody.parse(request.body);
    const order = {
      symbol: symbolOf(world, body.symbol),
      side: body.side,
      type: body.type,
      amount: body.amount,
      price: body.price,
      triggerPrice: body.trigger_price,
      positionSide: body.position_side,
      clientOrderId: body.client_order_id,
      timeInForce: body.time_in_force,
      goodTillDate: body.good_till_date,
      reduceOnly: body.reduce_only,
      closePosition: body.close_position,
      callbackPercent: body.callback_percent,
      activationPrice: body.activation_price,
    };
    const placed =
      body.actor === 'bot' ? world.bot(body.account).place(order) : engine.place(body.account, 'manual', order);
    return { order: orderTruth(placed) };
  });

  app.post('/cancel', async (request) => {
    const body = cancelBody.parse(request.body);
    return { order: orderTruth(engine.cancel(referenceOf(body), body.actor)) };
  });

  app.post('/amend', async (request) => {
    const body = amendBody.parse(request.body);
    const change = { price: body.price, amount: body.amount, triggerPrice: body.trigger_price };
    return { order: orderTruth(engine.amend(referenceOf(body), change, body.actor)) };
  });

  app.post('/fill', async (request) => {
    const body = fillBody.parse(request.body);
    const trade = engine.fillOrder(referenceOf(body), { amount: body.amount, price: body.price });
    const order = engine.account(body.account).findOrder({ id: trade.orderId });
    return { trade: tradeTruth(trade), order: order === null ? null : orderTruth(order) };
  });

  app.post('/expire', async (request) => ({
    order: orderTruth(engine.expire(referenceOf(expireBody.parse(request.body)))),
  }));

  app.post('/liquidate', async (request) => {
    const body = liquidateBody.parse(request.body);
    return { order: orderTruth(engine.liquidate(body.account, symbolOf(world, body.symbol), body.side)) };
  });

  app.post('/price', async (request) => {
    const body = priceBody.parse(request.body);
    const symbol = symbolOf(world, body.symbol);
    engine.setPrice(symbol, body.price);
    return { symbol, price: engine.price(symbol) };
  });

  app.post('/funding', async (request) => {
    const body = fundingBody.parse(request.body);
    const symbol = symbolOf(world, body.symbol);
    engine.settleFunding(symbol, body.rate);
    return { symbol, rate: body.rate };
  });

  app.post('/delist', async (request) => {
    const symbol = symbolOf(world, delistBody.parse(request.body).symbol);
    engine.closeMarket(symbol);
    return { symbol };
  });

  app.post('/rename', async (request) => {
    const { symbol: given, to } = renameBody.parse(request.body);
    const symbol = symbolOf(world, given);
    const [base = ''] = to.split('/');
    engine.renameMarket(symbol, { symbol: to, base });
    return { symbol, to };
  });

  app.post('/position-mode', async (request) => {
    const body = positionModeBody.parse(request.body);
    engine.setPositionMode(body.account, body.mode);
    return { account: body.account, position_mode: body.mode };
  });

  app.post('/bot', async (request) => {
    const body = botBody.parse(request.body ?? {});
    const bot = world.bot(body.account);
    const trading = world.trading(body.account);
    if (body.resync === true) bot.resync();
    if (body.balances !== undefined) bot.setWithBalances(body.balances);
    if (body.trading === false) trading.stop();
    bot.configure(feedSettingsOf(body, bot));
    if (body.freeze !== undefined) bot.setFrozen(body.freeze);
    if (body.trading === true) trading.start(body.trading_interval_ms);
    return { ...bot.report(), trading: trading.isRunning };
  });

  app.post('/accounts', async (request) => {
    const body = accountBody.parse(request.body);
    const key = {
      key: body.api_key,
      secret: body.secret,
      ...(body.passphrase === undefined ? {} : { passphrase: body.passphrase }),
      canTrade: body.can_trade,
      canWithdraw: body.can_withdraw,
      ipRestricted: body.ip_restricted,
    };
    world.createAccount({ id: body.id, keys: [key], positionMode: body.position_mode, balances: body.balances });
    return { account: body.id, state_path: `/bot/${body.id}/state` };
  });

  app.get('/faults', async () => ({ faults: faults.list().map(faultReport) }));
  app.post('/faults', async (request) => faultReport(faults.add(faultSchema.parse(request.body))));
  app.delete('/faults', async () => ({ removed: faults.remove() }));
  app.delete<{ Params: { id: string } }>('/faults/:id', async (request) => ({
    removed: faults.remove(Number(request.params.id)),
  }));

  app.get('/requests', async () => requests.report());
  app.delete('/requests', async () => {
    requests.clear();
    return requests.report();
  });

  app.post('/limits', async (request) => {
    const body = limitsBody.parse(request.body);
    const limit = limits.get(body.exchange);
    if (limit === undefined) {
      throw new Rejection(
        'bad_parameter',
        `there is no exchange ${body.exchange}; there are ${[...limits.keys()].join(', ')}`,
      );
    }
    limit.setWeightPerMinute(body.weight_per_minute);
    return body;
  });

  app.post('/reset', async (request) => {
    const body = resetBody.parse(request.body ?? {});
    const { position_mode: positionMode, balances, prices, seed } = body;
    world.reset({ positionMode, balances, prices, seed });
    faults.remove();
    requests.clear();
    for (const limit of limits.values()) limit.reset();
    return truthOf(world);
  });
}

function referenceOf(body: {
  account: string;
  order_id?: string | undefined;
  client_order_id?: string | undefined;
}): OrderReference {
  return { account: body.account, id: body.order_id, clientOrderId: body.client_order_id };
}

/** "BTCUSDT" is accepted for "BTC/USDT:USDT" if it identifies exactly one market other than spot. */
function symbolOf({ engine }: World, text: string): string {
  const markets = engine.markets();
  if (markets.some(({ symbol }) => symbol === text)) return text;
  const meant = markets.filter(({ base, quote, kind }) => kind !== 'spot' && base + quote === text);
  return meant.length === 1 ? (meant[0]?.symbol ?? text) : engine.market(text).symbol;
}

/** A bot that starts to trade gets a delay, and loses it when it stops, unless the request sets one. */
function feedSettingsOf(body: z.output<typeof botBody>, bot: Bot): Partial<Bot['feed']['settings']> {
  const current = bot.feed.settings.delayMs;
  const delayMs =
    body.delay_ms ?? (body.trading === true && current === 0 ? TRADING_DELAY_MS : body.trading === false ? 0 : current);
  return {
    delayMs,
    ...(body.drop === undefined ? {} : { drop: body.drop }),
    ...(body.drop_rate === undefined ? {} : { dropRate: body.drop_rate }),
  };
}

function faultReport({ id, fault, hits }: PlacedFault): Record<string, unknown> {
  return { id, hits, ...fault };
}
