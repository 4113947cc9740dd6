import { Big } from 'big.js';
import { instrumentIdOf, instrumentTypeOf, type SignedCall } from './route.js';
import { algoTypeOf, positionSideOf, sizeOf, tradeModeOf, type AlgoType } from './rows.js';
import { isConditional, type Order } from '../../engine/order.js';
import { mayOnlyReduce } from '../../engine/placing.js';
import { Rejection } from '../../engine/rejection.js';
import { trailingTriggerPrice } from '../../engine/trigger.js';

/** As a price: a market order when the order triggers. */
export const MARKET_PRICE = '-1';

/** One algo order on the wire: one order of the engine, or the two of an OCO. */
export interface Algo {
  id: string;
  type: AlgoType;
  parts: Order[];
}

export function algosOf(orders: readonly Order[]): Algo[] {
  const algos = new Map<string, Algo>();
  for (const order of orders.filter(isAlgo)) {
    const key = order.listId ?? order.id;
    const known = algos.get(key);
    if (known === undefined) algos.set(key, { id: order.id, type: algoTypeOf(order), parts: [order] });
    else {
      known.parts.push(order);
      if (Number(order.id) < Number(known.id)) known.id = order.id;
    }
  }
  return [...algos.values()];
}

function isAlgo(order: Order): boolean {
  return isConditional(order.type) || order.conditionalType !== null;
}

/** Whether it waits for its trigger; an order that triggered under its own id is a regular one now. */
export function isWaiting(order: Order): boolean {
  return order.status === 'open' && isConditional(order.type);
}

/** "live" until it triggers; then "effective", even if the resulting order was canceled. */
export function stateOf({ parts }: Algo): string {
  if (parts.some(isWaiting)) return 'live';
  if (parts.some(({ status, triggeredAt }) => status === 'triggered' || triggeredAt !== null)) return 'effective';
  return parts.some(({ endReason }) => endReason === 'nothing_to_reduce') ? 'order_failed' : 'canceled';
}

export function algoRow(algo: Algo, { engine, now }: SignedCall): Record<string, unknown> {
  const [first] = algo.parts;
  if (first === undefined) throw new Rejection('unknown_order', 'an algo order has a part');
  const market = engine.market(first.symbol);
  const typeOf = (order: Order): string => order.conditionalType ?? order.type;
  const takeProfit = algo.parts.find((order) => typeOf(order).startsWith('take_profit'));
  const stopLoss = algo.parts.find((order) => typeOf(order).startsWith('stop'));
  const wentOff = algo.parts.find(({ triggeredAt }) => triggeredAt !== null);
  const becameId = wentOff === undefined ? '' : (wentOff.triggeredOrderId ?? wentOff.id);
  const isStops = algo.type === 'conditional' || algo.type === 'oco';
  const trigger = algo.type === 'trigger' ? first : undefined;
  const state = stateOf(algo);
  return {
    activePx: first.trailing?.activationPrice ?? '',
    actualPx: '',
    actualSide: wentOff === undefined || !isStops ? '' : wentOff === takeProfit ? 'tp' : 'sl',
    actualSz: wentOff === undefined ? '0' : sizeOf(market, wentOff.amount ?? '0'),
    algoClOrdId: first.clientOrderId,
    algoId: algo.id,
    amendPxOnTriggerType: '0',
    attachAlgoOrds: [],
    cTime: String(first.createdAt),
    callbackRatio: first.trailing === null ? '' : new Big(first.trailing.callbackPercent).div(100).toFixed(),
    callbackSpread: '',
    ccy: '',
    chaseType: '',
    chaseVal: '',
    clOrdId: '',
    closeFraction: first.closePosition ? '1' : '',
    failCode: state === 'order_failed' ? '51169' : '',
    instId: instrumentIdOf(market),
    instType: instrumentTypeOf(market),
    isTradeBorrowMode: '',
    last: engine.price(market.symbol),
    lever: market.kind === 'spot' ? '' : '10',
    linkedOrd: { ordId: '' },
    maxChaseType: '',
    maxChaseVal: '',
    moveTriggerPx: first.trailing === null ? '' : (trailingTriggerPrice(first.side, first.trailing) ?? ''),
    ordId: becameId,
    ordIdList: becameId === '' ? [] : [becameId],
    ordPx: trigger === undefined ? '' : (trigger.price ?? MARKET_PRICE),
    ordType: algo.type,
    posSide: positionSideOf(market, first.slot),
    pxLimit: '',
    pxSpread: '',
    pxVar: '',
    quickMgnType: '',
    reduceOnly: String(market.kind !== 'spot' && first.slot === 'net' && mayOnlyReduce(first)),
    side: first.side,
    ...legOf('tp', isStops ? takeProfit : undefined),
    ...legOf('sl', isStops ? stopLoss : undefined),
    state,
    sz: first.amount === null ? '' : sizeOf(market, first.amount),
    szLimit: '',
    tag: '',
    tdMode: tradeModeOf(market),
    tgtCcy: '',
    timeInterval: '',
    triggerPx: trigger?.triggerPrice ?? '',
    triggerPxType: trigger === undefined ? '' : 'last',
    triggerTime: wentOff === undefined ? '' : String(wentOff.triggeredAt ?? now),
    uTime: String(Math.max(...algo.parts.map(({ updatedAt }) => updatedAt))),
  };
}

function legOf(name: 'tp' | 'sl', order: Order | undefined): Record<string, string> {
  return {
    [`${name}TriggerPx`]: order?.triggerPrice ?? '',
    [`${name}TriggerPxType`]: order === undefined ? '' : 'last',
    [`${name}OrdPx`]: order === undefined ? '' : (order.price ?? MARKET_PRICE),
  };
}
