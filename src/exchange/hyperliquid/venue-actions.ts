import { z } from 'zod';
import { isZero, multiplyDecimals, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { CurrencyAct, PositionAct, VenueAction } from '../../domain/explain/cause.js';
import type { MarketKind } from '../profile/markets.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { rowsOf } from '../profile/unread.js';
import { decimalText, timeMs, word } from '../transport/endpoint.js';
import { currencyOf, info, isUnified, userOf } from './common.js';

/*
 * What Hyperliquid itself did to an account, and what moved its coins. Source: "Info endpoint" ("Retrieve a user's fills by time",
 * "Retrieve a user's funding history or non-funding ledger updates"; the kinds of updates are those of the schema that
 * nktkas/hyperliquid keeps of them).
 *
 * - A fill of a liquidation names the liquidated user; the fill of the other side has the same mark. `dir` tells the other
 *   forced fills: deleveraging and settlement of a delisted coin. A conversion of spot dust is a fill, too.
 * - Balances are those of the spot wallet. Deposits, withdrawals and funding move the wallet of the perpetuals, which is the same
 *   only in the unified modes.
 * - Each answer has at most 2,000 fills, and 500 rows of the others, the oldest first. Later ones get no cause.
 */

const FILL = z.object({
  coin: word,
  px: decimalText,
  sz: decimalText,
  side: z.enum(['A', 'B']),
  time: timeMs,
  dir: z.string(),
  liquidation: z.object({ liquidatedUser: word.nullish() }).nullish(),
});
type Fill = z.infer<typeof FILL>;
const FILLS = info('userFillsByTime', z.array(rowsOf(FILL, { symbol: 'coin' })), { scope: 'positions:linear' });

const FUNDING = info(
  'userFunding',
  z.array(z.object({ time: timeMs, delta: z.object({ coin: word, usdc: decimalText }) })),
);

const LEDGER = info(
  'userNonFundingLedgerUpdates',
  z.array(z.object({ time: timeMs, delta: z.record(z.string(), z.unknown()) })),
);

const KINDS: MarketKind[] = ['spot', 'linear'];
const USDC = 'USDC';

/** Forced fills of the symbols, and updates of the ledger of the currencies. Throws ExchangeFailure. */
export async function readHyperliquidVenueActions(
  session: ReadSession,
  { since, symbols, currencies }: VenueActionQuestion,
): Promise<VenueAction[]> {
  const user = userOf(session);
  const times = { user, startTime: since };
  const fills = await session.ask(FILLS, { type: 'userFillsByTime', ...times });
  const wanted = new Set([...symbols, ...currencies]);
  const actions = (await session.convert(FILLS, fills, (fill) => actsOfFill(session, user, fill))).flat();
  if (currencies.length > 0) {
    const unified = await isUnified(session, user);
    for (const { time, delta } of await session.ask(LEDGER, { type: 'userNonFundingLedgerUpdates', ...times })) {
      for (const move of movesOf(delta, user, unified)) actions.push(currencyAct(session, move, time));
    }
    if (unified && currencies.includes(USDC)) {
      for (const { time, delta } of await session.ask(FUNDING, { type: 'userFunding', ...times })) {
        actions.push(currencyAct(session, { kind: 'funding', coin: USDC, change: delta.usdc }, time));
      }
    }
  }
  return actions.filter(({ symbol, change }) => wanted.has(symbol) && !isZero(change));
}

async function actsOfFill(session: ReadSession, user: string, fill: Fill): Promise<VenueAction[]> {
  const { coin, px, sz, side, time: at, dir } = fill;
  const price = normalizeDecimal(px);
  const sign = side === 'B' ? '1' : '-1';
  if (dir === 'Spot Dust Conversion') {
    const { symbol } = await session.market(coin, FILLS, ['spot']);
    const [base = symbol, quote = USDC] = symbol.split('/');
    const act = { kind: 'conversion', price, at } as const;
    const paid = multiplyDecimals(multiplyDecimals(sz, price), multiplyDecimals(sign, '-1'));
    return [
      { ...act, symbol: base, change: multiplyDecimals(sz, sign) },
      { ...act, symbol: quote, change: paid },
    ];
  }
  const kind = positionActOf(fill, user);
  if (kind === null) return [];
  const { symbol } = await session.market(coin, FILLS, KINDS);
  return [{ kind, symbol, change: multiplyDecimals(sz, sign), price, at }];
}

function positionActOf({ dir, liquidation }: Fill, user: string): PositionAct | null {
  if (liquidation?.liquidatedUser?.toLowerCase() === user.toLowerCase() || dir.startsWith('Liquidated')) {
    return 'liquidation';
  }
  if (dir.startsWith('Auto-Deleveraging')) return 'deleveraging';
  return dir.startsWith('Settlement') ? 'settlement' : null;
}

interface Move {
  kind: CurrencyAct;
  coin: string;
  change: string;
}

function currencyAct(session: ReadSession, { kind, coin, change }: Move, at: number): VenueAction {
  return { kind, symbol: currencyOf(session, coin), change: normalizeDecimal(change), price: null, at };
}

const minus = (amount: string): string => (amount.startsWith('-') ? amount.slice(1) : `-${amount}`);

/** What an update of the ledger did to the spot wallet. An unknown one, or one without readable amounts, explains nothing. */
function movesOf(delta: Readonly<Record<string, unknown>>, user: string, unified: boolean): Move[] {
  const number = (field: string): string => {
    const parsed = decimalText.safeParse(delta[field]);
    return parsed.success ? parsed.data : '0';
  };
  const text = (field: string): string => {
    const value = delta[field];
    return typeof value === 'string' ? value : '';
  };
  const isOurs = (field: string): boolean => text(field).toLowerCase() === user.toLowerCase();
  const move = (kind: CurrencyAct, coin: string, change: string): Move[] => [{ kind, coin, change }];
  /** Only where the perpetuals' wallet is the spot wallet. */
  const perpetual = (kind: CurrencyAct, change: string): Move[] => (unified ? move(kind, USDC, change) : []);
  const sent = (isOut: boolean, isIn: boolean): Move[] => {
    const amount = number('amount');
    const coin = text('token');
    const fee = isOut && !isZero(number('fee')) ? move('fee', text('feeToken') || USDC, minus(number('fee'))) : [];
    return [
      ...(isOut ? move('transfer', coin, minus(amount)) : []),
      ...(isIn ? move('transfer', coin, amount) : []),
      ...fee,
    ];
  };
  const usdc = number('usdc');
  switch (delta['type']) {
    case 'deposit':
      return perpetual('deposit', usdc);
    case 'withdraw':
      return [...perpetual('withdrawal', minus(usdc)), ...perpetual('fee', minus(number('fee')))];
    case 'accountClassTransfer':
      return unified ? [] : move('transfer', USDC, delta['toPerp'] === true ? minus(usdc) : usdc);
    case 'internalTransfer':
    case 'subAccountTransfer':
      return perpetual('transfer', isOurs('destination') ? usdc : minus(usdc));
    case 'spotTransfer':
      return sent(isOurs('user'), isOurs('destination'));
    case 'send': {
      const isSpot = (field: string): boolean => unified || text(field) === 'spot';
      return sent(isOurs('user') && isSpot('sourceDex'), isOurs('destination') && isSpot('destinationDex'));
    }
    case 'rewardsClaim':
    case 'spotGenesis':
      return move('deposit', text('token') || USDC, number('amount'));
    case 'borrowLend': {
      // What is lent or borrowed stays in the total; only its interest is new.
      const isEarned = delta['operation'] === 'supply' || delta['operation'] === 'withdraw';
      const interest = number('interestAmount');
      return move('interest', text('token'), isEarned ? interest : minus(interest));
    }
    case 'vaultDeposit':
    case 'vaultCreate':
      return perpetual('transfer', minus(usdc));
    case 'vaultWithdraw':
      return perpetual('transfer', number('netWithdrawnUsd'));
    case 'vaultDistribution':
    case 'vaultLeaderCommission':
      return perpetual('transfer', usdc);
    default:
      return [];
  }
}
