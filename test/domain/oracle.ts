import type { Difference } from '../../src/domain/difference/difference.js';
import type { CompareRules } from '../../src/domain/policy/policy.js';
import type { OpenOrder, Position, Snapshot } from '../../src/domain/snapshot/snapshot.js';

/**
 * The comparison once more, written from the rules in the design and sharing no code with src/domain: every row of one
 * side is held against every row of the other, numbers are integers of 10^-PLACES. Slow and obvious.
 *
 * It does not know rows that repeat a key on one side.
 */
export function naiveDifferences(exchange: Snapshot, internal: Snapshot, rules: CompareRules): string[] {
  const found: string[] = [];
  const add = (type: Difference['type'], key: string): void => {
    if (!rules.ignore.types.includes(type)) found.push(`${type} ${key}`);
  };

  for (const symbol of symbolsOf(exchange, internal)) {
    if (rules.ignore.symbols.includes(symbol)) continue;
    if (!answered(exchange, internal, `positions:${market(symbol)}`)) continue;
    const legs = (state: Snapshot): Position[] => state.positions.filter((row) => row.symbol === symbol);
    const sides = (state: Snapshot): Set<string> => new Set(legs(state).map((row) => row.side));
    const hedge =
      exchange.positionMode === 'hedge' ||
      internal.positionMode === 'hedge' ||
      sides(exchange).size === 2 ||
      sides(internal).size === 2;
    for (const leg of hedge ? ['long', 'short'] : [null]) {
      const net = (state: Snapshot): bigint =>
        legs(state)
          .filter((row) => leg === null || row.side === leg)
          .reduce((sum, row) => sum + (row.side === 'long' ? units(row.amount) : -units(row.amount)), 0n);
      const holds = (state: Snapshot): boolean => legs(state).some((row) => leg === null || row.side === leg);
      if (tolerance(exchange, internal, rules, symbol)(net(exchange), net(internal))) continue;
      const key = leg === null ? symbol : `${symbol} ${leg}`;
      if (!holds(internal)) add('POSITION_OPENED_EXTERNALLY', key);
      else if (!holds(exchange)) add('POSITION_CLOSED_EXTERNALLY', key);
      else add('POSITION_SIZE_CHANGED', key);
    }
  }

  const isSame = (a: OpenOrder, b: OpenOrder): boolean => {
    if (a.symbol !== b.symbol) return false;
    if (a.id !== null && b.id !== null) return a.id === b.id;
    return a.clientOrderId !== null && a.clientOrderId === b.clientOrderId;
  };
  const twinOf = (row: OpenOrder, others: OpenOrder[], ownSide: OpenOrder[]): OpenOrder | undefined =>
    others.find((other) => row.id !== null && row.id === other.id && isSame(row, other)) ??
    others.find((other) => {
      const takenById = ownSide.some((own) => own.id !== null && own.id === other.id && isSame(own, other));
      const hasOwnById = others.some((one) => row.id !== null && one.id === row.id && isSame(row, one));
      return !takenById && !hasOwnById && isSame(row, other);
    });
  const loneOutside = exchange.orders.filter((row) => twinOf(row, internal.orders, exchange.orders) === undefined);
  const loneInside = internal.orders.filter((row) => twinOf(row, exchange.orders, internal.orders) === undefined);
  const agree = (a: string | null, b: string | null): boolean =>
    a === null || b === null || units(a) === 0n || units(b) === 0n || units(a) === units(b);
  const isRenumbered = (a: OpenOrder, b: OpenOrder): boolean =>
    a.symbol === b.symbol &&
    a.side === b.side &&
    a.clientOrderId !== null &&
    a.clientOrderId === b.clientOrderId &&
    ([a, b].some(({ type }) => type === 'stop_market') || agree(a.price, b.price)) &&
    agree(a.triggerPrice, b.triggerPrice) &&
    (agree(a.amount, b.amount) ||
      tolerance(exchange, internal, rules, a.symbol)(units(a.amount ?? '0'), units(b.amount ?? '0')));
  const renumbered = loneOutside.flatMap((row) => {
    const [twin, ...more] = loneInside.filter((other) => isRenumbered(row, other));
    const rivals = twin === undefined ? [] : loneOutside.filter((other) => isRenumbered(other, twin));
    return twin !== undefined && more.length === 0 && rivals.length === 1 ? [[row, twin] as const] : [];
  });
  const isIgnored = (...rows: OpenOrder[]): boolean =>
    rows.some(
      (row) =>
        rules.ignore.symbols.includes(row.symbol) ||
        rules.ignore.clientOrderIdPrefixes.some((start) => row.clientOrderId?.startsWith(start)),
    );
  const isAnswered = (row: OpenOrder): boolean =>
    answered(exchange, internal, `orders:${row.conditional ? 'conditional' : 'regular'}:${market(row.symbol)}`);
  const isDust = (row: OpenOrder): boolean =>
    row.amount !== null &&
    units(row.amount) !== 0n &&
    tolerance(exchange, internal, rules, row.symbol)(units(row.amount), 0n);

  for (const row of exchange.orders) {
    const renewed = renumbered.find(([outside]) => outside === row)?.[1];
    const twin = renewed ?? twinOf(row, internal.orders, exchange.orders);
    if (twin === undefined) {
      if (!isIgnored(row) && isAnswered(row) && !isDust(row)) add('ORDER_PLACED_EXTERNALLY', orderKey(row));
      continue;
    }
    if (isIgnored(row, twin) || !(isAnswered(row) || isAnswered(twin))) continue;
    const within = tolerance(exchange, internal, rules, row.symbol);
    const reports = (a: string | null, b: string | null): boolean =>
      a !== null && b !== null && units(a) !== 0n && units(b) !== 0n;
    const apart = (a: string | null, b: string | null, near: Near): boolean =>
      reports(a, b) && !near(units(a ?? '0'), units(b ?? '0'));
    const isMarket = [row, twin].some(({ type }) => type === 'stop_market');
    const amended =
      renewed !== undefined ||
      row.side !== twin.side ||
      (!isMarket && apart(row.price, twin.price, exactly)) ||
      apart(row.triggerPrice, twin.triggerPrice, exactly) ||
      apart(row.amount, twin.amount, within);
    const key = orderKey({
      ...row,
      id: row.id ?? twin.id,
      clientOrderId: row.clientOrderId ?? twin.clientOrderId,
    });
    if (amended) add('ORDER_AMENDED_EXTERNALLY', key);
    if (!within(units(row.filled), units(twin.filled))) add('ORDER_FILL_MISSED', key);
  }
  for (const row of internal.orders) {
    if (twinOf(row, exchange.orders, internal.orders) !== undefined) continue;
    if (renumbered.some(([, inside]) => inside === row)) continue;
    if (!isIgnored(row) && isAnswered(row) && !isDust(row)) add('ORDER_MISSING_ON_EXCHANGE', orderKey(row));
  }

  const currencies = [...exchange.balances, ...internal.balances].map(({ currency }) => currency);
  for (const currency of new Set(currencies)) {
    if (rules.compareBalances !== true || rules.ignore.symbols.includes(currency)) continue;
    if (!answered(exchange, internal, `balances:${currency}`)) continue;
    const total = (state: Snapshot): bigint =>
      units(state.balances.find((row) => row.currency === currency)?.total ?? '0');
    if (tolerance(exchange, internal, rules, currency)(total(exchange), total(internal))) continue;
    add('BALANCE_CHANGED_EXTERNALLY', currency);
  }
  return found.toSorted();
}

