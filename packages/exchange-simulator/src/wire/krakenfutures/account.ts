import { fillUuid, orderUuid } from './ids.js';
import { assetOf, listedMarkets, marketById, symbolIdOf } from './markets.js';
import { derivatives, read, type Route, type SignedCall } from './route.js';
import { clientIdOf, timeOf } from './rows.js';
import { KrakenError } from './errors.js';
import { jsonNumber } from '../exact-body.js';
import type { Account } from '../../engine/account.js';
import type { Market } from '../../engine/market.js';
import type { Trade } from '../../engine/order.js';
import { profitOf, type Position } from '../../engine/position.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  multiplyDecimals,
  normalizeDecimal,
  signOf,
  type DecimalText,
} from '@plumbline/primitives/decimal';

const FILLS_PER_PAGE = 100;

/**
 * Accounts, positions and fills. Pages under https://docs.kraken.com/api/docs/futures-api/trading/: get-open-positions,
 * get-accounts, get-fills, get-leverage-setting, set-leverage-setting. Costs: https://docs.kraken.com/exchange/guides/futures/ratelimits
 */
export const ACCOUNT: Route[] = [
  read('openpositions', 2, (call) => ({ openPositions: openPositions(call).map((row) => positionRow(call, row)) })),
  read('accounts', 2, (call) => ({ accounts: wallets(call) })),
  read('fills', (parameters) => (parameters.text('lastFillTime') === undefined ? 2 : 25), fills),
  read('leveragepreferences', 2, ({ account }) => ({
    leveragePreferences: [...(LEVERAGES.get(account) ?? [])].map(([symbol, leverage]) => ({
      symbol,
      maxLeverage: jsonNumber(leverage),
    })),
  })),
  derivatives('PUT', 'leveragepreferences', 'trade', 10, setLeverage),
];

/** The largest leverage of isolated positions, by symbol; a symbol without one has cross margin. Nothing depends on it. */
const LEVERAGES = new WeakMap<Account, Map<string, DecimalText>>();

/** Without `maxLeverage` the symbol returns to cross margin. */
function setLeverage({ engine, account, parameters }: SignedCall): Record<string, unknown> {
  const symbol = symbolIdOf(marketById(engine, parameters.mandatory('symbol')));
  const leverage = parameters.decimal('maxLeverage');
  const known = LEVERAGES.get(account) ?? new Map<string, DecimalText>();
  LEVERAGES.set(account, known);
  if (leverage === undefined) known.delete(symbol);
  else if (signOf(leverage) <= 0) throw new KrakenError('invalidArgument');
  else known.set(symbol, leverage);
  return {};
}

interface Held {
  market: Market;
  position: Position;
}

/** The latest change first. */
function openPositions({ engine, account }: SignedCall): Held[] {
  const markets = new Map(listedMarkets(engine).map((market) => [market.symbol, market]));
  return account
    .positions()
    .filter(({ amount }) => !isZero(amount))
    .toSorted((a, b) => b.updatedAt - a.updatedAt)
    .flatMap((position) => {
      const market = markets.get(position.symbol);
      return market === undefined ? [] : [{ market, position }];
    });
}

function positionRow({ engine }: SignedCall, { market, position }: Held): Record<string, unknown> {
  const profit = profitOf(market, position.amount, position.entryPrice, engine.price(market.symbol));
  return {
    side: signOf(position.amount) > 0 ? 'long' : 'short',
    symbol: symbolIdOf(market),
    price: jsonNumber(position.entryPrice),
    size: jsonNumber(absoluteDecimal(position.amount)),
    unrealizedPnl: jsonNumber(profit),
    unrealizedFunding: jsonNumber('0'),
    ...(market.kind === 'linear' ? { pnlCurrency: 'USD', maxFixedLeverage: null } : {}),
  };
}

/**
 * The collateral of inverse perpetuals is in one margin account each ("fi_xbtusd"), everything else in the
 * multi-collateral wallet ("flex"). The cash account is empty: the simulator has no transfers.
 */
function wallets(call: SignedCall): Record<string, unknown> {
  const inverse = listedMarkets(call.engine).filter(({ kind }) => kind === 'inverse');
  const inMargin = new Set(inverse.map(({ settle }) => settle));
  const flex = [...call.account.wallet].filter(([currency]) => !inMargin.has(currency));
  return {
    cash: { type: 'cashAccount', balances: {} },
    ...Object.fromEntries(
      inverse.map((market) => [`fi_${assetOf(market.base)}usd`.toLowerCase(), marginAccount(call, market)]),
    ),
    flex: flexAccount(
      call,
      flex.map(([currency, { balance }]) => ({ currency, balance })),
    ),
  };
}

