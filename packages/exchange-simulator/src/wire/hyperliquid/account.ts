import { hlNumber, listedMarkets } from './markets.js';
import type { Account } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';
import { profitOf, type Position } from '../../engine/position.js';
import type { Market } from '../../engine/market.js';
import { padDecimals } from '../../engine/rounding.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  multiplyDecimals,
  subtractDecimals,
  type DecimalText,
} from '@plumbline/primitives/decimal';

const LEVERAGE = 20;
const INITIAL_RATE = '0.05';
const MAINTENANCE_RATE = '0.0125';

/**
 * `clearinghouseState`: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals An
 * unknown address gets the state of an empty account, as on the exchange.
 */
export function clearinghouseState(engine: Engine, account: Account | null): Record<string, unknown> {
  const held = account === null ? [] : heldPositions(engine, account);
  const cash = account?.wallet.get('USDC')?.balance ?? '0';
  const sum = (valueOf: (each: Held) => DecimalText): DecimalText => held.map(valueOf).reduce(addDecimals, '0');
  const accountValue = addDecimals(
    cash,
    sum(({ profit }) => profit),
  );
  const marginUsed = multiplyDecimals(
    sum(({ value }) => value),
    INITIAL_RATE,
  );
  const summary = {
    accountValue: hlNumber(accountValue),
    totalNtlPos: hlNumber(sum(({ value }) => value)),
    totalRawUsd: hlNumber(
      subtractDecimals(
        accountValue,
        sum(({ signedValue }) => signedValue),
      ),
    ),
    totalMarginUsed: hlNumber(marginUsed),
  };
  return {
    marginSummary: summary,
    crossMarginSummary: summary,
    crossMaintenanceMarginUsed: hlNumber(
      multiplyDecimals(
        sum(({ value }) => value),
        MAINTENANCE_RATE,
      ),
    ),
    withdrawable: hlNumber(subtractDecimals(accountValue, marginUsed)),
    assetPositions: held.map(positionRow),
    time: engine.now(),
  };
}

interface Held {
  market: Market;
  position: Position;
  /** At the mark price, unsigned and signed. */
  value: DecimalText;
  signedValue: DecimalText;
  profit: DecimalText;
}

function heldPositions(engine: Engine, account: Account): Held[] {
  return listedMarkets(engine).flatMap((market) => {
    const position = account.position(market.symbol, 'net');
    if (isZero(position.amount)) return [];
    const mark = engine.price(market.symbol);
    const signedValue = multiplyDecimals(position.amount, mark);
    const profit = profitOf(market, position.amount, position.entryPrice, mark);
    return [{ market, position, value: absoluteDecimal(signedValue), signedValue, profit }];
  });
}

/** There are no hedged positions: the only type is "oneWay". */
function positionRow({ market, position, value, profit }: Held): Record<string, unknown> {
  return {
    type: 'oneWay',
    position: {
      coin: market.base,
      szi: hlNumber(position.amount),
      leverage: { type: 'cross', value: LEVERAGE },
      entryPx: hlNumber(padDecimals(position.entryPrice, 6)),
      positionValue: hlNumber(value),
      unrealizedPnl: hlNumber(profit),
      returnOnEquity: '0.0',
      liquidationPx: null,
      marginUsed: hlNumber(multiplyDecimals(value, INITIAL_RATE)),
      maxLeverage: LEVERAGE,
      cumFunding: { allTime: '0.0', sinceOpen: '0.0', sinceChange: '0.0' },
    },
  };
}

/** Token numbers of spot: USDC is 0, the others follow in the order of the engine's markets. */
export function spotTokens(engine: Engine): string[] {
  return [...new Set(['USDC', ...engine.markets().flatMap(({ base, quote }) => [base, quote])])];
}

/**
 * `spotClearinghouseState`: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/spot The wallet
 * is unified, so that USDC, the margin of perpetuals, is here, too.
 */
export function spotClearinghouseState(engine: Engine, account: Account | null): Record<string, unknown> {
  const tokens = spotTokens(engine);
  const balances = [...(account?.wallet ?? [])].filter(([currency]) => tokens.includes(currency));
  return {
    balances: balances.map(([coin, { balance }]) => ({
      coin,
      token: tokens.indexOf(coin),
      total: hlNumber(balance),
      hold: '0.0',
      entryNtl: '0.0',
    })),
  };
}
