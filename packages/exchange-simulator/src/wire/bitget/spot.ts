import {
  empty,
  ORDER_NOT_FOUND,
  ORDER_DOES_NOT_EXIST,
  PLAN_DOES_NOT_EXIST,
  verificationFailed,
} from './shared/errors.js';
import { MARGIN_COINS } from './account.js';
import { endedPlanStatusOf, forceOf, plain, sourceOf, statusOf, idsOf } from './shared/rows.js';
import {
  optionalPairOf,
  pageOf,
  pairOf,
  read,
  symbolIdOf,
  trade,
  within,
  type Route,
  type SignedCall,
} from './shared/route.js';
import { averagePriceOf, isConditional, type Order, type TimeInForce, type Trade } from '../../engine/order.js';
import { divideDecimals, floorToStep } from '../../engine/rounding.js';
import { userIdOf } from '../user-id.js';
import {
  addDecimals,
  compareDecimals,
  isDecimal,
  isZero,
  multiplyDecimals,
  negateDecimal,
  subtractDecimals,
} from '@plumbline/primitives/decimal';

/**
 * The spot account. Pages under https://www.bitget.com/api-doc/spot/: account/Get-Account-Assets; trade/Place-Order,
 * Cancel-Order, Get-Order-Info, Get-Unfilled-Orders, Get-History-Orders, Get-Fills; plan/Place-Plan-Order,
 * Cancel-Plan-Order, Get-Current-Plan-Order, Get-History-Plan-Order.
 *
 * `tpslType=tpsl` has no orders: every conditional spot order of the engine is shown as a plan order.
 */
export const SPOT: Route[] = [
  read('/api/v2/spot/account/assets', 10, assets),
  trade('/api/v2/spot/trade/place-order', 10, placeOrder),
  trade('/api/v2/spot/trade/cancel-order', 10, (call) => {
    const { symbol } = pairOf(call);
    const order = requested(call, (candidate) => !isConditional(candidate.type) && candidate.symbol === symbol);
    if (order === null) throw ORDER_DOES_NOT_EXIST;
    call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
    return idsOf(order);
  }),
  trade('/api/v2/spot/trade/place-plan-order', 20, placePlan),
  trade('/api/v2/spot/trade/cancel-plan-order', 20, (call) => {
    const order = requested(call, ({ type }) => isConditional(type));
    if (order === null) throw PLAN_DOES_NOT_EXIST;
    call.engine.cancel({ account: call.account.id, id: order.id }, 'api');
    return { result: 'success' };
  }),

  read('/api/v2/spot/trade/orderInfo', 20, (call) => {
    const order = requested(call, ({ type }) => !isConditional(type));
    if (order === null) throw ORDER_NOT_FOUND;
    return [orderRow(call, order)];
  }),
  read('/api/v2/spot/trade/unfilled-orders', 20, (call) => orderPage(call, call.account.open())),
  read('/api/v2/spot/trade/history-orders', 20, (call) => orderPage(call, [...call.account.endedOrders.values()])),
  read('/api/v2/spot/trade/fills', 10, (call) => {
    const orderId = call.parameters.text('orderId');
    const isAsked = spotOf(call);
    const trades = call.account.trades.filter(
      (each) => isAsked(each) && (orderId === undefined || each.orderId === orderId),
    );
    const page = pageOf(
      within(trades, call, ({ at }) => at),
      call,
      ({ id }) => id,
    );
    return page.map((each) => fillRow(call, each));
  }),
  read('/api/v2/spot/trade/current-plan-order', 20, (call) => planPage(call, call.account.open(), 20)),
  read('/api/v2/spot/trade/history-plan-order', 20, (call) =>
    planPage(call, [...call.account.endedOrders.values()], 100),
  ),
];

const idOf = ({ id }: Order): string => id;

function assets(call: SignedCall): unknown {
  const only = call.parameters.text('coin')?.toUpperCase();
  const locked = call.engine.locked(call.account.id);
  const held = [...call.account.wallet].filter(([coin, { balance }]) => {
    if (only !== undefined) return coin === only;
    return !isZero(MARGIN_COINS.includes(coin) ? (locked.get(coin) ?? '0') : balance);
  });
  return held.map(([coin, { balance, updatedAt }]) => ({
    coin,
    available: MARGIN_COINS.includes(coin) ? '0' : subtractDecimals(balance, locked.get(coin) ?? '0'),
    frozen: locked.get(coin) ?? '0',
    locked: '0',
    limitAvailable: '0',
    uTime: String(updatedAt),
  }));
}

