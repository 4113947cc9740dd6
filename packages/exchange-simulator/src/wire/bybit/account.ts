import { BybitError, parameterError } from './errors.js';
import { marginModeOf } from './margin.js';
import { askedTime, page, timeKey } from './pages.js';
import { chosenMarkets, marketById, marketsOf, read, symbolIdOf, trade, type Route, type SignedCall } from './route.js';
import { fundingRow, orderById, positionIdxOf, positionRow, tradeRow } from './rows.js';
import type { Market } from '../../engine/market.js';
import type { PositionSlot } from '../../engine/order.js';
import { profitOf } from '../../engine/position.js';
import { addDecimals, isZero } from '@plumbline/primitives/decimal';

/**
 * A unified account ("UTA 2.0"): one wallet for everything. Pages under https://bybit-exchange.github.io/docs/v5/:
 * account/account-info, account/wallet-balance, position (Get Position Info), position/position-mode, order/execution
 * (Get Trade History), user/apikey-info.
 */
export const ACCOUNT: Route[] = [
  read('/v5/account/info', 50, ({ account, now }) => ({
    unifiedMarginStatus: 5,
    marginMode: marginModeOf(account),
    isMasterTrader: false,
    spotHedgingStatus: 'OFF',
    updatedTime: String(now),
    dcpStatus: 'OFF',
    timeWindow: 0,
    smpGroup: 0,
  })),
  read('/v5/account/wallet-balance', 50, walletBalance),
  read('/v5/user/query-api', 10, keyInformation),
  read('/v5/position/list', 50, positions),
  read('/v5/execution/list', 50, executions),
  trade('/v5/position/switch-mode', 10, switchMode),
];

function walletBalance(call: SignedCall): unknown {
  const accountType = call.parameters.mandatory('accountType');
  if (accountType !== 'UNIFIED') throw new BybitError(10_001, 'accountType only support UNIFIED.');
  const asked = call.parameters.text('coin')?.split(',');
  const locked = call.engine.locked(call.account.id);
  const coins = [...call.account.wallet].filter(([coin, { balance }]) => asked?.includes(coin) ?? !isZero(balance));
  const totals = [
    'totalEquity',
    'totalWalletBalance',
    'totalMarginBalance',
    'totalAvailableBalance',
    'totalPerpUPL',
    'totalInitialMargin',
    'totalMaintenanceMargin',
  ];
  return {
    list: [
      {
        accountType,
        accountLTV: '0',
        accountIMRate: '0',
        accountMMRate: '0',
        // Values in US dollars need prices that the engine does not have.
        ...Object.fromEntries(totals.map((total) => [total, ''])),
        coin: coins.map(([coin, { balance }]) => {
          const unrealised = unrealisedOf(call, coin);
          return {
            coin,
            equity: addDecimals(balance, unrealised),
            usdValue: '',
            walletBalance: balance,
            locked: locked.get(coin) ?? '0',
            spotHedgingQty: '0',
            borrowAmount: '0',
            spotBorrow: '0',
            availableToBorrow: '',
            availableToWithdraw: '',
            accruedInterest: '0',
            totalOrderIM: '0',
            totalPositionIM: '0',
            totalPositionMM: '0',
            unrealisedPnl: unrealised,
            cumRealisedPnl: '0',
            bonus: '0',
            collateralSwitch: true,
            marginCollateral: true,
          };
        }),
      },
    ],
  };
}

function unrealisedOf({ engine, account }: SignedCall, coin: string): string {
  return account.positions().reduce((sum, { symbol, amount, entryPrice }) => {
    const market = engine.market(symbol);
    if (market.settle !== coin || isZero(amount)) return sum;
    return addDecimals(sum, profitOf(market, amount, entryPrice, engine.price(symbol)));
  }, '0');
}

/** A read-only key lists the same permissions; `readOnly` decides. "*" means no binding to an address. */
function keyInformation({ account, key }: SignedCall): unknown {
  const readOnly = !key.canTrade && !key.canWithdraw;
  const trades = readOnly || key.canTrade;
  return {
    id: '16651472',
    note: account.id,
    apiKey: key.key,
    readOnly: readOnly ? 1 : 0,
    secret: '',
    permissions: {
      ContractTrade: trades ? ['Order', 'Position'] : [],
      Spot: trades ? ['SpotTrade'] : [],
      Wallet: key.canWithdraw ? ['AccountTransfer', 'Withdraw'] : [],
      Options: [],
      Derivatives: trades ? ['DerivativesTrade'] : [],
      CopyTrading: [],
      BlockTrade: [],
      Exchange: [],
      NFT: [],
      Affiliate: [],
    },
    ips: key.ipRestricted ? ['203.0.113.7'] : ['*'],
    type: 1,
    deadlineDay: key.ipRestricted ? 0 : 88,
    expiredAt: key.ipRestricted ? '1970-01-01T00:00:00Z' : '2030-01-01T00:00:00Z',
    createdAt: '2024-01-01T00:00:00Z',
    unified: 0,
    uta: 1,
    userID: 53_888_001,
    inviterID: 0,
    vipLevel: 'No VIP',
    mktMakerLevel: '0',
    affiliateID: 0,
    rsaPublicKey: '',
    isMaster: true,
    parentUid: '0',
    kycLevel: 'LEVEL_DEFAULT',
    kycRegion: '',
  };
}

