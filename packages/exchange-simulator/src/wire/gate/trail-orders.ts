import { invalid, missing, ORDER_FINISHED, ORDER_NOT_FOUND } from './errors.js';
import { decimalIn, sizeAsked, symbolsOf } from './futures-orders.js';
import { signedContracts } from './futures-rows.js';
import {
  CANCELLING,
  clientIdIn,
  contractOf,
  FUTURES_PLACING,
  idOf,
  newestFirst,
  openedSettleOf,
  pageByNumber,
  Parameters,
  secondsText,
  signed,
  textOf,
  type Route,
  type SignedCall,
} from './route.js';
import type { Order } from '../../engine/order.js';
import { mayOnlyReduce } from '../../engine/placing.js';
import { trailingTriggerPrice } from '../../engine/trigger.js';
import { compareDecimals, isZero, normalizeDecimal } from '@plumbline/primitives/decimal';
import { userIdOf } from '../user-id.js';

/**
 * Trailing orders: "Get trail order list", "Create trail order", "Terminate trail order" and models TrailOrder,
 * CreateTrailOrder of https://www.gate.com/docs/developers/apiv4/en/ (since v4.106.20). Paged by number, 20 a page.
 */
export const TRAIL_ORDERS: Route[] = [
  signed('GET', '/futures/:settle/autoorder/v1/trail/list', (call) => {
    const finished = call.parameters.flag('is_finished');
    const orders = trailOrders(call).filter(({ status }) => (status !== 'open') === finished);
    const page = pageByNumber(newestFirst(orders), call, { byDefault: 20, atMost: 100 }, ['page_num', 'page_size']);
    return { orders: page.map((order) => trailRow(call, order)) };
  }),
  signed('GET', '/futures/:settle/autoorder/v1/trail/detail', (call) => ({ order: trailRow(call, requested(call)) })),
  signed('POST', '/futures/:settle/autoorder/v1/trail/create', createTrail, { limit: FUTURES_PLACING }),
  signed(
    'POST',
    '/futures/:settle/autoorder/v1/trail/stop',
    (call) => {
      const order = requested(call);
      if (order.status !== 'open') throw ORDER_FINISHED;
      return { order: trailRow(call, call.engine.cancel({ account: call.account.id, id: order.id }, 'api')) };
    },
    { limit: CANCELLING },
  ),
];

function trailOrders(call: SignedCall): Order[] {
  const isAsked = symbolsOf(call);
  return call.account.allOrders().filter((order) => order.type === 'trailing_stop_market' && isAsked(order));
}

function requested(call: SignedCall): Order {
  const [id, text] = [call.parameters.text('id'), call.parameters.text('text')];
  if (id === undefined && text === undefined) throw missing('id');
  const order = trailOrders(call).findLast((each) => (id === undefined ? textOf(each) === text : each.id === id));
  if (order === undefined) throw ORDER_NOT_FOUND;
  return order;
}

function trailRow(call: SignedCall, order: Order): Record<string, unknown> {
  const market = call.engine.market(order.symbol);
  const user = userIdOf(call.account.id);
  const ended = order.status !== 'open';
  const [created, finished] = [Math.floor(order.createdAt / 1_000), ended ? Math.floor(order.updatedAt / 1_000) : 0];
  const activation = order.trailing?.activationPrice ?? null;
  const trigger = order.trailing === null ? null : trailingTriggerPrice(order.side, order.trailing);
  return {
    id: Number(order.id),
    user_id: user,
    user,
    contract: idOf(market),
    settle: market.settle.toLowerCase(),
    amount: signedContracts(market, order.side, order.amount ?? '0'),
    is_gte: order.side === 'sell',
    activation_price: activation === null ? '0' : normalizeDecimal(activation),
    price_type: 3,
    price_offset: `${normalizeDecimal(order.trailing?.callbackPercent ?? '0')}%`,
    text: textOf(order, 'apiv4'),
    reduce_only: mayOnlyReduce(order),
    position_related: false,
    created_at: created,
    activated_at: order.trailing?.best === null ? 0 : created,
    finished_at: finished,
    create_time: created,
    active_time: order.trailing?.best === null ? 0 : created,
    finish_time: finished,
    reason: '',
    suborder_text: '',
    is_dual_mode: order.slot !== 'net',
    trigger_price: trigger === null ? '0' : normalizeDecimal(trigger),
    suborder_id: order.triggeredOrderId === null ? 0 : Number(order.triggeredOrderId),
    side_label: sideLabelOf(order),
    position_side_output: sideLabelOf(order),
    status: ended ? 'finished' : 'open',
    updated_at: Math.floor(order.updatedAt / 1_000),
    extremum_price: normalizeDecimal(order.trailing?.best ?? '0'),
    created_at_precise: secondsText(order.createdAt),
    finished_at_precise: ended ? secondsText(order.updatedAt) : '',
    pos_margin_mode: 'cross',
    position_mode: order.slot === 'net' ? 'single' : 'dual',
    error_label: '',
    leverage: '20',
  };
}

function sideLabelOf(order: Order): string {
  if (order.slot === 'net') return order.side === 'buy' ? 'long' : 'short';
  return `${mayOnlyReduce(order) ? 'close' : 'open'} ${order.slot}`;
}

function createTrail(call: SignedCall): unknown {
  const { parameters } = call;
  openedSettleOf(call);
  const market = contractOf(call);
  const size = decimalIn('amount', parameters.mandatory('amount'));
  const offset = /^(\d+(?:\.\d+)?)%$/.exec(parameters.mandatory('price_offset'))?.[1];
  // A price distance is not simulated.
  if (offset === undefined) throw invalid('price_offset', parameters.mandatory('price_offset'));
  const activation = decimalIn('activation_price', parameters.text('activation_price') ?? '0');
  const direction = sizeAsked(call, market, new Parameters({ size }), parameters.flag('reduce_only'));
  const ahead = compareDecimals(activation, call.engine.price(market.symbol)) === (direction.side === 'sell' ? 1 : -1);
  const order = call.engine.place(call.account.id, 'api', {
    symbol: market.symbol,
    type: 'trailing_stop_market',
    ...direction,
    callbackPercent: offset,
    activationPrice: ahead && !isZero(activation) ? activation : undefined,
    clientOrderId: clientIdIn(parameters.text('text')),
  });
  return { id: Number(order.id) };
}
