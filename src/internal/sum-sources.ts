import { summed } from '../domain/compare/currency-codes.js';
import { withoutGaps } from '../domain/snapshot/scope-parts.js';
import { covers, scopeOfPosition, type Scope } from '../domain/snapshot/scope.js';
import type { OpenOrder, Position, PositionMode, ScopeGap, Snapshot } from '../domain/snapshot/snapshot.js';
import { UnreadParts } from '../domain/snapshot/unread-parts.js';
import { distinctOrders, grouped, legsOf, netOf } from './repeated-rows.js';

/** What one source answered, with unified symbols. */
export interface SourceState {
  name: string;
  snapshot: Snapshot;
}

/**
 * The internal state of an account that several bots trade, each with its own source.
 *
 * - Positions of one symbol are summed: in one-way mode with their signs, in hedge mode by side. Balances are summed.
 * - Orders are united. The same order in two sources is reported as not compared, because only one bot can own it.
 * - A scope counts if a source covers it and no source names it as a gap. A failed source fails the read before this.
 * - `asOf` is the oldest clock, and `sources` has all of them.
 */
export function sumOfSources(states: readonly SourceState[]): Snapshot {
  const [first] = states;
  if (first === undefined) throw new RangeError('an account has at least one source of internal state');
  const snapshots = states.map(({ snapshot }) => snapshot);
  const unread = new UnreadParts();
  for (const part of snapshots.flatMap((snapshot) => snapshot.unread ?? [])) unread.add(part);
  const positionMode = modeOf(snapshots);
  const positions = positionsOf(states, positionMode, unread);
  const orders = ordersOf(states, unread);
  const gaps = distinctGaps(snapshots.flatMap((snapshot) => snapshot.gaps));
  const parts = unread.list();
  const bots = states.flatMap(({ name, snapshot }) => (snapshot.bots ?? []).map((bot) => ({ ...bot, source: name })));
  return {
    side: first.snapshot.side,
    readStartedAt: Math.min(...snapshots.map(({ readStartedAt }) => readStartedAt)),
    readEndedAt: Math.max(...snapshots.map(({ readEndedAt }) => readEndedAt)),
    asOf: Math.min(...snapshots.map(({ asOf }) => asOf)),
    sources: states.map(({ name, snapshot }) => ({ name, asOf: snapshot.asOf })),
    positionMode,
    scopes: scopesOf(snapshots, gaps),
    gaps,
    positions,
    orders,
    balances: summed(snapshots.flatMap(({ balances }) => balances)),
    markets: Object.assign({}, ...snapshots.map(({ markets }) => markets)) as Snapshot['markets'],
    ...(parts.length === 0 ? {} : { unread: parts }),
    ...(bots.length === 0 ? {} : { bots }),
  };
}

/** Hedge mode if one source says so, because the account has one mode and a bot with one leg may not know it. */
function modeOf(snapshots: readonly Snapshot[]): PositionMode | null {
  const modes = snapshots.map(({ positionMode }) => positionMode);
  if (modes.includes('hedge')) return 'hedge';
  return modes.includes('one-way') ? 'one-way' : null;
}

function positionsOf(states: readonly SourceState[], mode: PositionMode | null, unread: UnreadParts): Position[] {
  const bySource = states.map(({ snapshot }) => grouped(snapshot.positions, ({ symbol }) => symbol));
  const symbols = new Set(bySource.flatMap((ofSource) => [...ofSource.keys()]));
  return [...symbols].flatMap((symbol) => {
    const rows = bySource.map((ofSource) => ofSource.get(symbol) ?? []);
    const all = rows.flat();
    if (mode === 'one-way') return netOf(all);
    const hasBoth = (some: readonly Position[]): boolean => new Set(some.map(({ side }) => side)).size === 2;
    if (mode === 'hedge' || !hasBoth(all) || rows.some(hasBoth)) return legsOf(all);
    const names = states.filter((_, index) => rows[index]?.length !== 0).map(({ name }) => `"${name}"`);
    const reason = `the sources ${names.join(', ')} hold opposite sides of ${symbol}; they must name their position_mode: "one-way" if these offset each other, "hedge" if not`;
    unread.add({ scope: scopeOfPosition({ symbol }), symbol, code: 'ROW_UNREADABLE', reason });
    return [];
  });
}

function ordersOf(states: readonly SourceState[], unread: UnreadParts): OpenOrder[] {
  const sourceOf = new Map<OpenOrder, string>();
  for (const { name, snapshot } of states) for (const order of snapshot.orders) sourceOf.set(order, name);
  return distinctOrders([...sourceOf.keys()], unread, (rows) => {
    const names = rows.map((row) => `"${sourceOf.get(row) ?? ''}"`);
    return `is in the sources ${[...new Set(names)].join(' and ')}; one order belongs to one bot`;
  });
}

function distinctGaps(gaps: readonly ScopeGap[]): ScopeGap[] {
  const byScope = new Map<Scope, ScopeGap>();
  for (const gap of gaps) if (!byScope.has(gap.scope)) byScope.set(gap.scope, gap);
  return [...byScope.values()];
}

/** The scopes that some source covers, without the gaps that any source names in them. */
function scopesOf(snapshots: readonly Snapshot[], gaps: readonly ScopeGap[]): Scope[] {
  const scopes = withoutGaps(
    snapshots.flatMap((snapshot) => snapshot.scopes),
    gaps,
  );
  const distinct = [...new Set(scopes)];
  return distinct.filter((scope) => !distinct.some((outer) => outer !== scope && covers(outer, scope))).toSorted();
}
