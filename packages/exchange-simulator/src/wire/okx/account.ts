import { parameterError } from './errors.js';
import { page, within } from './pages.js';
import {
  chosenMarkets,
  instrumentIdOf,
  instrumentTypeOf,
  listedMarkets,
  read,
  trade,
  type Route,
  type SignedCall,
} from './route.js';
import { fillRow, positionRow, sizeOf, subTypeOf } from './rows.js';
import type { Market } from '../../engine/market.js';
import type { PositionSlot, Trade } from '../../engine/order.js';
import { profitOf } from '../../engine/position.js';
import { Rejection } from '../../engine/rejection.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  negateDecimal,
  signOf,
  subtractDecimals,
} from '@plumbline/primitives/decimal';

const DAY_MS = 86_400_000;

/**
 * A trading account in futures mode. https://www.okx.com/docs-v5/en/: #trading-account-rest-api-get-account-configuration,
 * -set-position-mode, -get-balance, -get-positions, -get-bills-details-last-7-days;
 * #order-book-trading-trade-get-transaction-details-last-3-days and -last-3-months.
 */
export const ACCOUNT: Route[] = [
  read('/api/v5/account/config', 5, configuration),
  trade('/api/v5/account/set-position-mode', 5, setPositionMode),
  read('/api/v5/account/balance', 10, balance),
  read('/api/v5/account/positions', 10, positions),
  read('/api/v5/trade/fills', 60, (call) => fills(call, 3 * DAY_MS)),
  read('/api/v5/trade/fills-history', 10, (call) => fills(call, 90 * DAY_MS)),
  read('/api/v5/account/bills', 10, (call) => bills(call, 7 * DAY_MS)),
  read('/api/v5/account/bills-archive', 10, (call) => bills(call, 90 * DAY_MS)),
];

function configuration({ account, key }: SignedCall): readonly unknown[] {
  const permissions = ['read_only', ...(key.canWithdraw ? ['withdraw'] : []), ...(key.canTrade ? ['trade'] : [])];
  return [
    {
      acctLv: '2',
      acctStpMode: 'cancel_maker',
      autoLoan: false,
      ctIsoMode: 'automatic',
      enableSpotBorrow: false,
      feeType: '0',
      greeksType: 'PA',
      ip: key.ipRestricted ? '203.0.113.7' : '',
      kycLv: '3',
      label: account.id,
      level: 'Lv1',
      levelTmp: '',
      liquidationGear: '-1',
      mainUid: '44705892343619584',
      mgnIsoMode: 'automatic',
      opAuth: '0',
      perm: permissions.join(','),
      posMode: account.positionMode === 'hedge' ? 'long_short_mode' : 'net_mode',
      roleType: '0',
      settleCcy: 'USDC',
      settleCcyList: ['USD', 'USDC'],
      spotBorrowAutoRepay: false,
      spotOffsetType: '',
      spotRoleType: '0',
      spotTraderInsts: [],
      stgyType: '0',
      traderInsts: [],
      type: '0',
      uid: '44705892343619584',
    },
  ];
}

/** Setting the mode that is already set succeeds. */
function setPositionMode({ parameters, engine, account }: SignedCall): readonly unknown[] {
  const posMode = parameters.oneOf('posMode', ['long_short_mode', 'net_mode']);
  try {
    engine.setPositionMode(account.id, posMode === 'long_short_mode' ? 'hedge' : 'one-way');
  } catch (error) {
    if (!(error instanceof Rejection) || error.reason !== 'position_mode_unchanged') throw error;
  }
  return [{ posMode }];
}

function balance(call: SignedCall): readonly unknown[] {
  const { engine, account, now, parameters } = call;
  const asked = parameters.text('ccy')?.split(',');
  if (asked !== undefined && asked.length > 20) throw parameterError('ccy');
  const locked = engine.locked(account.id);
  const wallet = [...account.wallet].filter(([ccy, held]) => asked?.includes(ccy) ?? !isZero(held.balance));
  const details = wallet.map(([ccy, { balance: cash, updatedAt }]) => {
    const profit = unrealisedOf(call, ccy);
    const frozen = locked.get(ccy) ?? '0';
    const available = subtractDecimals(cash, frozen);
    return {
      accAvgPx: '',
      availBal: available,
      availEq: available,
      borrowFroz: '',
      cashBal: cash,
      ccy,
      clSpotInUseAmt: '',
      colRes: '0',
      collateralEnabled: false,
      crossLiab: '',
      disEq: '',
      eq: addDecimals(cash, profit),
      eqUsd: '',
      fixedBal: '0',
      frozenBal: frozen,
      imr: '',
      interest: '',
      isoEq: '0',
      isoLiab: '',
      isoUpl: '0',
      liab: '',
      maxLoan: '',
      mgnRatio: '',
      mmr: '',
      notionalLever: '0',
      openAvgPx: '',
      ordFrozen: frozen,
      rewardBal: '0',
      smtSyncEq: '0',
      spotBal: '',
      spotCopyTradingEq: '0',
      spotInUseAmt: '',
      spotIsoBal: '0',
      spotUpl: '',
      spotUplRatio: '',
      stgyEq: '0',
      totalPnl: '',
      totalPnlRatio: '',
      twap: '0',
      uTime: String(updatedAt),
      upl: profit,
      uplLiab: '',
    };
  });
  // Values in US dollars need prices that the engine does not have.
  const totals = {
    adjEq: '',
    availEq: '',
    borrowFroz: '',
    imr: '',
    isoEq: '0',
    mgnRatio: '',
    mmr: '',
    notionalUsd: '',
  };
  return [{ ...totals, ordFroz: '', totalEq: '', upl: '', uTime: String(now), details }];
}