function spotOf(call: SignedCall): (row: { symbol: string }) => boolean {
  const pair = optionalPairOf(call);
  return ({ symbol }) => (pair === null ? call.engine.market(symbol).kind === 'spot' : symbol === pair.symbol);
}

function orderPage(call: SignedCall, orders: readonly Order[]): unknown {
  if (call.parameters.word('tpslType', ['normal', 'tpsl']) === 'tpsl') return [];
  const isSpot = spotOf(call);
  const orderId = call.parameters.text('orderId');
  const asked = orders.filter(
    (order) => isSpot(order) && !isConditional(order.type) && (orderId === undefined || order.id === orderId),
  );
  const page = pageOf(
    within(asked, call, ({ createdAt }) => createdAt),
    call,
    idOf,
  );
  return page.map((order) => orderRow(call, order));
}

function planPage(call: SignedCall, orders: readonly Order[], byDefault: number): unknown {
  const isSpot = spotOf(call);
  const asked = within(
    orders.filter((order) => isSpot(order) && isConditional(order.type)),
    call,
    ({ createdAt }) => createdAt,
  );
  const page = pageOf(asked, call, idOf, byDefault);
  const last = page.at(-1);
  const hasMore = last !== undefined && asked.some(({ id }) => Number(id) < Number(last.id));
  return { nextFlag: hasMore, idLessThan: last?.id ?? '', orderList: page.map((order) => planRow(call, order)) };
}

function requested(call: SignedCall, matches: (order: Order) => boolean): Order | null {
  const [id, clientId] = [call.parameters.text('orderId'), call.parameters.text('clientOid')];
  if (id === undefined && clientId === undefined) throw empty('orderId');
  const order = call.account.findOrder(id === undefined ? { clientOrderId: clientId } : { id });
  const isSpot = order !== null && call.engine.market(order.symbol).kind === 'spot';
  return isSpot && matches(order) ? order : null;
}

/** "cancelled" has two l here. `priceAvg` of an open order is its price ("Get Current Orders"). */
function orderRow(call: SignedCall, order: Order): Record<string, unknown> {
  const average = averagePriceOf(order);
  const status = statusOf(order);
  return {
    userId: String(userIdOf(call.account.id)),
    symbol: symbolIdOf(call.engine.market(order.symbol)),
    orderId: order.id,
    clientOid: order.clientOrderId,
    price: order.price === null ? '0' : plain(order.price),
    // A market buy is counted in the quote coin.
    size: plain(order.type === 'market' && order.side === 'buy' ? order.filledValue : (order.amount ?? '0')),
    orderType: order.type === 'market' ? 'market' : 'limit',
    side: order.side,
    status: status === 'canceled' ? 'cancelled' : status,
    priceAvg: average === null ? (order.price === null ? '0' : plain(order.price)) : plain(average),
    basePrice: average === null ? '0' : plain(average),
    baseVolume: plain(order.filled),
    quoteVolume: plain(order.filledValue),
    enterPointSource: sourceOf(order),
    feeDetail: feeDetailOf(call, order),
    orderSource: order.type === 'market' ? 'market' : 'normal',
    force: forceOf(order),
    presetTakeProfitPrice: '',
    executeTakeProfitPrice: '',
    presetStopLossPrice: '',
    executeStopLossPrice: '',
    cancelReason: status === 'canceled' ? 'normal_cancel' : '',
    tpslType: 'normal',
    triggerPrice: null,
    cTime: String(order.createdAt),
    uTime: String(order.updatedAt),
  };
}

/** JSON in a text, as the exchange sends it; empty before the first fill. */
function feeDetailOf({ account }: SignedCall, order: Order): string {
  const trades = account.trades.filter(({ orderId }) => orderId === order.id);
  const [first] = trades;
  if (first === undefined) return '';
  const total = trades.reduce((sum, { fee }) => addDecimals(sum, negateDecimal(fee)), '0');
  const totals = `"totalDeductionFee":0`;
  return (
    `{"newFees":{"c":0,"d":0,"deduction":false,"r":${total},"t":${total},${totals}},` +
    `"${first.feeCurrency}":{"deduction":false,"feeCoinCode":"${first.feeCurrency}",${totals},"totalFee":${total}}}`
  );
}

