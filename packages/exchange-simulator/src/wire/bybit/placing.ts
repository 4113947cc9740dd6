import { Big } from 'big.js';
import { BybitError, parameterError, WRONG_POSITION_IDX } from './errors.js';
import { marketById, type SignedCall } from './route.js';
import type { Market } from '../../engine/market.js';
import type { OrderRequest, OrderType, PositionSlot } from '../../engine/order.js';
import { reducibleAmount } from '../../engine/placing.js';
import { isZero, signOf } from '@plumbline/primitives/decimal';

const TIMES_IN_FORCE = { GTC: 'GTC', IOC: 'IOC', FOK: 'FOK', PostOnly: 'GTX' } as const;

/** "Place Order" as an engine request; https://bybit-exchange.github.io/docs/v5/order/create-order. */
export function placeRequestOf(call: SignedCall, market: Market): OrderRequest {
  const { parameters } = call;
  const side = parameters.oneOf('side', ['Buy', 'Sell']) === 'Buy' ? 'buy' : 'sell';
  const isLimit = parameters.oneOf('orderType', ['Market', 'Limit']) === 'Limit';
  if (parameters.text('takeProfit') !== undefined || parameters.text('stopLoss') !== undefined) {
    throw parameterError('takeProfit and stopLoss of an order are not simulated; use /v5/position/trading-stop');
  }
  const slot = slotOf(call, market);
  const triggerPrice = parameters.text('triggerPrice');
  const closesAll = isZero(parameters.mandatory('qty')) && parameters.flag('closeOnTrigger');
  const request: OrderRequest = {
    symbol: market.symbol,
    side,
    type: typeOf(call, market, side, isLimit),
    amount: closesAll ? reducibleAmount(call.account, { symbol: market.symbol, slot, side }) : amountOf(call, market),
    price: isLimit ? parameters.text('price') : undefined,
    triggerPrice,
    positionSide: slot === 'net' ? undefined : slot,
    clientOrderId: parameters.text('orderLinkId'),
    timeInForce:
      isLimit && parameters.text('timeInForce') !== undefined
        ? TIMES_IN_FORCE[parameters.oneOf('timeInForce', ['GTC', 'IOC', 'FOK', 'PostOnly'])]
        : undefined,
    ...reducing(call, slot, side),
  };
  if (!closesAll || triggerPrice === undefined) return request;
  return { ...request, amount: undefined, reduceOnly: undefined, closePosition: true };
}

/** A spot market buy is by value unless `marketUnit` says otherwise. */
function amountOf({ parameters, engine }: SignedCall, market: Market): string {
  const quantity = parameters.mandatory('qty');
  const isSpotMarket = market.kind === 'spot' && parameters.text('orderType') === 'Market';
  const byValue =
    isSpotMarket &&
    (parameters.text('marketUnit') ?? (parameters.text('side') === 'Buy' ? 'quoteCoin' : '')) === 'quoteCoin';
  if (!byValue) return quantity;
  const units = new Big(quantity).div(engine.price(market.symbol));
  return units.minus(units.mod(market.amountStep)).toFixed();
}

function slotOf({ parameters, account }: SignedCall, market: Market): PositionSlot {
  const index = parameters.text('positionIdx') ?? '0';
  const isHedged = account.positionMode === 'hedge' && market.kind !== 'spot';
  if (!isHedged && index === '0') return 'net';
  if (isHedged && (index === '1' || index === '2')) return index === '1' ? 'long' : 'short';
  throw WRONG_POSITION_IDX;
}

/**
 * In hedge mode the engine derives reduce-only from leg and side. Bybit requires the flag, but refuses it against the
 * leg.
 */
function reducing(
  { parameters }: SignedCall,
  slot: PositionSlot,
  side: 'buy' | 'sell',
): Pick<OrderRequest, 'reduceOnly'> {
  if (!parameters.flag('reduceOnly')) return {};
  if (slot === 'net') return { reduceOnly: true };
  if ((slot === 'long') === (side === 'buy')) throw new BybitError(110_017, 'Reduce-only rule not satisfied');
  return {};
}

/** Side and trigger direction decide whether a conditional order is a stop or a take-profit. */
function typeOf({ parameters, engine }: SignedCall, market: Market, side: 'buy' | 'sell', isLimit: boolean): OrderType {
  const triggerPrice = parameters.text('triggerPrice');
  if (triggerPrice === undefined) return isLimit ? 'limit' : 'market';
  const rises =
    market.kind === 'spot'
      ? new Big(triggerPrice).gt(engine.price(market.symbol))
      : parameters.oneOf('triggerDirection', ['1', '2']) === '1';
  if (rises === (side === 'buy')) return isLimit ? 'stop' : 'stop_market';
  return isLimit ? 'take_profit' : 'take_profit_market';
}

/**
 * Take-profit, stop-loss and trailing stop of a position; "0" removes one. A trailing stop is a price distance here and
 * a percentage in the engine, rounded to two decimals. https://bybit-exchange.github.io/docs/v5/position/trading-stop
 */
export function setTradingStop(call: SignedCall): unknown {
  const { parameters, engine, account } = call;
  const category = parameters.oneOf('category', ['linear', 'inverse']);
  const market = marketById(call, category, parameters.mandatory('symbol'));
  const slot = slotOf(call, market);
  const position = account.position(market.symbol, slot);
  if (isZero(position.amount)) throw new BybitError(10_001, 'can not set tp/sl/ts for zero position');
  const isPartial = parameters.text('tpslMode') === 'Partial';
  const common = {
    symbol: market.symbol,
    side: signOf(position.amount) > 0 ? ('sell' as const) : ('buy' as const),
    positionSide: slot === 'net' ? undefined : slot,
  };
  const reduceOnly = slot === 'net' ? true : undefined;
  const stops: [name: string, size: string, type: OrderType][] = [
    ['takeProfit', 'tpSize', 'take_profit_market'],
    ['stopLoss', 'slSize', 'stop_market'],
  ];
  for (const [name, size, type] of stops) {
    const triggerPrice = parameters.text(name);
    if (triggerPrice === undefined) continue;
    if (!isPartial) {
      takeOff(call, market, slot, type);
      if (isZero(triggerPrice)) continue;
    }
    const amount = isPartial ? parameters.mandatory(size) : undefined;
    const extent = amount === undefined ? { closePosition: true } : { amount, reduceOnly };
    engine.place(account.id, 'manual', { ...common, type, triggerPrice, ...extent });
  }
  const distance = parameters.text('trailingStop');
  if (distance !== undefined) {
    takeOff(call, market, slot, 'trailing_stop_market');
    if (isZero(distance)) return {};
    const activationPrice = parameters.text('activePrice');
    const reference = activationPrice ?? engine.price(market.symbol);
    engine.place(account.id, 'manual', {
      ...common,
      type: 'trailing_stop_market',
      amount: new Big(position.amount).abs().toFixed(),
      reduceOnly,
      activationPrice,
      callbackPercent: new Big(distance).times(100).div(reference).round(2).toFixed(),
    });
  }
  return {};
}

/** Full TP/SL and the trailing stop exist once per position: a new one replaces the old one. */
function takeOff({ engine, account }: SignedCall, market: Market, slot: PositionSlot, type: OrderType): void {
  for (const order of account.open()) {
    const isSame = order.symbol === market.symbol && order.slot === slot && order.type === type;
    if (isSame && (order.closePosition || type === 'trailing_stop_market')) {
      engine.cancel({ account: account.id, id: order.id }, 'api');
    }
  }
}
