import { contractsOf, instrumentIdOf, instrumentTypeOf } from './route.js';
import type { Account } from '../../engine/account.js';
import type { Market } from '../../engine/market.js';
import { averagePriceOf, isConditional, type Order, type Trade } from '../../engine/order.js';
import { mayOnlyReduce } from '../../engine/placing.js';
import { profitOf, type Position } from '../../engine/position.js';
import { divideDecimals, padDecimals } from '../../engine/rounding.js';
import { settledValueOf } from '../../engine/market.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  multiplyDecimals,
  negateDecimal,
  type DecimalText,
} from '@plumbline/primitives/decimal';

/*
 * Rows of orders, fills and positions, field by field as in the response tables of https://www.okx.com/docs-v5/en/:
 * #order-book-trading-trade-get-order-details, -get-order-list, -get-transaction-details-last-3-months,
 * #trading-account-rest-api-get-positions. All values are texts; sizes are contracts, on spot base units.
 */

const LEVERAGE = '10';

export function sizeOf(market: Market, amount: DecimalText): DecimalText {
  return contractsOf(market, amount);
}

export function tradeModeOf(market: Market): string {
  return market.kind === 'spot' ? 'cash' : 'cross';
}

/** Spot has no position side. */
export function positionSideOf(market: Market, slot: Position['slot']): string {
  return market.kind === 'spot' ? '' : slot;
}

/** The algo order that a regular order came from: under another id, or on spot the order itself before it triggered. */
export function algoIdOf(order: Order): string {
  return order.triggeredFrom ?? (order.conditionalType === null ? '' : order.id);
}

export function orderRow(order: Order, market: Market, account: Account): Record<string, unknown> {
  const fills = isZero(order.filled) ? [] : account.trades.filter(({ orderId }) => orderId === order.id);
  const last = fills.at(-1);
  const algoId = algoIdOf(order);
  const fee = fills.reduce((sum, each) => addDecimals(sum, each.fee), '0');
  const isSpot = market.kind === 'spot';
  return {
    accFillSz: sizeOf(market, order.filled),
    algoClOrdId: algoId === '' ? '' : order.clientOrderId,
    algoId,
    attachAlgoClOrdId: '',
    attachAlgoOrds: [],
    avgPx: averagePriceOf(order) ?? '',
    cTime: String(order.createdAt),
    cancelSource: cancelSourceOf(order),
    cancelSourceReason: '',
    category: order.placedBy === 'liquidation' ? 'full_liquidation' : 'normal',
    ccy: '',
    clOrdId: algoId === '' ? order.clientOrderId : '',
    fee: negateDecimal(fee),
    feeCcy: last?.feeCurrency ?? (isSpot ? market.quote : market.settle),
    fillPx: last?.price ?? '',
    fillSz: last === undefined ? '0' : sizeOf(market, last.amount),
    fillTime: last === undefined ? '' : String(last.at),
    instId: instrumentIdOf(market),
    instType: instrumentTypeOf(market),
    isTpLimit: 'false',
    lever: isSpot ? '' : LEVERAGE,
    linkedAlgoOrd: { algoId: '' },
    ordId: order.id,
    ordType: orderTypeOf(order),
    pnl: fills.reduce((sum, { realizedProfit }) => addDecimals(sum, realizedProfit), '0'),
    posSide: positionSideOf(market, order.slot),
    px: order.price ?? '',
    pxType: '',
    pxUsd: '',
    pxVol: '',
    quickMgnType: '',
    rebate: '0',
    rebateCcy: isSpot ? market.base : market.settle,
    reduceOnly: String(order.slot === 'net' && order.reduceOnly),
    side: order.side,
    slOrdPx: '',
    slTriggerPx: '',
    slTriggerPxType: '',
    source: sourceOf(order, account),
    state: stateOf(order),
    stpId: '',
    stpMode: 'cancel_maker',
    sz: sizeOf(market, order.amount ?? '0'),
    tag: '',
    tdMode: tradeModeOf(market),
    tgtCcy: isSpot && order.price === null ? 'base_ccy' : '',
    tpOrdPx: '',
    tpTriggerPx: '',
    tpTriggerPxType: '',
    tradeId: last?.id ?? '',
    tradeQuoteCcy: isSpot ? market.quote : '',
    uTime: String(order.updatedAt),
  };
}

/** Everything that ended without being filled is "canceled"; `cancelSource` gives the reason. */
function stateOf(order: Order): string {
  if (order.status === 'filled') return 'filled';
  if (order.status !== 'open') return 'canceled';
  return isZero(order.filled) ? 'live' : 'partially_filled';
}

export function orderTypeOf(order: Order): string {
  if (order.price === null) return 'market';
  const types = { GTC: 'limit', GTD: 'limit', IOC: 'ioc', FOK: 'fok', GTX: 'post_only' } as const;
  return types[order.timeInForce];
}

/** 1 is the user, 3 the risk engine, 13 FOK, 14 IOC, 17 a position that is gone, 31 post-only, 0 the system. */
function cancelSourceOf(order: Order): string {
  if (order.status === 'canceled') return '1';
  if (order.status !== 'expired') return '';
  const sources = {
    liquidation: '3',
    fill_or_kill: '13',
    immediate_or_cancel: '14',
    nothing_to_reduce: '17',
    post_only: '31',
  };
  const known = Object.entries(sources).find(([reason]) => reason === order.endReason);
  return known?.[1] ?? '0';
}