function fillRow(call: SignedCall, each: Trade): Record<string, unknown> {
  return {
    userId: String(userIdOf(call.account.id)),
    symbol: symbolIdOf(call.engine.market(each.symbol)),
    orderId: each.orderId,
    tradeId: each.id,
    orderType: call.account.findOrder({ id: each.orderId })?.type === 'market' ? 'market' : 'limit',
    side: each.side,
    priceAvg: plain(each.price),
    size: plain(each.amount),
    amount: multiplyDecimals(each.price, each.amount),
    feeDetail: {
      deduction: 'no',
      feeCoin: each.feeCurrency,
      totalDeductionFee: '',
      totalFee: negateDecimal(each.fee),
    },
    tradeScope: each.maker ? 'maker' : 'taker',
    cTime: String(each.at),
    uTime: String(each.at),
  };
}

function planRow(call: SignedCall, order: Order): Record<string, unknown> {
  return {
    orderId: order.id,
    clientOid: order.clientOrderId,
    symbol: symbolIdOf(call.engine.market(order.symbol)),
    size: plain(order.amount ?? '0'),
    executePrice: order.price === null ? '' : plain(order.price),
    triggerPrice: order.triggerPrice === null ? '' : plain(order.triggerPrice),
    status: order.status === 'open' ? 'live' : endedPlanStatusOf(order),
    orderType: order.price === null ? 'market' : 'limit',
    side: order.side,
    planType: 'amount',
    triggerType: 'mark_price',
    enterPointSource: sourceOf(order),
    uTime: String(order.updatedAt),
    cTime: String(order.createdAt),
  };
}

const FORCES: Record<'gtc' | 'ioc' | 'fok' | 'post_only', TimeInForce> = {
  gtc: 'GTC',
  ioc: 'IOC',
  fok: 'FOK',
  post_only: 'GTX',
};

function placeOrder(call: SignedCall): unknown {
  const { parameters } = call;
  const market = pairOf(call);
  if (parameters.word('tpslType', ['normal', 'tpsl']) === 'tpsl') throw verificationFailed('tpslType is not simulated');
  const side = parameters.mandatoryWord('side', ['buy', 'sell']);
  const type = parameters.mandatoryWord('orderType', ['limit', 'market']);
  const size = parameters.mandatory('size');
  const common = { symbol: market.symbol, side, type, clientOrderId: parameters.text('clientOid') };
  if (type === 'market') {
    const inQuote = side === 'buy' && isDecimal(size);
    const amount = inQuote
      ? floorToStep(divideDecimals(size, call.engine.price(market.symbol)), market.amountStep)
      : size;
    return idsOf(call.engine.place(call.account.id, 'api', { ...common, amount }));
  }
  const force = parameters.mandatoryWord('force', ['gtc', 'ioc', 'fok', 'post_only']);
  const price = parameters.mandatory('price');
  return idsOf(
    call.engine.place(call.account.id, 'api', { ...common, amount: size, price, timeInForce: FORCES[force] }),
  );
}

function placePlan(call: SignedCall): unknown {
  const { parameters } = call;
  const market = pairOf(call);
  const side = parameters.mandatoryWord('side', ['buy', 'sell']);
  const orderType = parameters.mandatoryWord('orderType', ['limit', 'market']);
  parameters.mandatoryWord('triggerType', ['fill_price', 'mark_price']);
  if (parameters.word('planType', ['amount', 'total']) === 'total')
    throw verificationFailed('planType is not simulated');
  const triggerPrice = parameters.mandatory('triggerPrice');
  if (!isDecimal(triggerPrice)) throw verificationFailed('triggerPrice');
  const comparison = compareDecimals(triggerPrice, call.engine.price(market.symbol));
  if (comparison === 0) throw verificationFailed('triggerPrice is the current price');
  const isStop = comparison > 0 === (side === 'buy');
  const isLimit = orderType === 'limit';
  const order = call.engine.place(call.account.id, 'api', {
    symbol: market.symbol,
    side,
    type: isStop ? (isLimit ? 'stop' : 'stop_market') : isLimit ? 'take_profit' : 'take_profit_market',
    amount: parameters.mandatory('size'),
    price: isLimit ? parameters.mandatory('executePrice') : undefined,
    triggerPrice,
    clientOrderId: parameters.text('clientOid'),
  });
  return idsOf(order);
}
