import * as fc from 'fast-check';
import type { Balance, Position } from '../../../src/domain/snapshot/snapshot.js';
import { exact, otherText, product, quotient, textOf } from './exact.js';
import { CURRENCIES, INVERSE, LINEAR, MARKETS, isInverseSymbol, stepOf, type MakeThing, type Thing } from './things.js';

const POSITION_PLANTS = [
  'none',
  'none',
  'noise',
  'missing',
  'opened',
  'more',
  'flip',
  'contracts',
  'coins',
  'value',
  'scale',
] as const;

/** A position of a contract: one thing for each symbol. */
export function positionThing(symbol: string): fc.Arbitrary<MakeThing> {
  return fc
    .record({
      steps: fc.integer({ min: 1, max: 60 }),
      side: fc.constantFrom('long' as const, 'short' as const),
      plant: fc.constantFrom(...POSITION_PLANTS),
      by: fc.integer({ min: 1, max: 5 }),
      parts: fc.tuple(fc.boolean(), fc.boolean()),
      text: fc.nat({ max: 2 }),
      owners: fc.constantFrom(0, 0, 0, 0, 3, -2, 100),
    })
    .map((made) => (): Thing => {
      const { steps, side, plant, by, parts, text, owners } = made;
      const step = stepOf(symbol);
      const amount = BigInt(steps) * step;
      const believed = believedAmount(symbol, amount, plant, by);
      const other = side === 'long' ? ('short' as const) : ('long' as const);
      const outside = plant === 'missing' ? 0n : amount;
      const inside = plant === 'opened' ? 0n : believed;
      const isFlip = plant === 'flip';
      const sign = side === 'long' ? 1n : -1n;
      // The owner's part, signed as the bot's.
      const beside = BigInt(owners) * step * sign;
      return {
        symbol,
        part: 'positions',
        kind: plant,
        ...(owners === 0 ? {} : { beside: { symbol, amount: textOf(BigInt(owners) * step) } }),
        exchange: { positions: positionRows(symbol, side, outside + beside, parts[0], 0) },
        internal: { positions: positionRows(symbol, isFlip ? other : side, inside, parts[1], text) },
        differs: (near) => !near(symbol, outside + beside, (isFlip ? -inside : inside) + beside),
      };
    });
}

function believedAmount(symbol: string, amount: bigint, plant: (typeof POSITION_PLANTS)[number], by: number): bigint {
  const { contractSize, price = '1' } = MARKETS[symbol] ?? {};
  const step = stepOf(symbol);
  switch (plant) {
    case 'noise':
      return amount + (isInverseSymbol(symbol) ? exact('0.00000000000001') : (step * 4n) / 10n);
    case 'more':
      return amount + BigInt(by) * step;
    case 'contracts':
      return contractSize === undefined ? amount : quotient(amount, exact(contractSize));
    case 'coins':
      return isInverseSymbol(symbol) ? quotient(amount, exact(price)) : amount;
    case 'value':
      return isInverseSymbol(symbol) ? amount : product(amount, exact(price));
    case 'scale':
      return amount * 10n ** BigInt(by);
    case 'none':
    case 'missing':
    case 'opened':
    case 'flip':
      return amount;
  }
}

function positionRows(
  symbol: string,
  side: 'long' | 'short',
  amount: bigint,
  inParts: boolean,
  text: number,
): Position[] {
  if (amount === 0n) return [];
  if (amount < 0n) return positionRows(symbol, side === 'long' ? 'short' : 'long', -amount, inParts, text);
  const row = (part: bigint): Position => ({
    symbol,
    side,
    amount: otherText(textOf(part), text),
    changedAt: null,
  });
  const first = amount / 3n;
  return inParts && first > 0n ? [row(first), row(amount - first)] : [row(amount)];
}

