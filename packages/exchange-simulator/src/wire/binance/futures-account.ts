import { Big } from 'big.js';
import { accountPositionRow, positionRowV2, positionRowV3, symbolIdOf, tradeRow, orderRow } from './futures-rows.js';
import { mandatoryParameter } from './errors.js';
import { marginSettingOf } from './futures-margin.js';
import { newest, within } from './history.js';
import { marketOf, optionalMarketOf, signed, type Route, type SignedCall } from './route.js';
import type { Market } from '../../engine/market.js';
import type { PositionSlot } from '../../engine/order.js';
import { profitOf, type Position } from '../../engine/position.js';
import { padDecimals } from '../../engine/rounding.js';
import { isZero } from '@plumbline/primitives/decimal';

const MAX_NOTIONAL = 100_000_000;

/**
 * Account endpoints of USD-M futures. Pages under
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/: account/rest-api/ (Account-Information-V2,
 * -V3, Futures-Account-Balance-V2, -V3, Account-Config, Symbol-Config, Get-Current-Position-Mode,
 * Notional-and-Leverage-Brackets, Get-Income-History, of which only funding is modelled) and trade/rest-api/
 * (Position-Information-V2, -V3, Account-Trade-List, Users-Force-Orders, Change-Position-Mode).
 */
export const FUTURES_ACCOUNT: Route[] = [
  signed('GET', '/fapi/v2/positionRisk', 'USER_DATA', 5, positionRiskV2),
  signed('GET', '/fapi/v3/positionRisk', 'USER_DATA', 5, positionRiskV3),
  signed('GET', '/fapi/v2/account', 'USER_DATA', 5, accountV2),
  signed('GET', '/fapi/v3/account', 'USER_DATA', 5, accountV3),
  signed('GET', '/fapi/v2/balance', 'USER_DATA', 5, balances),
  signed('GET', '/fapi/v3/balance', 'USER_DATA', 5, balances),
  signed('GET', '/fapi/v1/positionSide/dual', 'USER_DATA', 30, ({ account }) => ({
    dualSidePosition: account.positionMode === 'hedge',
  })),
  signed('POST', '/fapi/v1/positionSide/dual', 'TRADE', 1, changePositionMode),
  signed('GET', '/fapi/v1/accountConfig', 'USER_DATA', 5, accountConfig),
  signed('GET', '/fapi/v1/symbolConfig', 'USER_DATA', 5, symbolConfig),
  signed('GET', '/fapi/v1/leverageBracket', 'USER_DATA', 1, leverageBrackets),
  signed('GET', '/fapi/v1/userTrades', 'USER_DATA', 5, userTrades),
  signed('GET', '/fapi/v1/forceOrders', 'USER_DATA', { withSymbol: 20, without: 50 }, forceOrders),
  signed('GET', '/fapi/v1/income', 'USER_DATA', 30, income),
];

/** Only symbols with a position or an open order, so a row with amount zero is no position. */
function positionRiskV3(call: SignedCall): unknown {
  return heldPositions(call).map(({ position, market }) =>
    positionRowV3(position, market, call.engine.price(market.symbol)),
  );
}

/** Every symbol, held or not; both legs in hedge mode. */
function positionRiskV2(call: SignedCall): unknown {
  const only = optionalMarketOf(call);
  const markets = only === null ? call.markets.all(call.engine) : [only];
  return markets.flatMap((market) =>
    slotsOf(call).map((slot) =>
      positionRowV2(
        call.account.position(market.symbol, slot),
        market,
        call.engine.price(market.symbol),
        marginSettingOf(call, market),
      ),
    ),
  );
}

function slotsOf({ account }: SignedCall): PositionSlot[] {
  return account.positionMode === 'one-way' ? ['net'] : ['long', 'short'];
}

function heldPositions(call: SignedCall): { position: Position; market: Market }[] {
  const only = optionalMarketOf(call);
  const withOrders = new Set(call.account.open().map(({ symbol, slot }) => `${symbol}|${slot}`));
  return (only === null ? call.markets.all(call.engine) : [only]).flatMap((market) =>
    slotsOf(call)
      .map((slot) => ({ position: call.account.position(market.symbol, slot), market }))
      .filter(({ position }) => !isZero(position.amount) || withOrders.has(`${market.symbol}|${position.slot}`)),
  );
}

