/** How often orders are read again because something held moved while they were read. */
const MAX_ROUNDS = 3;

export interface Together<Held, Orders> {
  /** Reads what moves with every fill and is cheap: positions, or balances on spot. */
  held: () => Promise<Held[]>;
  orders: () => Promise<Orders>;
  /** Which row it is, its symbol or currency, and all that a fill changes in it; null for a row that holds nothing. */
  stateOf: (row: Held) => { key: string; name: string; state: string } | null;
}

/**
 * Reads what is held before and after the orders. Equal at both ends, nothing was filled in between, and both are of one
 * moment. Otherwise the orders are read again, a few times; what never stood still is named in `moved`.
 *
 * Orders that wait for a trigger are to be read before regular ones: one that triggers in between is then seen twice
 * rather than never.
 */
export async function readTogether<Held, Orders>(
  together: Together<Held, Orders>,
): Promise<{ held: Held[]; orders: Orders; moved: string[] }> {
  let before = await together.held();
  for (let round = 1; ; round++) {
    const orders = await together.orders();
    const after = await together.held();
    const moved = movedNames(before, after, together.stateOf);
    if (moved.length === 0 || round === MAX_ROUNDS) return { held: after, orders, moved };
    before = after;
  }
}

function movedNames<Held>(
  before: readonly Held[],
  after: readonly Held[],
  stateOf: Together<Held, unknown>['stateOf'],
): string[] {
  const statesOf = (rows: readonly Held[]): Map<string, { name: string; state: string }> =>
    new Map(rows.flatMap((row) => stateOf(row) ?? []).map((row) => [row.key, row]));
  const [old, fresh] = [statesOf(before), statesOf(after)];
  const moved = new Set<string>();
  for (const [key, { name }] of [...old, ...fresh]) {
    if (old.get(key)?.state !== fresh.get(key)?.state) moved.add(name);
  }
  return [...moved];
}
