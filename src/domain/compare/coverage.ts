import type { BalanceRule } from './holdings.js';
import { notComparedName, type NotCompared } from './observation.js';
import {
  BALANCES,
  commonScopes,
  coveredBy,
  covers,
  overlaps,
  scopeOfBalance,
  scopeOfOrder,
  type Scope,
} from '../snapshot/scope.js';
import type { OpenOrder, ScopeGap, Side, Snapshot, Unread } from '../snapshot/snapshot.js';

/** Which scopes of two snapshots can be compared, and which cannot. */
export interface Coverage {
  compared: Scope[];
  notCompared: NotCompared[];
}

type SideCoverage = Pick<Snapshot, 'scopes' | 'gaps'>;

/** The parts of an account. Coverage is worked out for each of them separately. */
const PARTS: readonly Scope[] = ['positions', 'orders:regular', 'orders:conditional', BALANCES];

/**
 * Returns the scopes that both sides answered, and every scope that is not compared, with the reason.
 *
 * 1. A side's own gaps are reported with their reasons.
 * 2. If one side answered a scope and the other names neither scopes nor gaps in it, it is a gap of the other side.
 * 3. If internal state covers only a part of a scope that the exchange answered, the rest is a gap of internal state. The
 *    reverse does not hold: the scopes and gaps of an exchange name everything that an account there can have.
 * 4. Symbols and scopes with rows that a side could not read (`unread`) are reported with the row's problem.
 * 5. Rows outside all of these scopes are gaps, too (`strays` has their scopes), so that every row that was read and not
 *    compared is reported.
 */
export function coverageOf(
  exchange: SideCoverage,
  internal: SideCoverage,
  options: { balances: BalanceRule; strays: Iterable<Scope>; unread: Record<Side, readonly Unread[]> },
): Coverage {
  const { compared: areCompared, holdings } = options.balances;
  const own = [...holdings].map((currency) => scopeOfBalance({ currency }));
  const wanted = (scope: Scope): boolean => areCompared || !covers(BALANCES, scope) || own.includes(scope);
  const unreadScopes = [...options.unread.exchange, ...options.unread.internal]
    .filter(isWhole)
    .map(({ scope }) => scope);
  const common = commonScopes(exchange.scopes, internal.scopes).filter(wanted);
  const compared = common.filter((scope) => !coveredBy(unreadScopes, scope));

  const missing = new Map<Scope, { exchange: string | null; internal: string | null }>();
  const miss = (side: 'exchange' | 'internal', { scope, reason }: ScopeGap): void => {
    if (!wanted(scope)) return;
    const entry = missing.get(scope) ?? { exchange: null, internal: null };
    entry[side] ??= reason;
    missing.set(scope, entry);
  };

  for (const gap of exchange.gaps) miss('exchange', gap);
  for (const gap of internal.gaps) miss('internal', gap);
  for (const part of PARTS) {
    const ofExchange = within(part, exchange.scopes);
    const ofInternal = within(part, internal.scopes);
    for (const scope of ofInternal) {
      if (!says(exchange, ofExchange, scope)) miss('exchange', { scope, reason: silent('exchange') });
    }
    for (const scope of ofExchange) {
      if (coveredBy(ofInternal, scope) || internal.gaps.some((gap) => overlaps(gap.scope, scope))) continue;
      const narrower = ofInternal.filter((inner) => covers(scope, inner));
      const reason = narrower.length === 0 ? silent('internal') : `internal state covers only ${narrower.join(', ')}`;
      miss('internal', { scope, reason });
    }
  }
  const reported = [...missing.keys()];
  for (const scope of options.strays) {
    if (reported.some((known) => overlaps(known, scope))) continue;
    if (!coveredBy(exchange.scopes, scope)) miss('exchange', { scope, reason: silent('exchange') });
    if (!coveredBy(internal.scopes, scope)) miss('internal', { scope, reason: silent('internal') });
  }

  const notCompared = [...missing].map(([scope, reasons]): NotCompared => {
    // A gap of one side is a gap of both if the other side does not cover the scope either.
    const byExchange = reasons.exchange !== null || !overlapsAny(exchange.scopes, scope);
    const byInternal = reasons.internal !== null || !overlapsAny(internal.scopes, scope);
    const said = [...new Set([reasons.exchange, reasons.internal].filter((reason) => reason !== null))];
    return {
      scope,
      reason: said.join('; '),
      missing: byExchange && byInternal ? 'both' : byExchange ? 'exchange' : 'internal',
    };
  });
  const all = [
    ...merged(notCompared),
    ...unreadEntries(options.unread, { common, named: [...missing.keys()] }, wanted),
    ...switchedOff(options.balances),
  ];
  return { compared, notCompared: all.toSorted((a, b) => (notComparedName(a) < notComparedName(b) ? -1 : 1)) };
}

