import type { Comparison } from '../../../src/domain/compare/observation.js';
import type { Difference } from '../../../src/domain/difference/difference.js';
import { marketOf, type ForeignAccount, type Loss } from './account.js';
import { nearOf, type Thing } from './things.js';

export interface Verdict {
  /** What is wrong, one line each. */
  wrong: string[];
  /** By kind of thing: how many differ, how many agree, how many could not be read. */
  counts: Map<string, number>;
}

/**
 * Checks a comparison against what was planted:
 *
 * - a thing that differs, and that both sides read and cover, is reported: else it is a false green;
 * - a thing that does not differ, or that a side could not read, is not: else it is a false red;
 * - a thing that a side could not read is listed as not compared.
 */
export function judge(account: ForeignAccount, comparison: Comparison): Verdict {
  const { things, losses, rules } = account;
  const near = nearOf(rules);
  const reported = new Map<Thing, Difference[]>();
  const wrong: string[] = [];
  for (const difference of comparison.differences) {
    const thing = things.find((candidate) => isAbout(difference, candidate));
    if (thing === undefined) wrong.push(`UNPLANTED ${difference.type} ${difference.symbol}`);
    else reported.set(thing, [...(reported.get(thing) ?? []), difference]);
  }
  const counts = new Map<string, number>();
  for (const thing of things) {
    const found = reported.get(thing) ?? [];
    const expected = expectedOf(thing, account, near);
    const name = `${thing.part}: ${thing.kind}`;
    const answer = expected === null ? 'free' : expected;
    counts.set(`${name} ${answer}`, (counts.get(`${name} ${answer}`) ?? 0) + 1);
    const told = found.map(({ type }) => type).join(', ');
    if (expected === 'differs' && found.length === 0) wrong.push(`FALSE GREEN ${thing.symbol} ${name}`);
    if (expected !== null && expected !== 'differs' && found.length > 0) {
      wrong.push(`FALSE RED ${thing.symbol} ${name} (${expected}): ${told}`);
    }
    if (expected !== 'unread' || rules.ignore.symbols.includes(thing.symbol)) continue;
    for (const { entry } of losses.filter((loss) => loss.thing === thing)) {
      const isNamed = comparison.notCompared.some(
        ({ scope, symbol }) =>
          isPlaceOf(entry, scope, thing) &&
          (symbol === undefined || symbol === entry.symbol || symbol === thing.symbol || entry.symbol === null),
      );
      const isIgnored = entry.symbol !== null && rules.ignore.symbols.includes(entry.symbol);
      if (!isNamed && !isIgnored) wrong.push(`NOT SAID ${entry.scope} ${entry.symbol ?? ''} is not compared`);
    }
  }
  return { wrong, counts };
}

type Expected = 'differs' | 'agrees' | 'unread' | 'uncovered' | null;

function expectedOf(
  thing: Thing,
  { losses, rules, exchange }: ForeignAccount,
  near: ReturnType<typeof nearOf>,
): Expected {
  if (rules.ignore.symbols.includes(thing.symbol)) return 'agrees';
  if (!isCovered(thing, exchange)) return 'uncovered';
  if (losses.some((loss) => loss.thing === thing)) return 'unread';
  const differs = thing.differs(near, rules);
  const isTouched = losses.some((loss) => touches(loss, thing));
  if (!isTouched) return differs === null ? null : differs ? 'differs' : 'agrees';
  if (thing.part !== 'orders') return 'unread';
  // Another order of the symbol could not be read: what is on both sides is compared, the rest is not.
  return differs === false ? 'agrees' : null;
}

/** Whether the exchange's answers cover it; the bot's state names whole lists. */
function isCovered({ part, symbol }: Thing, { scopes }: ForeignAccount['exchange']): boolean {
  const path = part === 'balances' ? `balances:${symbol}` : `${part}:${marketOf(symbol)}`;
  return scopes
    .map((scope) => scope.replace(/^orders:(?:regular|conditional)/, 'orders'))
    .some((s) => isWithin(path, s));
}

/** Whether the unread part may hide the thing, too. */
function touches({ entry, thing: lost }: Loss, thing: Thing): boolean {
  if (lost.part !== thing.part && !(thing.part === 'balances' && entry.scope.startsWith('positions:spot'))) {
    return false;
  }
  if (entry.symbol !== null) return lost.symbol === thing.symbol;
  if (thing.part === 'balances') return entry.scope === 'positions:spot' || lost.symbol === thing.symbol;
  const market = marketOf(thing.symbol);
  return isWithin(`x:${market}`, `x:${entry.scope.replace(/^positions:|^orders:(?:regular|conditional):/, '')}`);
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}:`);
}

/** A spot position that cannot be read is named as the holding that it is. */
function isPlaceOf(entry: Loss['entry'], scope: string, { part, symbol }: Thing): boolean {
  if (part === 'balances' && entry.scope === 'positions:spot')
    return scope === 'balances' || scope === `balances:${symbol}`;
  return isWithin(entry.scope, scope);
}

function isAbout(difference: Difference, { part, symbol, exchange, internal }: Thing): boolean {
  if (difference.type.startsWith('POSITION')) return part === 'positions' && difference.symbol === symbol;
  if (difference.type.startsWith('BALANCE')) return part === 'balances' && difference.symbol === symbol;
  if (part !== 'orders' || difference.symbol !== symbol) return false;
  const ids = new Set([difference.orderId, difference.clientOrderId]);
  for (const row of [difference.exchange, difference.internal]) {
    if (row !== null && 'clientOrderId' in row) ids.add(row.id).add(row.clientOrderId);
  }
  ids.delete(null);
  return [...(exchange.orders ?? []), ...(internal.orders ?? [])].some(
    ({ id, clientOrderId }) => ids.has(id) || ids.has(clientOrderId),
  );
}