const HOLDING_PLANTS = [
  'none',
  'none',
  'noise',
  'fee',
  'dust',
  'dustBelieved',
  'more',
  'less',
  'gone',
  'opened',
] as const;

/** A currency on a spot account. The bot gives a balance, or positions of its pairs. */
export function holdingThing(currency: string): fc.Arbitrary<MakeThing> {
  return fc
    .record({
      steps: fc.integer({ min: 20, max: 400 }),
      plant: fc.constantFrom(...HOLDING_PLANTS),
      by: fc.integer({ min: 1, max: 30 }),
      wallets: fc.boolean(),
      shown: fc.constantFrom('balance', 'wallets', 'position', 'positions'),
      text: fc.nat({ max: 2 }),
      owners: fc.constantFrom(0, 0, 0, 7, 1000),
      asPair: fc.boolean(),
    })
    .map((made) => (): Thing => {
      const { steps, plant, by, wallets, shown, text, owners, asPair } = made;
      const { minAmount } = MARKETS[currency] ?? {};
      const step = stepOf(currency);
      const least = exact(minAmount ?? '0');
      const whole = BigInt(steps) * step;
      const dust = least / 2n;
      const outside = plant === 'dust' ? dust : plant === 'gone' || plant === 'dustBelieved' ? 0n : whole;
      const inside = heldByBot(plant, { whole, dust, step, by: BigInt(by) });
      const beside = BigInt(owners) * step;
      const isPosition = shown.startsWith('position') && inside > 0n;
      return {
        symbol: currency,
        part: 'balances',
        kind: isPosition ? `${plant} as position` : plant,
        ...(owners === 0 ? {} : { beside: { symbol: asPair ? `${currency}/USDT` : currency, amount: textOf(beside) } }),
        exchange: { balances: balanceRows(currency, outside + beside, wallets, 0) },
        internal: isPosition
          ? { positions: spotRows(currency, inside, shown === 'positions', text) }
          : { balances: balanceRows(currency, inside, shown === 'wallets', text) },
        differs: (near, { atLeast = [] }) => {
          if (near(currency, outside + beside, inside + beside)) return false;
          const only = outside === 0n ? inside : inside === 0n ? outside : null;
          if (only !== null && only > 0n && only < least) return false;
          const isEnough = atLeast.includes(currency) || atLeast.includes('*');
          return !(isEnough && outside >= inside);
        },
      };
    });
}

function heldByBot(
  plant: (typeof HOLDING_PLANTS)[number],
  { whole, dust, step, by }: { whole: bigint; dust: bigint; step: bigint; by: bigint },
): bigint {
  switch (plant) {
    case 'noise':
      return whole + (step * 3n) / 10n;
    case 'fee':
      // The fee was taken from the bought coin, and the bot does not know.
      return (whole * 1000n) / 999n;
    case 'dust':
    case 'opened':
      return 0n;
    case 'dustBelieved':
      return dust;
    case 'more':
      return whole - by * step;
    case 'less':
      return whole + by * step;
    case 'none':
    case 'gone':
      return whole;
  }
}

function balanceRows(currency: string, total: bigint, inWallets: boolean, text: number): Balance[] {
  const row = (part: bigint): Balance => ({ currency, total: otherText(textOf(part), text) });
  return inWallets ? [row(total / 3n), row(total - total / 3n)] : [row(total)];
}

function spotRows(currency: string, total: bigint, ofTwoPairs: boolean, text: number): Position[] {
  const row = (quote: string, part: bigint): Position => ({
    symbol: `${currency}/${quote}`,
    side: 'long',
    amount: otherText(textOf(part), text),
    changedAt: null,
  });
  return ofTwoPairs ? [row('USDT', total / 3n), row('USDC', total - total / 3n)] : [row('USDT', total)];
}

export const CONTRACT_SYMBOLS = [...Object.keys(LINEAR), ...Object.keys(INVERSE)];
export const CURRENCY_NAMES = Object.keys(CURRENCIES);
