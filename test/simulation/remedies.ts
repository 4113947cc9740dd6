import type { Account } from '../../packages/exchange-simulator/src/engine/account.js';
import type { Engine } from '../../packages/exchange-simulator/src/engine/engine.js';
import { Rejection } from '../../packages/exchange-simulator/src/engine/rejection.js';
import { compare } from '../../src/domain/compare/compare.js';
import { compareDecimals, absoluteDecimal, equalDecimals, subtractDecimals } from '../../src/domain/decimal/decimal.js';
import { remedyOf } from '../../src/domain/difference/describe.js';
import type { Difference } from '../../src/domain/difference/difference.js';
import { identityOf } from '../../src/domain/difference/identity.js';
import { showsSameValues } from '../../src/domain/difference/same-values.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { watch, type RunMade } from './plumbline.js';
import { actIn, actOf, afterAct, afterChangeInBot, type Act } from './remedy-acts.js';
import { ACCOUNT, type Script } from './script.js';
import { exchangeNow, readInternal } from './sides.js';
import { World } from './world.js';

export interface RemediesTried {
  /** What did harm, one line each. */
  wrong: string[];
  /** By type and side on which it was carried out. */
  counts: Map<string, number>;
}

/** Plays a world, and carries out the remedies of each run's discrepancies, apart from the world. */
export async function tryRemedies(script: Script): Promise<RemediesTried> {
  const world = new World(script, false);
  const tried: RemediesTried = { wrong: [], counts: new Map() };
  await watch(world, (run) => tryRun(world, run, tried));
  return tried;
}

function tryRun(world: World, run: RunMade, tried: RemediesTried): void {
  const count = (name: string): void => void tried.counts.set(name, (tried.counts.get(name) ?? 0) + 1);
  const internal = readInternal(world, world.agenda.now);
  const before = differencesOf(world, world.engine, internal);
  for (const { identity, difference: confirmed } of run.confirmed) {
    const say = (text: string): void => void tried.wrong.push(`${identity}: ${text}`);
    const present = before.get(identity);
    // The account has moved on since the verdict: a person would look again.
    if (present === undefined || !showsSameValues(present, confirmed)) {
      count(`${confirmed.type} moved on`);
      continue;
    }
    const difference = asExplained(present, confirmed);
    checkWords(world, difference, say);
    count(`${difference.type} in the bot`);
    const fixed = afterChangeInBot(internal, difference);
    checkLess(difference, before, differencesOf(world, world.engine, fixed), () => false, say);
    const text = remedyOf(difference).onExchange;
    const act = actOf(difference);
    if (text === null || act === null) continue;
    if (!isSameAct(actIn(text), act)) say(`"${text}" is not the act that the values imply`);
    count(`${difference.type} on the exchange`);
    tryOnExchange(world, difference, act, { before, internal, say });
  }
}

/** The current rows, in which a side may have learned an id, with the values of the verdict. */
function asExplained(present: Difference, confirmed: Difference): Difference {
  const hint = confirmed.hint === undefined ? {} : { hint: confirmed.hint };
  if (present.type !== 'ORDER_MISSING_ON_EXCHANGE' || confirmed.type !== present.type) return { ...present, ...hint };
  return { ...present, ...hint, explanation: confirmed.explanation };
}

function tryOnExchange(
  world: World,
  difference: Difference,
  act: Act,
  { before, internal, say }: { before: Found; internal: Snapshot; say: (text: string) => void },
): void {
  let engine: Engine;
  try {
    engine = afterAct(world, difference, act);
  } catch (error) {
    // The exchange refuses, so nothing has changed.
    if (error instanceof Rejection) return;
    throw error;
  }
  const account = engine.account(ACCOUNT);
  for (const { symbol, slot, amount } of account.positions()) {
    const held = world.account.position(symbol, slot).amount;
    if (compareDecimals(absoluteDecimal(amount), absoluteDecimal(held)) > 0) {
      say(`the position in ${symbol} grew from ${held} to ${amount}`);
    }
  }
  const isImplied = (found: Difference): boolean =>
    act.kind === 'close' && followsFromClosing(found, account, difference);
  checkLess(difference, before, differencesOf(world, engine, internal), isImplied, say);
}