/** What the domain's own comparison says, in the oracle's words. */
export function inWords(differences: readonly Difference[]): string[] {
  return differences
    .map((difference) => {
      const { type, symbol, side, orderId, clientOrderId } = difference;
      if (type.startsWith('ORDER')) return `${type} ${symbol} ${orderId ?? '-'} ${clientOrderId ?? '-'}`;
      return side === null ? `${type} ${symbol}` : `${type} ${symbol} ${side}`;
    })
    .toSorted();
}

function orderKey(row: OpenOrder): string {
  return `${row.symbol} ${row.id ?? '-'} ${row.clientOrderId ?? '-'}`;
}

const PLACES = 30;

function units(text: string): bigint {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = BigInt(whole + fraction);
  const scale = PLACES + Number(exponent) - fraction.length;
  if (scale < 0) throw new Error(`${text} has more than ${PLACES} places`);
  return digits * 10n ** BigInt(scale);
}

type Near = (a: bigint, b: bigint) => boolean;

function exactly(a: bigint, b: bigint): boolean {
  return a === b;
}

function tolerance(exchange: Snapshot, internal: Snapshot, rules: CompareRules, symbol: string): Near {
  const rule = rules.tolerance[symbol] ?? rules.tolerance['*'];
  const facts = exchange.markets[symbol] ?? internal.markets[symbol];
  const isInverse = market(symbol).startsWith('inverse');
  const halfStep = facts === undefined ? 0n : units(facts.amountStep) / 2n;
  const standard = isInverse ? units('1e-8') : symbol.includes('/') || facts !== undefined ? halfStep : units('5e-9');
  const by = rule === undefined || rule.endsWith('%') ? standard : units(rule);
  const ofNoise = isInverse && rule === undefined ? units('1e-7') : 0n;
  const percent = rule?.endsWith('%') === true ? units(rule.slice(0, -1)) : ofNoise;
  const size = (a: bigint): bigint => (a < 0n ? -a : a);
  return (a, b) => {
    const smaller = size(a) < size(b) ? size(a) : size(b);
    return (size(a - b) - by) * 100n * units('1') <= smaller * percent;
  };
}

function symbolsOf(...states: Snapshot[]): Set<string> {
  return new Set(states.flatMap((state) => state.positions.map(({ symbol }) => symbol)));
}

function market(symbol: string): string {
  const match = /^([^/]+)\/[^:]+(?::([^-]+))?/.exec(symbol);
  if (match?.[2] === undefined) return 'spot';
  return `${match[1] === match[2] ? 'inverse' : 'linear'}:${match[2]}`;
}

function answered(exchange: Snapshot, internal: Snapshot, path: string): boolean {
  const parts = path.split(':');
  const speaks = (state: Snapshot): boolean =>
    state.scopes.some((scope) => scope.split(':').every((part, index) => part === parts[index]));
  return speaks(exchange) && speaks(internal);
}
