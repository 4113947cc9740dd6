import { BitgetError } from '../shared/errors.js';
import { LEVERAGE, plain } from '../shared/rows.js';
import { read, trade, type Route, type SignedCall } from '../shared/route.js';
import { FUTURES, futuresOf, marketsOf, optionalMarketOf, unifiedIdOf } from './categories.js';
import { positionRow } from './rows.js';
import type { Market } from '../../../engine/market.js';
import { remainingOf } from '../../../engine/order.js';
import { mayOnlyReduce } from '../../../engine/placing.js';
import { profitOf, type Position } from '../../../engine/position.js';
import { Rejection } from '../../../engine/rejection.js';
import { smallerOf } from '../../../engine/rounding.js';
import { userIdOf } from '../../user-id.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  negateDecimal,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '@plumbline/primitives/decimal';

/**
 * The account, its settings, assets and positions. Pages under https://www.bitget.com/api-doc/uta/: account/Get-Account,
 * Get-Account-Setting, Get-Account-Info, Get-Account-Funding-Assets, Change-Position-Mode; trade/Get-Position.
 *
 * One wallet holds everything. `balance` leaves out what spot orders lock ("Equity = Balance + Frozen + unrealized PnL"), and a
 * debt is a balance below zero. The funding wallet is empty.
 */
export const UNIFIED_ACCOUNT: Route[] = [
  read('/api/v3/account/settings', 20, (call) => ({
    uid: String(userIdOf(call.account.id)),
    accountMode: 'unified',
    assetMode: 'multi_assets',
    accountLevel: 'advanced',
    holdMode: call.account.positionMode === 'hedge' ? 'hedge_mode' : 'one_way_mode',
    stpMode: 'none',
    symbolConfigList: FUTURES.flatMap((category) =>
      marketsOf(call.engine, category).map((market) => ({
        category,
        symbol: unifiedIdOf(market),
        marginMode: 'crossed',
        leverage: LEVERAGE,
      })),
    ),
    coinConfigList: [],
  })),
  read('/api/v3/account/info', 5, ({ account, key }) => ({
    userId: String(userIdOf(account.id)),
    inviterId: '',
    parentId: '',
    channelCode: '',
    channel: '',
    ips: key.ipRestricted ? '127.0.0.1' : '',
    permType: key.canTrade || key.canWithdraw ? 'read-and-write' : 'read-only',
    permissions: ['uta_mgt', 'uta_trade', ...(key.canWithdraw ? ['withdraw'] : [])],
    regisTime: '1650000000000',
  })),
  trade('/api/v3/account/set-hold-mode', 10, (call) => {
    const mode = call.parameters.mandatoryWord('holdMode', ['one_way_mode', 'hedge_mode']);
    try {
      call.engine.setPositionMode(call.account.id, mode === 'hedge_mode' ? 'hedge' : 'one-way');
    } catch (error) {
      if (error instanceof Rejection && error.reason === 'position_mode_locked') {
        throw new BitgetError('25010', 'Unsupported position mode switch');
      }
      if (!(error instanceof Rejection) || error.reason !== 'position_mode_unchanged') throw error;
    }
    return 'success';
  }),
  read('/api/v3/account/assets', 20, assets),
  read('/api/v3/account/funding-assets', 20, () => []),
  // Without positions the list is null, and there is no cursor.
  read('/api/v3/position/current-position', 20, (call) => {
    const category = futuresOf(call);
    const only = optionalMarketOf(call, category);
    const rows = (only === null ? marketsOf(call.engine, category) : [only]).flatMap((market) =>
      held(call, market).map((position) => rowOf(call, market, position)),
    );
    return { list: rows.length === 0 ? null : rows };
  }),
];

function held(call: SignedCall, market: Market): Position[] {
  return call.account.positions().filter(({ symbol, amount }) => symbol === market.symbol && !isZero(amount));
}

function rowOf(call: SignedCall, market: Market, position: Position): Record<string, unknown> {
  const closing = call.account
    .open()
    .filter(
      (order) =>
        order.type === 'limit' &&
        order.symbol === market.symbol &&
        order.slot === position.slot &&
        mayOnlyReduce(order),
    )
    .reduce((sum, order) => addDecimals(sum, remainingOf(order) ?? '0'), '0');
  return positionRow(position, market, {
    frozen: smallerOf(closing, absoluteDecimal(position.amount)),
    price: call.engine.price(market.symbol),
  });
}

/** "Only non-zero balances being returned". */
function assets(call: SignedCall): unknown {
  const locked = call.engine.locked(call.account.id);
  const profits = profitsOf(call);
  const rows = [...call.account.wallet].flatMap(([coin, { balance: total }]) => {
    const frozen = locked.get(coin) ?? '0';
    const profit = profits.get(coin) ?? '0';
    const balance = subtractDecimals(total, frozen);
    if (isZero(total) && isZero(profit)) return [];
    const available = addDecimals(balance, profit);
    return [
      {
        coin,
        equity: addDecimals(total, profit),
        usdValue: '0',
        balance: plain(balance),
        available,
        debt: signOf(available) < 0 ? negateDecimal(available) : '0',
        locked: plain(frozen),
        bonus: '0',
      },
    ];
  });
  return {
    accountEquity: '0',
    usdtEquity: '0',
    btcEquity: '0',
    unrealisedPnl: '0',
    usdtUnrealisedPnl: '0',
    btcUnrealizedPnl: '0',
    effEquity: '0',
    mmr: '0',
    imr: '0',
    mgnRatio: '0',
    positionMgnRatio: '0',
    positionValue: '0',
    leverage: '0',
    assets: rows,
  };
}

/** The profit or loss of the open positions, by margin coin. */
function profitsOf(call: SignedCall): Map<string, DecimalText> {
  const profits = new Map<string, DecimalText>();
  for (const market of FUTURES.flatMap((category) => marketsOf(call.engine, category))) {
    for (const { amount, entryPrice } of held(call, market)) {
      const profit = profitOf(market, amount, entryPrice, call.engine.price(market.symbol));
      profits.set(market.settle, addDecimals(profits.get(market.settle) ?? '0', profit));
    }
  }
  return profits;
}