function marginAccount({ engine, account }: SignedCall, market: Market): Record<string, unknown> {
  const balance = account.wallet.get(market.settle)?.balance ?? '0';
  const position = account.position(market.symbol, 'net');
  const profit = profitOf(market, position.amount, position.entryPrice, engine.price(market.symbol));
  const value = jsonNumber(addDecimals(balance, profit));
  const none = { im: jsonNumber('0'), mm: jsonNumber('0'), lt: jsonNumber('0'), tt: jsonNumber('0') };
  return {
    type: 'marginAccount',
    currency: assetOf(market.settle).toLowerCase(),
    balances: {
      [assetOf(market.settle).toLowerCase()]: normalizeDecimal(balance),
      ...(isZero(position.amount) ? {} : { [symbolIdOf(market)]: normalizeDecimal(position.amount) }),
    },
    auxiliary: { usd: jsonNumber('0'), pv: value, pnl: jsonNumber(profit), af: value, funding: jsonNumber('0') },
    marginRequirements: none,
    triggerEstimates: none,
  };
}

function flexAccount(
  call: SignedCall,
  balances: readonly { currency: string; balance: DecimalText }[],
): Record<string, unknown> {
  const valued = balances.map(({ currency, balance }) => ({
    currency,
    balance,
    value: multiplyDecimals(balance, dollarPriceOf(call, currency)),
  }));
  const balanceValue = valued.map(({ value }) => value).reduce(addDecimals, '0');
  const profit = openPositions(call)
    .filter(({ market }) => market.kind === 'linear')
    .map(({ market, position }) =>
      profitOf(market, position.amount, position.entryPrice, call.engine.price(market.symbol)),
    )
    .reduce(addDecimals, '0');
  const equity = jsonNumber(addDecimals(balanceValue, profit));
  const none = jsonNumber('0');
  return {
    type: 'multiCollateralMarginAccount',
    currencies: Object.fromEntries(
      valued.map(({ currency, balance, value }) => [
        assetOf(currency),
        {
          quantity: jsonNumber(balance),
          value: jsonNumber(value),
          collateral: jsonNumber(value),
          available: jsonNumber(balance),
        },
      ]),
    ),
    initialMargin: none,
    initialMarginWithOrders: none,
    maintenanceMargin: none,
    balanceValue: jsonNumber(balanceValue),
    portfolioValue: equity,
    collateralValue: jsonNumber(balanceValue),
    pnl: jsonNumber(profit),
    unrealizedFunding: none,
    totalUnrealized: jsonNumber(profit),
    totalUnrealizedAsMargin: jsonNumber(profit),
    availableMargin: equity,
    marginEquity: equity,
  };
}

function dollarPriceOf({ engine }: SignedCall, currency: string): DecimalText {
  if (currency.startsWith('USD')) return '1';
  const market = listedMarkets(engine).find(({ base, kind }) => base === currency && kind === 'linear');
  return market === undefined ? '0' : engine.price(market.symbol);
}

/** The last 100, or the 100 before `lastFillTime`; the latest first. */
function fills(call: SignedCall): Record<string, unknown> {
  const text = call.parameters.text('lastFillTime');
  const before = text === undefined ? Number.POSITIVE_INFINITY : Date.parse(text);
  if (Number.isNaN(before)) throw new KrakenError('invalidArgument');
  const markets = new Map(listedMarkets(call.engine).map((market) => [market.symbol, market]));
  const rows = call.account.trades
    .filter(({ symbol, at }) => markets.has(symbol) && at < before)
    .slice(-FILLS_PER_PAGE)
    .toReversed();
  return {
    fills: rows.flatMap((trade) => {
      const market = markets.get(trade.symbol);
      return market === undefined ? [] : [fillRow(call.account, market, trade)];
    }),
  };
}

function fillRow(account: Account, market: Market, trade: Trade): Record<string, unknown> {
  const order = account.findOrder({ id: trade.orderId });
  const clientId = order === null ? null : clientIdOf(order);
  const forced = order?.placedBy === 'liquidation';
  return {
    fill_id: fillUuid(trade.id),
    symbol: symbolIdOf(market),
    side: trade.side,
    order_id: orderUuid(trade.orderId),
    ...(clientId === null ? {} : { cliOrdId: clientId }),
    size: jsonNumber(trade.amount),
    price: jsonNumber(trade.price),
    fillTime: timeOf(trade.at),
    fillType: forced ? 'liquidation' : trade.maker ? 'maker' : 'taker',
  };
}