function unrealisedOf({ engine, account }: SignedCall, ccy: string): string {
  return account.positions().reduce((sum, { symbol, amount, entryPrice }) => {
    const market = engine.market(symbol);
    if (market.settle !== ccy || isZero(amount)) return sum;
    return addDecimals(sum, profitOf(market, amount, entryPrice, engine.price(symbol)));
  }, '0');
}

const SLOTS: readonly PositionSlot[] = ['net', 'long', 'short'];

/** All held positions, on one page. For a named instrument closed positions are shown too. */
function positions(call: SignedCall): readonly unknown[] {
  const { account, engine, parameters } = call;
  const isNamed = parameters.text('instId') !== undefined;
  const markets = new Map(chosenMarkets(call).map((market) => [market.symbol, market]));
  const order = listedMarkets(engine).map(({ symbol }) => symbol);
  const wanted = parameters.text('posId')?.split(',');
  if (wanted !== undefined && wanted.length > 20) throw parameterError('posId');
  const rows = account.positions().flatMap((position) => {
    const market = markets.get(position.symbol);
    if (market === undefined || (isZero(position.amount) && !isNamed)) return [];
    const posId = String(
      307_173_036_051_017_728n + BigInt(order.indexOf(market.symbol) * 3 + SLOTS.indexOf(position.slot)),
    );
    if (wanted !== undefined && !wanted.includes(posId)) return [];
    return [{ at: position.updatedAt, row: { position, market, mark: engine.price(market.symbol), account, posId } }];
  });
  return rows.toSorted((a, b) => b.at - a.at).map(({ row: { position, ...rest } }) => positionRow(position, rest));
}

/** Trades only: funding is in the bills. */
function fills(call: SignedCall, backMs: number): readonly unknown[] {
  const markets = new Map(chosenMarkets(call).map((market) => [market.symbol, market]));
  const orderId = call.parameters.text('ordId');
  const own = call.account.trades.filter(
    (each) => markets.has(each.symbol) && (orderId ?? each.orderId) === each.orderId,
  );
  const recent = within(own, call, backMs, ({ at }) => at);
  return page(recent, call, ({ id }) => id).map((each) => fillRow(each, call.engine.market(each.symbol), call.account));
}

interface Bill {
  id: string;
  at: number;
  type: string;
  row: Record<string, unknown>;
}

/** Changes of the balance: type 2 is a trade, 5 a liquidation, 8 funding (173 paid, 174 received). */
function bills(call: SignedCall, backMs: number): readonly unknown[] {
  const { account, parameters } = call;
  const markets = new Map(chosenMarkets(call).map((market) => [market.symbol, market]));
  const trades = account.trades.flatMap((each): Bill[] => {
    const market = markets.get(each.symbol);
    if (market === undefined) return [];
    const type = account.findOrder({ id: each.orderId })?.placedBy === 'liquidation' ? '5' : '2';
    return [{ id: each.id, at: each.at, type, row: { ...tradeBill(each, market, call), type } }];
  });
  const funding = account.funding.flatMap((each): Bill[] => {
    const market = markets.get(each.symbol);
    if (market === undefined) return [];
    const row = {
      ...billCommon(market, each.id, each.at),
      type: '8',
      subType: signOf(each.payment) < 0 ? '173' : '174',
      balChg: each.payment,
      pnl: each.payment,
      ccy: each.currency,
      px: each.price,
      sz: sizeOf(market, absoluteDecimal(each.amount)),
      fee: '0',
      ordId: '',
      clOrdId: '',
      execType: '',
      tradeId: '',
    };
    return [{ id: each.id, at: each.at, type: '8', row }];
  });
  const [type, ccy] = [parameters.text('type'), parameters.text('ccy')];
  const wanted = [...trades, ...funding].filter(
    (bill) => (type ?? bill.type) === bill.type && (ccy ?? bill.row['ccy']) === bill.row['ccy'],
  );
  return page(
    within(wanted, call, backMs, ({ at }) => at),
    call,
    ({ id }) => id,
  ).map(({ row }) => row);
}

function tradeBill(each: Trade, market: Market, { account }: SignedCall): Record<string, unknown> {
  const order = account.findOrder({ id: each.orderId });
  return {
    ...billCommon(market, each.id, each.at),
    subType: subTypeOf(each, market, order?.placedBy === 'liquidation'),
    balChg: subtractDecimals(each.realizedProfit, each.fee),
    pnl: each.realizedProfit,
    ccy: each.feeCurrency,
    px: each.price,
    sz: sizeOf(market, each.amount),
    fee: negateDecimal(each.fee),
    ordId: each.orderId,
    clOrdId: order?.clientOrderId ?? '',
    execType: each.maker ? 'M' : 'T',
    tradeId: each.id,
  };
}

function billCommon(market: Market, billId: string, at: number): Record<string, unknown> {
  return {
    billId,
    instId: instrumentIdOf(market),
    instType: instrumentTypeOf(market),
    mgnMode: market.kind === 'spot' ? 'cash' : 'cross',
    ts: String(at),
    fillTime: String(at),
    bal: '',
    posBal: '',
    posBalChg: '',
    from: '',
    to: '',
    notes: '',
    interest: '0',
    tag: '',
  };
}