function accountV3(call: SignedCall): unknown {
  return {
    ...totalsOf(call),
    assets: assetsOf(call),
    positions: heldPositions(call).map(({ position, market }) =>
      accountPositionRow(position, market, call.engine.price(market.symbol)),
    ),
  };
}

function accountV2(call: SignedCall): unknown {
  const markets = call.markets.all(call.engine);
  return {
    feeTier: 0,
    feeBurn: true,
    canTrade: call.key.canTrade,
    canDeposit: true,
    canWithdraw: call.key.canWithdraw,
    updateTime: 0,
    multiAssetsMargin: false,
    tradeGroupId: -1,
    ...totalsOf(call),
    assets: assetsOf(call).map((asset) => ({ ...asset, marginAvailable: true })),
    positions: markets.flatMap((market) =>
      slotsOf(call).map((slot) => {
        const position = call.account.position(market.symbol, slot);
        const row = accountPositionRow(position, market, call.engine.price(market.symbol));
        const setting = marginSettingOf(call, market);
        const { entryPrice, leverage } = positionRowV2(position, market, call.engine.price(market.symbol), setting);
        const isolated = setting.mode === 'isolated';
        return { ...row, entryPrice, leverage, isolated, maxNotional: String(MAX_NOTIONAL) };
      }),
    ),
  };
}

/** Wallet and unrealized profit of the settle currencies, and of everything else in the wallet. */
function walletOf(call: SignedCall): { asset: string; wallet: Big; profit: Big; updatedAt: number }[] {
  const listed = call.markets.all(call.engine).map(({ settle }) => settle);
  return [...new Set([...listed, ...call.account.wallet.keys()])].map((asset) => {
    const booked = call.account.wallet.get(asset) ?? { balance: '0', updatedAt: 0 };
    const profit = call.account.positions().reduce((sum, { symbol, amount, entryPrice }) => {
      const market = call.engine.market(symbol);
      if (market.settle !== asset) return sum;
      return sum.plus(profitOf(market, amount, entryPrice, call.engine.price(symbol)));
    }, new Big(0));
    return { asset, wallet: new Big(booked.balance), profit, updatedAt: booked.updatedAt };
  });
}

function assetsOf(call: SignedCall): Record<string, unknown>[] {
  return walletOf(call).map(({ asset, wallet, profit, updatedAt }) => {
    const [walletBalance, unrealizedProfit, total] = [wallet, profit, wallet.plus(profit)].map((value) => eight(value));
    return {
      asset,
      walletBalance,
      unrealizedProfit,
      marginBalance: total,
      maintMargin: eight('0'),
      initialMargin: eight('0'),
      positionInitialMargin: eight('0'),
      openOrderInitialMargin: eight('0'),
      crossWalletBalance: walletBalance,
      crossUnPnl: unrealizedProfit,
      availableBalance: total,
      maxWithdrawAmount: walletBalance,
      updateTime: updatedAt,
    };
  });
}

/** In single-asset mode the totals cover USDT only. */
function totalsOf(call: SignedCall): Record<string, unknown> {
  const usdt = walletOf(call).find(({ asset }) => asset === 'USDT');
  const [wallet, profit] = [usdt?.wallet ?? new Big(0), usdt?.profit ?? new Big(0)];
  return {
    totalInitialMargin: eight('0'),
    totalMaintMargin: eight('0'),
    totalWalletBalance: eight(wallet),
    totalUnrealizedProfit: eight(profit),
    totalMarginBalance: eight(wallet.plus(profit)),
    totalPositionInitialMargin: eight('0'),
    totalOpenOrderInitialMargin: eight('0'),
    totalCrossWalletBalance: eight(wallet),
    totalCrossUnPnl: eight(profit),
    availableBalance: eight(wallet.plus(profit)),
    maxWithdrawAmount: eight(wallet),
  };
}

function balances(call: SignedCall): unknown {
  return walletOf(call).map(({ asset, wallet, profit, updatedAt }) => ({
    accountAlias: 'SgsR',
    asset,
    balance: eight(wallet),
    crossWalletBalance: eight(wallet),
    crossUnPnl: eight(profit),
    availableBalance: eight(wallet.plus(profit)),
    maxWithdrawAmount: eight(wallet),
    marginAvailable: true,
    updateTime: updatedAt,
  }));
}

