import { BitgetError, wrong } from './shared/errors.js';
import { LEVERAGE, plain } from './shared/rows.js';
import {
  contractOf,
  contractsListed,
  productTypeOf,
  read,
  symbolIdOf,
  trade,
  type ProductType,
  type Route,
  type SignedCall,
} from './shared/route.js';
import type { Market } from '../../engine/market.js';
import { remainingOf, type Order } from '../../engine/order.js';
import { mayOnlyReduce } from '../../engine/placing.js';
import { profitOf, type Position } from '../../engine/position.js';
import { divideDecimals, smallerOf } from '../../engine/rounding.js';
import { Rejection } from '../../engine/rejection.js';
import { userIdOf } from '../user-id.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  multiplyDecimals,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '@plumbline/primitives/decimal';

/**
 * Futures accounts and positions, and the key's own permissions. Pages under https://www.bitget.com/api-doc/:
 * contract/account/Get-Account-List, Get-Single-Account, Change-Hold-Mode, Change-Leverage, Change-Margin-Mode;
 * contract/position/get-all-position, get-single-position; spot/account/Get-Account-Info; common/account/Funding-Assets and
 * All-Account-Balance.
 *
 * The engine has one wallet. A margin coin is shown in its futures account, except for what open spot orders lock; the
 * spot account shows that and all other coins. So each amount is in one account only, as on the exchange.
 */
export const ACCOUNT: Route[] = [
  read('/api/v2/mix/account/accounts', 10, (call) => {
    const productType = productTypeOf(call);
    return coinsOf(productType).map((coin) => accountRow(call, productType, coin));
  }),
  read('/api/v2/mix/account/account', 10, (call) => {
    const market = contractOf(call);
    const coin = marginCoinOf(call, market);
    return {
      ...accountRow(call, productTypeOf(call), coin),
      crossedMarginLeverage: LEVERAGE,
      isolatedLongLever: LEVERAGE,
      isolatedShortLever: LEVERAGE,
      marginMode: 'crossed',
      posMode: posModeOf(call),
    };
  }),
  trade('/api/v2/mix/account/set-position-mode', 5, setPositionMode),
  trade('/api/v2/mix/account/set-leverage', 5, (call) => {
    const market = contractOf(call);
    const leverage = call.parameters.mandatory('leverage');
    return {
      symbol: symbolIdOf(market),
      marginCoin: marginCoinOf(call, market),
      longLeverage: leverage,
      shortLeverage: leverage,
      crossMarginLeverage: leverage,
      marginMode: 'crossed',
    };
  }),
  // Both modes are accepted, and positions stay "crossed": the engine has no margin.
  trade('/api/v2/mix/account/set-margin-mode', 5, (call) => {
    const market = contractOf(call);
    const marginMode = call.parameters.mandatoryWord('marginMode', ['isolated', 'crossed']);
    const marginCoin = marginCoinOf(call, market);
    return { symbol: symbolIdOf(market), marginCoin, longLeverage: LEVERAGE, shortLeverage: LEVERAGE, marginMode };
  }),
  read('/api/v2/mix/position/all-position', 5, (call) => {
    const coin = call.parameters.text('marginCoin')?.toUpperCase();
    const markets = contractsListed(call.engine, productTypeOf(call));
    return positionRows(call, coin === undefined ? markets : markets.filter(({ settle }) => settle === coin));
  }),
  read('/api/v2/mix/position/single-position', 10, (call) => {
    const market = contractOf(call);
    marginCoinOf(call, market);
    return positionRows(call, [market]).map((row) => ({ ...row, autoMargin: 'off' }));
  }),
  read('/api/v2/spot/account/info', 1, ({ account, key }) => ({
    userId: String(userIdOf(account.id)),
    inviterId: '',
    channelCode: '',
    channel: '',
    ips: key.ipRestricted ? '127.0.0.1' : '',
    authorities: [
      'coor',
      'cpor',
      'stor',
      'wtor',
      ...(key.canTrade ? ['coow', 'cpow', 'stow'] : []),
      ...(key.canWithdraw ? ['wwow'] : []),
    ],
    parentId: userIdOf(account.id),
    traderType: 'not_trader',
    regisTime: '1650000000000',
  })),
  // Everything is in the spot account and the futures accounts. Nobody reads the values, which would need prices of all coins.
  read('/api/v2/account/funding-assets', 10, () => []),
  read('/api/v2/account/all-account-balance', 1, () =>
    ['spot', 'futures', 'funding', 'earn', 'bots', 'margin'].map((accountType) => ({ accountType, usdtBalance: '0' })),
  ),
];

export function posModeOf({ account }: SignedCall): 'one_way_mode' | 'hedge_mode' {
  return account.positionMode === 'hedge' ? 'hedge_mode' : 'one_way_mode';
}

/** The margin coin, which must be the contract's own. */
export function marginCoinOf({ parameters }: SignedCall, market: Market): string {
  const coin = parameters.mandatory('marginCoin').toUpperCase();
  if (coin === market.settle) return coin;
  throw new BitgetError('40778', `Coin pair ${symbolIdOf(market)} does not support ${coin} currency as margin`);
}

/** Coins whose wallet is shown as a futures account. */
export const MARGIN_COINS = ['USDT', 'USDC'];