/** 6 came from a trigger order, 7 from a TP/SL order, 25 from a trailing one. */
function sourceOf(order: Order, account: Account): string {
  const origin = order.triggeredFrom === null ? order : account.findOrder({ id: order.triggeredFrom });
  const type = order.conditionalType ?? origin?.type ?? order.type;
  if (origin === null || !isConditional(type)) return '';
  if (type === 'trailing_stop_market') return '25';
  return algoTypeOf(origin) === 'trigger' ? '6' : '7';
}

export type AlgoType = 'conditional' | 'oco' | 'trigger' | 'move_order_stop';

/**
 * The `ordType` of an algo order. An order from this wire has its own; of the others reduce-only ones are TP/SL orders,
 * and those that may open a position are trigger orders.
 */
export function algoTypeOf(order: Order): AlgoType {
  const type = order.conditionalType ?? order.type;
  if (type === 'trailing_stop_market') return 'move_order_stop';
  if (order.listId !== null) return 'oco';
  if (order.note === 'conditional' || order.note === 'trigger') return order.note;
  return mayOnlyReduce(order) ? 'conditional' : 'trigger';
}

/** #order-book-trading-trade-get-transaction-details-last-3-months. A paid fee is negative. */
export function fillRow(trade: Trade, market: Market, account: Account): Record<string, unknown> {
  const order = account.findOrder({ id: trade.orderId });
  return {
    instType: instrumentTypeOf(market),
    instId: instrumentIdOf(market),
    tradeId: trade.id,
    ordId: trade.orderId,
    clOrdId: order === null || algoIdOf(order) !== '' ? '' : order.clientOrderId,
    billId: trade.id,
    subType: subTypeOf(trade, market, order?.placedBy === 'liquidation'),
    tag: '',
    fillPx: trade.price,
    fillSz: sizeOf(market, trade.amount),
    fillIdxPx: trade.price,
    fillPnl: trade.realizedProfit,
    fillPxVol: '',
    fillPxUsd: '',
    fillMarkVol: '',
    fillFwdPx: '',
    fillMarkPx: trade.price,
    side: trade.side,
    posSide: positionSideOf(market, trade.slot),
    execType: trade.maker ? 'M' : 'T',
    feeCcy: trade.feeCurrency,
    fee: negateDecimal(trade.fee),
    ts: String(trade.at),
    fillTime: String(trade.at),
    feeRate: trade.maker ? '-0.0002' : '-0.0004',
    tradeQuoteCcy: market.kind === 'spot' ? market.quote : '',
  };
}

/** 1 and 2 buy and sell, 3 to 6 open and close legs, 104 and 105 liquidate a long and a short. */
export function subTypeOf(trade: Trade, market: Market, byForce: boolean): string {
  if (byForce) return trade.side === 'sell' ? '104' : '105';
  if (market.kind === 'spot' || trade.slot === 'net') return trade.side === 'buy' ? '1' : '2';
  if (trade.slot === 'long') return trade.side === 'buy' ? '3' : '5';
  return trade.side === 'sell' ? '4' : '6';
}

/** In net mode `pos` is signed, in long/short mode it is not. */
export function positionRow(
  position: Position,
  { market, mark, account, posId }: { market: Market; mark: DecimalText; account: Account; posId: string },
): Record<string, unknown> {
  const isEmpty = isZero(position.amount);
  const contracts = sizeOf(market, position.amount);
  const value = isEmpty ? '' : settledValueOf(market, absoluteDecimal(position.amount), mark);
  const profit = isEmpty ? '' : padDecimals(profitOf(market, position.amount, position.entryPrice, mark), 8);
  const last = account.trades.findLast(({ symbol, slot }) => symbol === market.symbol && slot === position.slot);
  const price = isEmpty ? '' : position.entryPrice;
  return {
    adl: isEmpty ? '' : '1',
    availPos: isEmpty ? '' : absoluteDecimal(contracts),
    avgPx: price,
    baseBal: '',
    baseBorrowed: '',
    baseInterest: '',
    bePx: price,
    bizRefId: '',
    bizRefType: '',
    cTime: String(position.updatedAt),
    ccy: market.settle,
    clSpotInUseAmt: '',
    closeOrderAlgo: [],
    deltaBS: '',
    deltaPA: '',
    fee: '0',
    fundingFee: '0',
    gammaBS: '',
    gammaPA: '',
    idxPx: mark,
    imr: isEmpty ? '' : divideDecimals(value, LEVERAGE),
    instId: instrumentIdOf(market),
    instType: instrumentTypeOf(market),
    interest: '',
    last: mark,
    lever: LEVERAGE,
    liab: '',
    liabCcy: '',
    liqPenalty: '0',
    liqPx: '',
    margin: '',
    markPx: mark,
    maxSpotInUseAmt: '',
    mgnMode: 'cross',
    mgnRatio: isEmpty ? '' : '100',
    mmr: isEmpty ? '' : multiplyDecimals(value, '0.004'),
    nonSettleAvgPx: '',
    notionalUsd: market.kind === 'inverse' ? absoluteDecimal(position.amount) : value,
    optVal: '',
    pendingCloseOrdLiabVal: '',
    pnl: '0',
    pos: position.slot === 'net' ? contracts : absoluteDecimal(contracts),
    posCcy: '',
    posId,
    posSide: position.slot,
    quoteBal: '',
    quoteBorrowed: '',
    quoteInterest: '',
    realizedPnl: '0',
    settledPnl: '',
    spotInUseAmt: '',
    spotInUseCcy: '',
    thetaBS: '',
    thetaPA: '',
    tradeId: last?.id ?? '',
    uTime: String(position.updatedAt),
    upl: profit,
    uplLastPx: profit,
    uplRatio: '',
    uplRatioLastPx: '',
    usdPx: '1',
    vegaBS: '',
    vegaPA: '',
  };
}