/** With a symbol, empty positions too, and in hedge mode both legs; without one only held positions. */
function positions(call: SignedCall): unknown {
  const category = call.parameters.oneOf('category', ['linear', 'inverse', 'option']);
  const isNamed = call.parameters.text('symbol') !== undefined;
  const slots: PositionSlot[] = call.account.positionMode === 'hedge' ? ['long', 'short'] : ['net'];
  const held = chosenMarkets(call, category, true).flatMap((market) =>
    slots.map((slot) => ({ market, position: call.account.position(market.symbol, slot) })),
  );
  const { list, nextPageCursor } = page(
    held.filter(({ position }) => isNamed || !isZero(position.amount)),
    call,
    {
      keyOf: ({ market, position }) => `${symbolIdOf(market)},${positionIdxOf(position.slot)}`,
      order: 'rising',
      byDefault: 20,
      atMost: 200,
    },
  );
  const rows = list.map(({ market, position }) =>
    positionRow(position, market, call.engine.price(market.symbol), call.account),
  );
  return { list: rows, nextPageCursor, category };
}

interface Execution {
  id: string;
  at: number;
  market: Market;
  row: () => Record<string, unknown>;
}

/** Trades and funding, newest first; `execType` distinguishes them. Funding has no order id. */
function executions(call: SignedCall): unknown {
  const category = call.parameters.category();
  const { account } = call;
  const markets = new Map(chosenMarkets(call, category, false).map((market) => [market.symbol, market]));
  const orderIds = namedOrderIds(call);
  const trades = account.trades.flatMap((each): Execution[] => {
    const market = markets.get(each.symbol);
    if (market === undefined || (orderIds !== null && !orderIds.has(each.orderId))) return [];
    return [{ id: each.id, at: each.at, market, row: () => tradeRow(each, market, account) }];
  });
  const funding = account.funding.flatMap((each): Execution[] => {
    const market = markets.get(each.symbol);
    if (market === undefined || orderIds !== null) return [];
    return [{ id: each.id, at: each.at, market, row: () => fundingRow(each, market) }];
  });
  const { start, end } = askedTime(call);
  const execType = call.parameters.text('execType');
  const all = [...trades, ...funding].filter(({ at }) => at >= start && at <= end);
  const wanted = execType === undefined ? all : all.filter(({ row }) => row()['execType'] === execType);
  const { list, nextPageCursor } = page(wanted, call, {
    keyOf: ({ at, id }) => timeKey(at, id),
    order: 'falling',
    byDefault: 50,
    atMost: 100,
  });
  return { nextPageCursor, category, list: list.map(({ row }) => row()) };
}

/** The engine's ids of the orders that `orderId`, otherwise `orderLinkId` names; null if neither was sent. */
function namedOrderIds({ parameters, account }: SignedCall): Set<string> | null {
  const id = parameters.text('orderId');
  if (id !== undefined) return new Set([orderById(account, id)?.id ?? id]);
  const linkId = parameters.text('orderLinkId');
  if (linkId === undefined) return null;
  const named = account.allOrders().filter(({ clientOrderId }) => clientOrderId === linkId);
  return new Set(named.map((order) => order.id));
}

/** Mode 0 is one-way, 3 is hedge. Bybit has a mode per symbol or coin; the engine has one per account. */
function switchMode(call: SignedCall): unknown {
  const category = call.parameters.oneOf('category', ['linear', 'inverse']);
  if (call.parameters.text('symbol') === undefined && call.parameters.text('coin') === undefined) {
    throw parameterError('symbol or coin is required');
  }
  const id = call.parameters.text('symbol');
  if (id !== undefined) marketById(call, category, id);
  const coin = call.parameters.text('coin');
  if (coin !== undefined && !marketsOf(call.engine, category).some(({ settle }) => settle === coin)) {
    throw parameterError('coin invalid');
  }
  const mode = call.parameters.oneOf('mode', ['0', '3']) === '3' ? 'hedge' : 'one-way';
  const holds = call.account.positions().some(({ amount }) => !isZero(amount));
  if (call.account.positionMode !== mode && !holds && call.account.openOrders.size > 0) {
    throw new BybitError(110_028, 'Open orders exist, so you cannot change position mode');
  }
  // Bybit refuses a mode that is already set if the request names a symbol. Freqtrade sends the mode of its coin at every start
  // and continues only if it is accepted.
  if (id === undefined && call.account.positionMode === mode) return {};
  call.engine.setPositionMode(call.account.id, mode);
  return {};
}