function changePositionMode({ engine, account, parameters }: SignedCall): unknown {
  const wanted = parameters.mandatory('dualSidePosition').toLowerCase();
  if (wanted !== 'true' && wanted !== 'false') throw mandatoryParameter('dualSidePosition');
  engine.setPositionMode(account.id, wanted === 'true' ? 'hedge' : 'one-way');
  return { code: 200, msg: 'success' };
}

function accountConfig({ account, key }: SignedCall): unknown {
  return {
    feeTier: 0,
    canTrade: key.canTrade,
    canDeposit: true,
    canWithdraw: key.canWithdraw,
    dualSidePosition: account.positionMode === 'hedge',
    updateTime: 0,
    multiAssetsMargin: false,
    tradeGroupId: -1,
  };
}

function symbolConfig(call: SignedCall): unknown {
  const only = optionalMarketOf(call);
  return (only === null ? call.markets.all(call.engine) : [only]).map((market) => ({
    symbol: symbolIdOf(market),
    marginType: marginSettingOf(call, market).mode === 'isolated' ? 'ISOLATED' : 'CROSSED',
    isAutoAddMargin: false,
    leverage: marginSettingOf(call, market).leverage,
    maxNotionalValue: String(MAX_NOTIONAL),
  }));
}

function leverageBrackets(call: SignedCall): unknown {
  const only = optionalMarketOf(call);
  const row = (market: Market): unknown => ({
    symbol: symbolIdOf(market),
    brackets: [
      {
        bracket: 1,
        initialLeverage: 125,
        notionalCap: MAX_NOTIONAL,
        notionalFloor: 0,
        maintMarginRatio: 0.004,
        cum: 0.0,
      },
    ],
  });
  return only === null ? call.markets.all(call.engine).map(row) : row(only);
}

/** Oldest first; by id from `fromId`, otherwise the newest of the requested time. */
function userTrades(call: SignedCall): unknown {
  const market = marketOf(call);
  const orderId = call.parameters.integer('orderId');
  const trades = call.account.trades
    .filter(({ symbol }) => symbol === market.symbol)
    .filter((trade) => orderId === undefined || Number(trade.orderId) === orderId);
  const fromId = call.parameters.integer('fromId');
  const chosen =
    fromId === undefined
      ? newest(
          within(trades, call, ({ at }) => at),
          call,
        )
      : trades.filter(({ id }) => Number(id) >= fromId).slice(0, call.parameters.integer('limit') ?? 500);
  return chosen.map((trade) => tradeRow(trade, market));
}

/** Liquidations are the orders that the exchange placed itself, with a client id "autoclose-...". */
function forceOrders(call: SignedCall): unknown {
  const only = optionalMarketOf(call);
  const orders = call.account
    .allOrders()
    .filter(({ placedBy, symbol }) => placedBy === 'liquidation' && (only === null || symbol === only.symbol));
  const chosen = newest(
    within(orders, call, ({ createdAt }) => createdAt),
    call,
    { byDefault: 50, atMost: 100 },
  );
  return call.parameters.text('autoCloseType') === 'ADL'
    ? []
    : chosen.map((order) => orderRow(order, call.engine.market(order.symbol)));
}

/** Oldest first; only the kind FUNDING_FEE. */
function income(call: SignedCall): unknown {
  const only = optionalMarketOf(call);
  const type = call.parameters.text('incomeType');
  const listed = new Set(call.markets.all(call.engine).map(({ symbol }) => symbol));
  const paid = type === undefined || type === 'FUNDING_FEE' ? call.account.funding : [];
  const chosen = newest(
    within(
      paid.filter(({ symbol }) => listed.has(symbol) && symbol === (only?.symbol ?? symbol)),
      call,
      ({ at }) => at,
    ),
    call,
    { byDefault: 100, atMost: 1_000 },
  );
  return chosen.map(({ id, symbol, payment, currency, at }) => ({
    symbol: symbolIdOf(call.engine.market(symbol)),
    incomeType: 'FUNDING_FEE',
    income: eight(payment),
    asset: currency,
    info: 'FUNDING_FEE',
    time: at,
    tranId: Number(id),
    tradeId: '',
  }));
}

function eight(value: Big | string): string {
  return padDecimals(new Big(value).toFixed(), 8);
}
