import { GateError, invalid } from './errors.js';
import { contractRow } from './futures-rows.js';
import {
  contractOf,
  contractsFor,
  contractsListed,
  idOf,
  open,
  openedSettleOf,
  pageByOffset,
  settleOf,
  signed,
  sizeShown,
  type Route,
  type SignedCall,
} from './route.js';
import { settledValueOf, type Market } from '../../engine/market.js';
import type { PositionSlot } from '../../engine/order.js';
import { profitOf, type Position } from '../../engine/position.js';
import { Rejection } from '../../engine/rejection.js';
import { divideDecimals } from '../../engine/rounding.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  multiplyDecimals,
  normalizeDecimal,
} from '@plumbline/primitives/decimal';
import { userIdOf } from '../user-id.js';

const LEVERAGE = '20';

/**
 * Futures contracts, accounts, positions and the position mode: "List all futures contracts", "Query futures account", "List
 * all positions of a user", "Get single position", "Enable or disable dual mode" and models FuturesAccount, Position of
 * https://www.gate.com/docs/developers/apiv4/en/.
 */
export const FUTURES_ACCOUNT: Route[] = [
  open('/futures/:settle/contracts', (call) => {
    const contracts = contractsListed(call.engine, settleOf(call));
    // The page documents a default limit of 100, but clients read all contracts, which are many more, in one request
    // without one.
    const byDefault = Math.max(1, contracts.length);
    const page = pageByOffset(contracts, call, () => '0', { byDefault, atMost: Math.max(1_000, byDefault) });
    return page.map((market) => contractRow(call, market));
  }),
  open('/futures/:settle/contracts/:contract', (call) => contractRow(call, contractOf(call))),
  signed('GET', '/futures/:settle/accounts', accountRow),
  signed('GET', '/futures/:settle/positions', listPositions),
  signed('GET', '/futures/:settle/positions/:contract', (call) => {
    openedSettleOf(call);
    const market = contractOf(call);
    if (call.account.positionMode === 'hedge') throw dualMode();
    return positionRow(call, market, call.account.position(market.symbol, 'net'));
  }),
  signed('GET', '/futures/:settle/dual_comp/positions/:contract', (call) => {
    openedSettleOf(call);
    const market = contractOf(call);
    return slotsOf(call).map((slot) => positionRow(call, market, call.account.position(market.symbol, slot)));
  }),
  signed('POST', '/futures/:settle/positions/:contract/leverage', (call) => {
    const market = contractOf(call);
    const [slot = 'net'] = slotsOf(call);
    return positionRow(call, market, call.account.position(market.symbol, slot));
  }),
  signed('POST', '/futures/:settle/dual_mode', (call) => {
    const dual = call.parameters.mandatoryWord('dual_mode', ['true', 'false']);
    return setMode(call, dual === 'true' ? 'hedge' : 'one-way');
  }),
  signed('POST', '/futures/:settle/set_position_mode', (call) => {
    const mode = call.parameters.mandatoryWord('position_mode', ['single', 'dual', 'dual_plus']);
    if (mode === 'dual_plus') throw invalid('position_mode', mode);
    return setMode(call, mode === 'dual' ? 'hedge' : 'one-way');
  }),
];

function dualMode(): GateError {
  return new GateError('POSITION_DUAL_MODE', 'Operation forbidden in dual-mode');
}

function setMode(call: SignedCall, mode: 'one-way' | 'hedge'): unknown {
  openedSettleOf(call);
  try {
    call.engine.setPositionMode(call.account.id, mode);
  } catch (error) {
    const byOrders = call.account.positions().every(({ amount }) => isZero(amount));
    if (error instanceof Rejection && error.reason === 'position_mode_locked' && byOrders) {
      throw new GateError('ORDER_PENDING', 'Operation forbidden with pending orders');
    }
    throw error;
  }
  return accountRow(call);
}

function slotsOf({ account }: SignedCall): PositionSlot[] {
  return account.positionMode === 'one-way' ? ['net'] : ['long', 'short'];
}