/** Closing a position ends the orders that could only reduce it, and moves the margin by profit and fee. */
function followsFromClosing(found: Difference, account: Account, closed: Difference): boolean {
  if (found.type === 'BALANCE_CHANGED_EXTERNALLY') return true;
  if (found.type !== 'ORDER_MISSING_ON_EXCHANGE' || found.symbol !== closed.symbol) return false;
  const { orderId, clientOrderId } = found;
  const reference = orderId === null ? { clientOrderId: clientOrderId ?? '' } : { id: orderId };
  return account.findOrder(reference)?.endReason === 'nothing_to_reduce';
}

type Found = ReadonlyMap<string, Difference>;

function differencesOf(world: World, engine: Engine, internal: Snapshot): Found {
  const exchange = exchangeNow(world, engine.account(ACCOUNT));
  const { differences } = compare(exchange, internal, world.script.policy);
  return new Map(differences.map((difference) => [identityOf(difference), difference]));
}

/** The key does not differ any more, or by less, and nothing else differs that did not. */
function checkLess(
  fixed: Difference,
  before: Found,
  after: Found,
  isImplied: (found: Difference) => boolean,
  say: (text: string) => void,
): void {
  const key = identityOf(fixed);
  const left = after.get(key);
  if (left !== undefined && !isSmaller(left, fixed)) say(`the difference is as large as before: ${left.type}`);
  for (const [identity, found] of after) {
    if (identity === key) continue;
    const known = before.get(identity);
    if (known !== undefined && showsSameValues(known, found)) continue;
    if (!isImplied(found)) say(`a new difference appears: ${identity} ${found.type}`);
  }
}

function isSmaller(left: Difference, fixed: Difference): boolean {
  const [now, then] = [sizeOf(left), sizeOf(fixed)];
  return now !== null && then !== null && compareDecimals(now, then) < 0;
}

/** By how much a position differs; null for other keys, where a smaller difference is no improvement. */
function sizeOf({ exchange, internal, type }: Difference): string | null {
  if (!type.startsWith('POSITION')) return null;
  const signed = (row: Difference['exchange']): string =>
    row === null || !('amount' in row) || row.amount === null
      ? '0'
      : row.side === 'short'
        ? `-${row.amount}`
        : row.amount;
  return absoluteDecimal(subtractDecimals(signed(exchange), signed(internal)));
}

/** No text suggests sending an order again that filled, triggered or lives on. */
function checkWords(world: World, difference: Difference, say: (text: string) => void): void {
  const { inBot, onExchange } = remedyOf(difference);
  if (onExchange?.includes('place ') === true) say(`an order is to be placed: ${onExchange}`);
  if (!inBot.includes('send a new order') || difference.type !== 'ORDER_MISSING_ON_EXCHANGE') return;
  const { orderId, clientOrderId } = difference;
  const order = world.account.findOrder(orderId === null ? { clientOrderId: clientOrderId ?? '' } : { id: orderId });
  if (order === null) return;
  if (order.status === 'open' || order.status === 'triggered' || !equalDecimals(order.filled, '0')) {
    say(`a new order is suggested for one that is ${order.status} with ${order.filled} filled`);
  }
}

function isSameAct(a: Act, b: Act): boolean {
  const same = (x: string | undefined, y: string | undefined): boolean =>
    x === y || (x !== undefined && y !== undefined && equalDecimals(x, y));
  if (a.kind === 'close' && b.kind === 'close') return same(a.amount, b.amount);
  if (a.kind === 'amend' && b.kind === 'amend') return same(a.price, b.price) && same(a.amount, b.amount);
  return a.kind === b.kind;
}
