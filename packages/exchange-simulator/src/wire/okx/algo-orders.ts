import { Big } from 'big.js';
import {
  emptyParameter,
  NOTHING_TO_CANCEL,
  OkxError,
  operations,
  ORDER_NOT_FOUND,
  parameterError,
  type Envelope,
} from './errors.js';
import { algoRow, algosOf, isWaiting, MARKET_PRICE, stateOf, type Algo } from './algo-rows.js';
import { commonRequest } from './orders.js';
import { page, within } from './pages.js';
import { chosenMarkets, marketById, read, trade, type Parameters, type Route, type SignedCall } from './route.js';
import type { Account } from '../../engine/account.js';
import type { OrderRequest } from '../../engine/order.js';

const DAY_MS = 86_400_000;
const PENDING_TYPES = [
  'conditional',
  'oco',
  'chase',
  'trigger',
  'move_order_stop',
  'iceberg',
  'smart_iceberg',
  'twap',
] as const;

/**
 * Conditional orders. A take-profit and a stop-loss that cancel each other are one "oco" here and a list of two in the
 * engine, shown under the first one's id. https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading-:
 * post-place-algo-order, post-cancel-algo-order, get-algo-order-details, get-algo-order-list, get-algo-order-history.
 */
export const ALGO_ORDERS: Route[] = [
  read('/api/v5/trade/orders-algo-pending', 20, pending),
  read('/api/v5/trade/orders-algo-history', 20, history),
  read('/api/v5/trade/order-algo', 20, details),
  trade('/api/v5/trade/order-algo', 20, place),
  trade('/api/v5/trade/cancel-algos', 20, cancel),
];

/** `conditional` and `oco` may be requested together; each other type needs its own request. */
function askedTypes(parameters: Parameters): Set<string> {
  const types = parameters.mandatory('ordType').split(',');
  const known = types.every((type) => PENDING_TYPES.some((candidate) => candidate === type));
  const mayStandTogether = types.every((type) => type === 'conditional' || type === 'oco');
  if (!known || (types.length > 1 && !mayStandTogether)) throw parameterError('ordType');
  return new Set(types);
}

function pending(call: SignedCall): readonly unknown[] {
  const types = askedTypes(call.parameters);
  const asked = call.parameters.text('algoId');
  const symbols = new Set(chosenMarkets(call).map(({ symbol }) => symbol));
  const waiting = algosOf(call.account.open().filter((order) => symbols.has(order.symbol) && isWaiting(order)));
  const wanted = waiting.filter(({ id, type }) => types.has(type) && (asked === undefined || id === asked));
  return page(wanted, call, ({ id }) => id).map((algo) => algoRow(algo, call));
}

/** A state or an id is mandatory; covers the last three months. */
function history(call: SignedCall): readonly unknown[] {
  const { parameters, account } = call;
  const types = askedTypes(parameters);
  const [state, asked] = [parameters.text('state'), parameters.text('algoId')];
  if (state === undefined && asked === undefined) {
    throw new OkxError('50015', 'Either parameter state or algoId is required');
  }
  const symbols = new Set(chosenMarkets(call).map(({ symbol }) => symbol));
  const ended = algosOf(account.allOrders().filter((order) => symbols.has(order.symbol) && !isWaiting(order)));
  const wanted = ended.filter(
    (algo) => types.has(algo.type) && (asked === undefined ? stateOf(algo) === state : algo.id === asked),
  );
  const recent = within(wanted, call, 90 * DAY_MS, ({ parts }) => Math.max(...parts.map(({ updatedAt }) => updatedAt)));
  return page(recent, call, ({ id }) => id).map((algo) => algoRow(algo, call));
}

function details(call: SignedCall): readonly unknown[] {
  const algo = namedAlgo(call.account, call.parameters);
  if (algo === null) throw ORDER_NOT_FOUND;
  return [algoRow(algo, call)];
}

function namedAlgo(account: Account, item: Parameters): Algo | null {
  const [id, clientId] = [item.text('algoId'), item.text('algoClOrdId')];
  if (id === undefined && clientId === undefined) throw emptyParameter('algoId or algoClOrdId');
  return (
    algosOf(account.allOrders()).findLast(({ parts, ...algo }) =>
      id === undefined ? parts.some(({ clientOrderId }) => clientOrderId === clientId) : algo.id === id,
    ) ?? null
  );
}

function cancel(call: SignedCall): Envelope {
  return operations(
    call.items,
    (item) => {
      marketById(call.engine, item.mandatory('instId'));
      const algo = namedAlgo(call.account, item);
      const waiting = algo?.parts.find(isWaiting);
      if (algo === null || waiting === undefined) throw NOTHING_TO_CANCEL;
      // Cancels the other order of an OCO too.
      call.engine.cancel({ account: call.account.id, id: waiting.id }, 'api');
      return { algoId: algo.id, algoClOrdId: algo.parts[0]?.clientOrderId ?? '' };
    },
    (item) => ({ algoId: item.text('algoId') ?? '', algoClOrdId: item.text('algoClOrdId') ?? '' }),
  );
}