/** The engine has one wallet: the futures account of a currency and the spot account show the same balance. */
function accountRow(call: SignedCall): Record<string, unknown> {
  const currency = openedSettleOf(call).toUpperCase();
  const balance = normalizeDecimal(call.account.wallet.get(currency)?.balance ?? '0');
  const profit = call.account.positions().reduce((sum, position) => {
    const market = call.engine.market(position.symbol);
    if (market.settle !== currency) return sum;
    const price = call.engine.price(market.symbol);
    return addDecimals(sum, profitOf(market, position.amount, position.entryPrice, price));
  }, '0');
  const dual = call.account.positionMode === 'hedge';
  return {
    user: userIdOf(call.account.id),
    currency,
    total: balance,
    unrealised_pnl: profit,
    position_margin: '0',
    order_margin: '0',
    available: balance,
    point: '0',
    bonus: '0',
    in_dual_mode: dual,
    position_mode: dual ? 'dual' : 'single',
    enable_credit: false,
    enable_evolved_classic: false,
    enable_new_dual_mode: true,
    margin_mode: 0,
    position_initial_margin: '0',
    maintenance_margin: '0',
    cross_order_margin: '0',
    cross_initial_margin: '0',
    cross_maintenance_margin: '0',
    cross_unrealised_pnl: profit,
    cross_available: balance,
    cross_margin_balance: balance,
    isolated_position_margin: '0',
    history: { dnw: '0', pnl: '0', fee: '0', refr: '0', fund: '0', point_dnw: '0', point_fee: '0', point_refr: '0' },
    enable_tiered_mm: true,
  };
}

/** Includes closed contracts, with a size of zero, unless `holding` says otherwise. Without a limit it lists all. */
function listPositions(call: SignedCall): unknown {
  const settle = openedSettleOf(call);
  const known = new Set(call.account.positions().map(({ symbol }) => symbol));
  const rows = contractsListed(call.engine, settle)
    .filter(({ symbol }) => known.has(symbol))
    .flatMap((market) =>
      slotsOf(call).map((slot) => ({ market, position: call.account.position(market.symbol, slot) })),
    )
    .filter(({ position }) => !call.parameters.flag('holding') || !isZero(position.amount));
  const all = Math.max(1, rows.length);
  const isLimited = call.parameters.text('limit') !== undefined;
  const page = pageByOffset(rows, call, () => '0', { byDefault: all, atMost: isLimited ? 100 : all });
  return page.map(({ market, position }) => positionRow(call, market, position));
}

const MODES: Record<PositionSlot, string> = { net: 'single', long: 'dual_long', short: 'dual_short' };

function positionRow(call: SignedCall, market: Market, position: Position): Record<string, unknown> {
  const price = call.engine.price(market.symbol);
  const value = isZero(position.amount) ? '0' : settledValueOf(market, absoluteDecimal(position.amount), price);
  const profit = profitOf(market, position.amount, position.entryPrice, price);
  const pending = call.account
    .open()
    .filter(({ symbol, slot, type }) => symbol === market.symbol && slot === position.slot && type === 'limit');
  const time = Math.floor(position.updatedAt / 1_000);
  return {
    user: userIdOf(call.account.id),
    contract: idOf(market),
    size: sizeShown(call, contractsFor(market, position.amount)),
    leverage: '0',
    cross_leverage_limit: LEVERAGE,
    lever: LEVERAGE,
    risk_limit: '1000000',
    leverage_max: '100',
    maintenance_rate: '0.005',
    average_maintenance_rate: '0.005',
    value,
    margin: '0',
    entry_price: normalizeDecimal(position.entryPrice),
    liq_price: '0',
    mark_price: price,
    initial_margin: divideDecimals(value, LEVERAGE),
    maintenance_margin: multiplyDecimals(value, '0.005'),
    unrealised_pnl: profit,
    realised_pnl: '0',
    pnl_pnl: '0',
    pnl_fund: '0',
    pnl_fee: '0',
    history_pnl: '0',
    last_close_pnl: '0',
    realised_point: '0',
    history_point: '0',
    adl_ranking: isZero(position.amount) ? 6 : 5,
    pending_orders: pending.length,
    close_order: null,
    mode: MODES[position.slot],
    pos_margin_mode: 'cross',
    update_time: time,
    update_id: 1,
    open_time: time,
    risk_limit_table: '',
    pid: 0,
  };
}