function coinsOf(productType: ProductType): string[] {
  if (productType === 'USDT-FUTURES') return ['USDT'];
  return productType === 'USDC-FUTURES' ? ['USDC'] : [];
}

function accountRow(call: SignedCall, productType: ProductType, coin: string): Record<string, unknown> {
  const held = call.account.wallet.get(coin)?.balance ?? '0';
  const wallet = subtractDecimals(held, call.engine.locked(call.account.id).get(coin) ?? '0');
  const markets = contractsListed(call.engine, productType).filter(({ settle }) => settle === coin);
  const profit = markets.reduce((sum, market) => {
    const held = positionsOf(call, market);
    return held.reduce((partial, position) => addDecimals(partial, unrealizedOf(call, market, position)), sum);
  }, '0');
  const equity = addDecimals(wallet, profit);
  return {
    marginCoin: coin,
    locked: '0',
    available: plain(wallet),
    crossedMaxAvailable: plain(wallet),
    isolatedMaxAvailable: plain(wallet),
    maxTransferOut: plain(wallet),
    accountEquity: equity,
    usdtEquity: equity,
    btcEquity: '0',
    crossedRiskRate: '0',
    unrealizedPL: profit,
    coupon: '0',
    unionTotalMargin: '',
    unionAvailable: '',
    unionMm: '',
    assetList: [],
    isolatedMargin: '0',
    crossedMargin: '0',
    crossedUnrealizedPL: profit,
    isolatedUnrealizedPL: '0',
    assetMode: 'single',
  };
}

function setPositionMode(call: SignedCall): unknown {
  productTypeOf(call);
  const posMode = call.parameters.mandatoryWord('posMode', ['one_way_mode', 'hedge_mode']);
  try {
    call.engine.setPositionMode(call.account.id, posMode === 'hedge_mode' ? 'hedge' : 'one-way');
  } catch (error) {
    // Requesting the mode that is already set changes nothing and is no error here.
    if (!(error instanceof Rejection) || error.reason !== 'position_mode_unchanged') throw error;
  }
  return { posMode };
}

/** Only held positions, newest first. Not paged. */
function positionRows(call: SignedCall, markets: readonly Market[]): Record<string, unknown>[] {
  const openOrders = call.account.open();
  return markets
    .flatMap((market) => positionsOf(call, market).map((position) => ({ market, position })))
    .toSorted((a, b) => b.position.updatedAt - a.position.updatedAt)
    .map(({ market, position }) => positionRow(call, market, position, openOrders));
}

function positionsOf(call: SignedCall, market: Market): Position[] {
  return call.account.positions().filter(({ symbol, amount }) => symbol === market.symbol && !isZero(amount));
}

function positionRow(
  call: SignedCall,
  market: Market,
  position: Position,
  openOrders: readonly Order[],
): Record<string, unknown> {
  const total = absoluteDecimal(position.amount);
  const mark = call.engine.price(market.symbol);
  const waiting = openOrders.filter(
    (order) => order.type === 'limit' && order.symbol === market.symbol && order.slot === position.slot,
  );
  const sumOf = (orders: readonly Order[]): DecimalText =>
    orders.reduce((sum, order) => addDecimals(sum, remainingOf(order) ?? '0'), '0');
  const locked = smallerOf(sumOf(waiting.filter(mayOnlyReduce)), total);
  return {
    marginCoin: market.settle,
    symbol: symbolIdOf(market),
    holdSide: signOf(position.amount) > 0 ? 'long' : 'short',
    openDelegateSize: sumOf(waiting.filter((order) => !mayOnlyReduce(order))),
    marginSize: divideDecimals(multiplyDecimals(total, position.entryPrice), LEVERAGE),
    available: subtractDecimals(total, locked),
    locked,
    total,
    leverage: LEVERAGE,
    achievedProfits: '0',
    openPriceAvg: plain(position.entryPrice),
    marginMode: 'crossed',
    posMode: position.slot === 'net' ? 'one_way_mode' : 'hedge_mode',
    unrealizedPL: unrealizedOf(call, market, position),
    liquidationPrice: '0',
    keepMarginRate: '0.004',
    markPrice: mark,
    breakEvenPrice: plain(position.entryPrice),
    totalFee: '',
    deductedFee: '0',
    takeProfit: '',
    stopLoss: '',
    takeProfitId: '',
    stopLossId: '',
    marginRatio: '0',
    assetMode: 'single',
    cTime: String(position.updatedAt),
    uTime: String(position.updatedAt),
  };
}

function unrealizedOf(call: SignedCall, market: Market, position: Position): DecimalText {
  return profitOf(market, position.amount, position.entryPrice, call.engine.price(market.symbol));
}

/** The side of a position in the terms of its orders: long or short in hedge mode, buy or sell in one-way mode. */
export function holdSideOf(call: SignedCall): 'long' | 'short' {
  const said = call.parameters.mandatoryWord('holdSide', ['long', 'short', 'buy', 'sell']);
  if (call.account.positionMode === 'hedge' && (said === 'buy' || said === 'sell')) throw wrong('holdSide');
  return said === 'long' || said === 'buy' ? 'long' : 'short';
}