/** Whether nothing of the scope could be read: a currency has one row, so its scope has no other. */
function isWhole({ scope, symbol }: Unread): boolean {
  return symbol === null || scope === scopeOfBalance({ currency: symbol });
}

function switchedOff({ reason, positions = 0 }: BalanceRule): NotCompared[] {
  if (reason === null) return [];
  const off = { missing: 'both', code: 'SWITCHED_OFF' } as const;
  const spot = `the exchange has them as balances, which are ${reason}`;
  return [
    { scope: BALANCES, reason, ...off },
    ...(positions === 0 ? [] : [{ scope: 'positions:spot', reason: spot, ...off }]),
  ];
}

/** What could not be read, in scopes that are compared or that nothing names. The rest is a part of what is named already. */
function unreadEntries(
  unread: Record<Side, readonly Unread[]>,
  { common, named }: { common: readonly Scope[]; named: readonly Scope[] },
  wanted: (scope: Scope) => boolean,
): NotCompared[] {
  const entries = new Map<string, NotCompared>();
  for (const side of ['exchange', 'internal'] as const) {
    for (const { scope, symbol, code, reason } of unread[side]) {
      if (!wanted(scope) || (overlapsAny(named, scope) && !overlapsAny(common, scope))) continue;
      const key = JSON.stringify([scope, symbol]);
      const known = entries.get(key);
      const ofSymbol = symbol === null ? {} : { symbol };
      if (known === undefined) entries.set(key, { scope, reason, missing: side, code, ...ofSymbol });
      else if (known.missing !== side) {
        entries.set(key, { ...known, missing: 'both', reason: `${known.reason}; ${reason}` });
      }
    }
  }
  return [...entries.values()];
}

/**
 * Whether the compared scopes cover an order of internal state.
 *
 * A bot may give only the type of an order ("stop") and not say that it waits for a trigger, and a leg of an OCO may be listed
 * with its list. Such an order is covered only if both classes are, because then the exchange would have listed it in either
 * class.
 */
export function speaksForInternalOrder(compared: readonly Scope[], order: OpenOrder): boolean {
  if (!coveredBy(compared, scopeOfOrder(order))) return false;
  const mayWait = order.triggerPrice !== null || order.parent !== undefined || WAITS_FOR_TRIGGER.test(order.type);
  const classIsDoubtful = !order.conditional && mayWait;
  return !classIsDoubtful || coveredBy(compared, scopeOfOrder({ symbol: order.symbol, conditional: true }));
}

const WAITS_FOR_TRIGGER = /stop|profit|trail|trigger|condition|oco/i;

function silent(side: 'exchange' | 'internal'): string {
  return `the ${side} state does not cover it`;
}

/** The scopes that overlap the part, each narrowed to it; none of them covers another. */
function within(part: Scope, scopes: readonly Scope[]): Scope[] {
  return commonScopes([part], scopes);
}

/** Whether a side has an answer or a gap in the scope. */
function says(side: SideCoverage, scopes: readonly Scope[], scope: Scope): boolean {
  return overlapsAny(scopes, scope) || side.gaps.some((gap) => overlaps(gap.scope, scope));
}

function overlapsAny(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.some((one) => overlaps(one, scope));
}

/** Reports both classes of orders as one entry, "orders", if they are missing for the same reason. */
function merged(entries: NotCompared[]): NotCompared[] {
  const regular = entries.find(({ scope }) => scope === 'orders:regular');
  const conditional = entries.find(({ scope }) => scope === 'orders:conditional');
  if (regular === undefined || conditional === undefined) return entries;
  if (regular.reason !== conditional.reason || regular.missing !== conditional.missing) return entries;
  const others = entries.filter((entry) => entry !== regular && entry !== conditional && entry.scope !== 'orders');
  return [...others, { ...regular, scope: 'orders' }];
}
