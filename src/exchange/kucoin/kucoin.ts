import { z } from 'zod';
import { absoluteDecimal, multiplyDecimals, signOf } from '../../domain/decimal/decimal.js';
import type { OpenOrder, Position, PositionMode, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { defineExchange } from '../profile/define-exchange.js';
import { otherContractSize } from '../profile/contract-value.js';
import { knownPricesOf } from '../profile/known-market.js';
import type { MarketKind } from '../profile/markets.js';
import type { SpotPrices } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { rowsOf } from '../profile/unread.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { auditKucoinKey, CONTRACT_KINDS, envelope, KUCOIN_CODES, KUCOIN_LIMITS, kucoinCodeOf } from './common.js';
import { holdsNothing, kucoinRetryAfterMs, kucoinUsageOf, marketOfRow, readIsHighFrequency } from './common.js';
import { KUCOIN_MISSING_ORDERS } from './missing-orders.js';
import { readOcoOrders, withOco } from './oco.js';
import { readFuturesOrders, readFuturesStops, readSpotOrders, readSpotStops } from './orders.js';
import { readKucoinVenueActions } from './venue-actions.js';
import { listed, readMarginGaps, readSpotWallets, type SpotWallets } from './wallets.js';

/*
 * KuCoin, classic account: spot and futures. Source: www.kucoin.com/docs-new/rest, pages futures-trading/positions (Get
 * Position List, Get Position Mode), account-info (Get Account Type - Spot, Get Apikey Info), ua/get-account-mode,
 * "Rate Limit" and the change log. Orders are in orders.ts and oco.ts, wallets in wallets.ts.
 *
 * - A unified account has addresses of its own, and what these answer for it is not documented: it is refused by its mode.
 * - Positions of all contracts come in one answer, unpaged. `currentQty` counts contracts. The mode is of the whole account:
 *   positionSide BOTH in one-way mode (an older answer has no such field), with a negative number for short; LONG and SHORT in
 *   hedge mode. The sign of a SHORT leg is not documented, so its side is its name. No time of the last change is reported.
 * - `markValue` is contracts x multiplier x `markPrice` (of inverse contracts divided by it): a row that says otherwise is of a
 *   contract whose multiplier has changed.
 * - `kucoinfutures` is ccxt's name for the futures of the same account: it has the same profile (exchanges.ts).
 */

const PAIR = z.object({ symbol: word, baseIncrement: decimalText });
const CONTRACT = z.object({ symbol: word, settleCurrency: word, multiplier: decimalText, lotSize: decimalText });
const SYMBOLS = get('/api/v2/symbols', null, envelope(z.array(PAIR).min(1)));
const CONTRACTS = get('/api/v1/contracts/active', null, envelope(z.array(CONTRACT).min(1)));

const TIME = get('/api/v1/timestamp', 'publicGetTimestamp', envelope(timeMs.refine((time) => time > 0, 'zero')));
const ACCOUNT_MODE = get(
  '/api/ua/v1/account/mode',
  'utaPrivateGetAccountMode',
  envelope(z.object({ selfAccountMode: z.enum(['CLASSIC', 'UNIFIED']) })),
);
const POSITION_MODE = get(
  '/api/v2/position/getPositionMode',
  'futuresPrivateGetPositionGetPositionMode',
  envelope(z.object({ positionMode: z.enum(['0', '1']) })),
);

const number = z.string().nullish();
const POSITION_ROW = z.object({
  symbol: word,
  currentQty: decimalText,
  positionSide: z.enum(['BOTH', 'LONG', 'SHORT']).optional(),
  markPrice: number,
  markValue: number,
  avgEntryPrice: number,
});
const POSITION_ROWS = z.array(
  rowsOf(POSITION_ROW, { symbol: 'symbol', skip: ({ currentQty }) => holdsNothing(currentQty) }),
);
const POSITIONS = get('/api/v1/positions', 'futuresPrivateGetPositions', envelope(POSITION_ROWS), {
  scope: 'positions',
});

const TICKERS = get(
  '/api/v1/market/allTickers',
  'publicGetMarketAllTickers',
  envelope(z.object({ ticker: z.array(z.object({ symbol: word, last: z.string().nullish() })) })),
);

const KINDS: MarketKind[] = ['spot', ...CONTRACT_KINDS];

const FUTURES_SCOPES = CONTRACT_KINDS.flatMap((kind) => [
  `positions:${kind}`,
  `orders:regular:${kind}`,
  `orders:conditional:${kind}`,
]);

const FUTURES_WALLET: ScopeGap = {
  scope: 'balances:futures',
  reason: 'futures wallets move with every price; the spot account is read',
};

interface Setup {
  mode: PositionMode;
  /** Of spot; false for a user whose spot orders are in the old list. */
  highFrequency: boolean;
  margin: ScopeGap[];
}

export const kucoin = defineExchange({
  id: 'kucoin',
  options: { uta: false, fetchMarkets: { types: ['spot', 'swap', 'future'], fetchTickersFees: false } },
  marketEndpoints: [SYMBOLS, CONTRACTS],
  marketKinds: KINDS,
  // A third of the smallest pool (futures: 2,000 in 30 seconds, each 2 of ccxt's weights), as the account's bot shares it.
  budget: { perMinute: 2_400, burst: 200 },
  codeOf: kucoinCodeOf,
  codes: KUCOIN_CODES,
  limits: KUCOIN_LIMITS,
  retryAfterMs: kucoinRetryAfterMs,
  usageOf: kucoinUsageOf,
  account: {
    clock: async (session) => (await session.ask(TIME)).data,
    setup: async (session): Promise<Setup> => ({
      mode: await readPositionMode(session),
      highFrequency: await readIsHighFrequency(session),
      margin: await readMarginGaps(session),
    }),
    held: async (session, { mode }) => ({
      positions: await readPositions(session, mode),
      ...(await readSpotWallets(session)),
    }),
    orders: async (session, { highFrequency }) => ({ orders: await readOrders(session, highFrequency) }),
    positionMode: ({ setup: { mode } }) => mode,
    scopes: ['orders:regular:spot', 'orders:conditional:spot', ...FUTURES_SCOPES],
    gaps: ({ setup: { margin }, held }) => [...margin, ...otherWallets(held), FUTURES_WALLET],
  },
  missingOrders: KUCOIN_MISSING_ORDERS,
  readVenueActions: readKucoinVenueActions,
  readPrices: readSpotPrices,
  auditKey: auditKucoinKey,
});

async function readPositionMode(session: ReadSession): Promise<PositionMode> {
  const { selfAccountMode } = (await session.ask(ACCOUNT_MODE)).data;
  if (selfAccountMode !== 'CLASSIC') {
    throw session.failure(
      'unsupported',
      ACCOUNT_MODE,
      'says that this is a unified account; only classic accounts are read',
    );
  }
  session.accountKind = 'classic account';
  return (await session.ask(POSITION_MODE)).data.positionMode === '0' ? 'one-way' : 'hedge';
}

async function readPositions(session: ReadSession, mode: PositionMode): Promise<Position[]> {
  const rows = (await session.ask(POSITIONS)).data;
  return session.convert(POSITIONS, rows, async (row): Promise<Position> => {
    const { currentQty, positionSide = 'BOTH' } = row;
    if ((positionSide === 'BOTH') !== (mode === 'one-way')) {
      const reported = `reported a ${positionSide} position in ${row.symbol}, but the account is in ${mode} mode`;
      throw session.failure('incomplete', POSITIONS, `${reported}: the mode was just changed`);
    }
    const market = await marketOfRow(session, row.symbol, POSITIONS, CONTRACT_KINDS);
    const refuse = (what: string): Error => session.refuseRow(POSITIONS, market.symbol, what);
    const isLong = positionSide === 'BOTH' ? signOf(currentQty) > 0 : positionSide === 'LONG';
    if (positionSide === 'LONG' && signOf(currentQty) < 0) {
      throw refuse(`reported a LONG position of ${currentQty} in ${row.symbol}`);
    }
    const contracts = absoluteDecimal(currentQty);
    const other = otherContractSize({ contracts, value: row.markValue, price: row.markPrice }, market);
    if (other !== null) {
      const known = `the list of contracts says ${market.contractSize}: the contract has changed`;
      throw refuse(`reported ${row.symbol} at a value of ${other} a contract, where ${known}`);
    }
    session.notePrice(market.symbol, row.avgEntryPrice, row.markPrice);
    const amount = multiplyDecimals(contracts, market.contractSize);
    return { symbol: market.symbol, side: isLong ? 'long' : 'short', amount, changedAt: null };
  });
}

/** Orders that wait for a trigger come before regular ones: an order that triggers in between is seen twice rather than never. */
async function readOrders(session: ReadSession, highFrequency: boolean): Promise<OpenOrder[]> {
  const futuresStops = await readFuturesStops(session);
  const oco = await readOcoOrders(session);
  const spotStops = await readSpotStops(session);
  return [
    ...futuresStops,
    ...withOco(spotStops, oco),
    ...(await readFuturesOrders(session)),
    ...(await readSpotOrders(session, highFrequency)),
  ];
}

const WALLETS: Readonly<Record<string, string>> = { main: 'the funding account', option: 'the option account' };

function otherWallets({ others }: SpotWallets): ScopeGap[] {
  return [...others].map(([type, currencies]) => {
    const name = WALLETS[type] ?? `the account "${type}"`;
    return { scope: `balances:${type}`, reason: `${name} holds ${listed(currencies)}, and is not read` };
  });
}

/** Source: spot-trading/market-data, Get All Tickers. */
async function readSpotPrices(session: ReadSession): Promise<SpotPrices> {
  const last = new Map((await session.ask(TICKERS)).data.ticker.map((row) => [row.symbol, row.last]));
  return knownPricesOf(session, ['spot'], last);
}