function place(call: SignedCall): Envelope {
  return operations(
    call.items,
    (item) => {
      const type = item.oneOf('ordType', ['conditional', 'oco', 'trigger', 'move_order_stop']);
      const requests = type === 'conditional' || type === 'oco' ? stopsOf(call, item) : [singleOf(call, item, type)];
      const [first, second] = requests;
      if (first === undefined || (type === 'oco') !== (second !== undefined)) throw parameterError('ordType');
      const [placed] =
        second === undefined
          ? [call.engine.place(call.account.id, 'api', first)]
          : call.engine.placeList(call.account.id, 'api', requests);
      return { ...acknowledgement(item), algoId: placed?.id ?? '', algoClOrdId: placed?.clientOrderId ?? '' };
    },
    (item) => ({ ...acknowledgement(item), algoId: '' }),
  );
}

function acknowledgement(item: Parameters): Record<string, string> {
  return { algoId: '', clOrdId: '', algoClOrdId: item.text('algoClOrdId') ?? '', tag: item.text('tag') ?? '' };
}

/** The take-profit and the stop-loss of a conditional or OCO order, whichever are given. */
function stopsOf(call: SignedCall, item: Parameters): OrderRequest[] {
  const closesAll = item.text('closeFraction') === '1';
  const common = commonRequest(call, item);
  const kinds = [
    { name: 'tp', limit: 'take_profit', market: 'take_profit_market' },
    { name: 'sl', limit: 'stop', market: 'stop_market' },
  ] as const;
  const stops = kinds.flatMap(({ name, limit, market }, index): OrderRequest[] => {
    const triggerPrice = item.text(`${name}TriggerPx`);
    if (triggerPrice === undefined) return [];
    const price = item.mandatory(`${name}OrdPx`);
    checkSide(call, common, name, triggerPrice);
    const isMarket = price === MARKET_PRICE;
    const clientId = item.text('algoClOrdId');
    return [
      {
        ...common,
        ...(closesAll ? { amount: undefined, reduceOnly: undefined, closePosition: true } : {}),
        type: isMarket ? market : limit,
        triggerPrice,
        price: isMarket ? undefined : price,
        clientOrderId: clientId === undefined || index === 0 ? clientId : `${clientId.slice(0, 33)}sl`,
        note: 'conditional',
      },
    ];
  });
  if (stops.length === 0) throw emptyParameter('tpTriggerPx or slTriggerPx');
  const [only] = stops;
  if (stops.length === 1 && only !== undefined) return [{ ...only, clientOrderId: item.text('algoClOrdId') }];
  return stops;
}

/** 51277 to 51280: a trigger on the wrong side of the price. */
function checkSide(
  { engine }: SignedCall,
  { symbol, side }: Pick<OrderRequest, 'symbol' | 'side'>,
  name: 'tp' | 'sl',
  triggerPrice: string,
): void {
  const last = engine.price(symbol);
  const mustBeAbove = (name === 'tp') === (side === 'sell');
  if (new Big(triggerPrice).cmp(last) === (mustBeAbove ? 1 : -1)) return;
  if (name === 'tp') {
    throw mustBeAbove
      ? new OkxError('51279', 'TP trigger price cannot be lower than the last price')
      : new OkxError('51277', 'TP trigger price cannot be higher than the last price');
  }
  throw mustBeAbove
    ? new OkxError('51278', 'SL trigger price cannot be lower than the last price')
    : new OkxError('51280', 'SL trigger price cannot be higher than the last price');
}

/** A trigger order triggers when the price reaches its trigger from the present side. */
function singleOf(call: SignedCall, item: Parameters, type: 'trigger' | 'move_order_stop'): OrderRequest {
  const common = { ...commonRequest(call, item), clientOrderId: item.text('algoClOrdId'), note: type };
  if (type === 'move_order_stop') {
    return {
      ...common,
      type: 'trailing_stop_market',
      activationPrice: item.text('activePx'),
      callbackPercent: callbackOf(call, item, common.symbol),
    };
  }
  const [triggerPrice, price] = [item.mandatory('triggerPx'), item.mandatory('orderPx')];
  const rises = new Big(triggerPrice).gt(call.engine.price(common.symbol));
  const isMarket = price === MARKET_PRICE;
  const isStop = rises === (common.side === 'buy');
  const name = isStop ? 'stop' : 'take_profit';
  return { ...common, type: isMarket ? `${name}_market` : name, triggerPrice, price: isMarket ? undefined : price };
}

/** A ratio ("0.02"), or a price distance, which the engine keeps as a percentage with two decimals. */
function callbackOf({ engine }: SignedCall, item: Parameters, symbol: string): string {
  const ratio = item.text('callbackRatio');
  if (ratio !== undefined) return new Big(ratio).times(100).toFixed();
  const reference = item.text('activePx') ?? engine.price(symbol);
  return new Big(item.mandatory('callbackSpread')).times(100).div(reference).round(2).toFixed();
}
