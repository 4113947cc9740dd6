import { accountUuid, eventUuid, fillUuid } from './ids.js';
import { assetOf, listedMarkets, symbolIdOf } from './markets.js';
import { sizesAfter } from './history-events.js';
import { KrakenError } from './errors.js';
import type { Answer, SignedCall } from './route.js';
import { timeOf } from './rows.js';
import { jsonNumber } from '../exact-body.js';
import { addDecimals, multiplyDecimals, subtractDecimals, type DecimalText } from '@plumbline/primitives/decimal';

const MOST_PER_PAGE = 500;

/** One change of one asset: a currency, or a contract, whose balance is the position. */
interface Entry {
  at: number;
  asset: string;
  contract: string | null;
  info: string;
  uid: string;
  /** The balance after the change; null for a currency, whose balance is computed backwards from the wallet. */
  after: DecimalText | null;
  change: DecimalText;
  more: Record<string, unknown>;
}

/**
 * The account log: https://docs.kraken.com/api-reference/account-history/get-account-log. A trade has an entry of its contract and
 * one of the currency that it settles in; a funding payment has one.
 */
export function accountLog(call: SignedCall): Answer {
  const { parameters, account } = call;
  const sort = parameters.text('sort') === undefined ? 'desc' : parameters.oneOf('sort', ['asc', 'desc']);
  const count = Math.min(parameters.integer('count') ?? MOST_PER_PAGE, MOST_PER_PAGE);
  if (count < 1) throw new KrakenError('invalidArgument');
  const [since, before] = [parameters.integer('since') ?? 0, parameters.integer('before') ?? Number.POSITIVE_INFINITY];
  const info = parameters.text('info');
  const newestFirst = rowsOf(call).filter(
    (row) => row.at >= since && row.at <= before && (info === undefined || row.info === info),
  );
  const ordered = sort === 'desc' ? newestFirst : newestFirst.toReversed();
  return { body: { accountUid: accountUuid(account.id), logs: ordered.slice(0, count).map(({ row }) => row) } };
}

function rowsOf(call: SignedCall): { at: number; info: string; row: Record<string, unknown> }[] {
  const wallet = new Map(
    [...call.account.wallet].map(([currency, { balance }]) => [assetOf(currency).toLowerCase(), balance]),
  );
  const entries = entriesOf(call);
  return entries.map((entry, index) => {
    const after = entry.after ?? wallet.get(entry.asset) ?? '0';
    const old = subtractDecimals(after, entry.change);
    if (entry.after === null) wallet.set(entry.asset, old);
    const { at, asset, contract, info, uid, more } = entry;
    const row = {
      id: entries.length - index,
      date: timeOf(at),
      asset,
      contract,
      info,
      booking_uid: uid,
      collateral: null,
      margin_account: 'flex',
      execution: null,
      fee: null,
      funding_rate: null,
      mark_price: null,
      old_balance: jsonNumber(old),
      new_balance: jsonNumber(after),
      old_average_entry_price: null,
      new_average_entry_price: null,
      realized_funding: null,
      realized_pnl: null,
      trade_price: null,
      conversion_spread_percentage: null,
      ...more,
    };
    return { at, info, row };
  });
}

/** The newest first. */
function entriesOf({ engine, account }: SignedCall): Entry[] {
  const markets = new Map(listedMarkets(engine).map((market) => [market.symbol, market]));
  const sizes = sizesAfter(account);
  const forced = new Set(account.allOrders().flatMap(({ id, placedBy }) => (placedBy === 'liquidation' ? [id] : [])));
  const ofTrades = account.trades.flatMap((trade): Entry[] => {
    const market = markets.get(trade.symbol);
    if (market === undefined) return [];
    const contract = symbolIdOf(market).toLowerCase();
    const info = forced.has(trade.orderId) ? 'futures liquidation' : 'futures trade';
    const price = { trade_price: jsonNumber(trade.price), execution: fillUuid(trade.id) };
    const change = trade.side === 'buy' ? trade.amount : multiplyDecimals(trade.amount, '-1');
    const booked = subtractDecimals(trade.realizedProfit, trade.fee);
    const base = { at: trade.at, contract, info };
    return [
      { ...base, asset: contract, uid: eventUuid(trade.id, 6), after: sizes.get(trade.id) ?? '0', change, more: price },
      {
        ...base,
        asset: assetOf(trade.feeCurrency).toLowerCase(),
        uid: eventUuid(trade.id, 7),
        after: null,
        change: booked,
        more: { ...price, fee: jsonNumber(trade.fee), realized_pnl: jsonNumber(trade.realizedProfit) },
      },
    ];
  });
  const ofFunding = account.funding.flatMap(({ id, symbol, payment, rate, currency, at }): Entry[] => {
    const market = markets.get(symbol);
    if (market === undefined) return [];
    return [
      {
        at,
        asset: assetOf(currency).toLowerCase(),
        contract: symbolIdOf(market).toLowerCase(),
        info: 'funding rate change',
        uid: eventUuid(id, 8),
        after: null,
        change: addDecimals(payment, '0'),
        more: { funding_rate: jsonNumber(rate), realized_funding: jsonNumber(payment) },
      },
    ];
  });
  return [...ofTrades, ...ofFunding].toSorted((a, b) => b.at - a.at);
}
