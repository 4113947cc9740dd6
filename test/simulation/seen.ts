import type { RunMade } from './plumbline.js';
import { driftsBetween, type Drifts } from './rows.js';
import { nameOf, unreadKeys } from './unread-rows.js';
import type { World } from './world.js';

/** The differences of the two snapshots, by the simulation's own comparison. */
export function seenIn({ exchange, internal }: RunMade['observations'][number], world: World): Drifts {
  const [outside, inside] = [exchange, internal].map(({ positionMode, positions, orders, balances }) => ({
    positions: positions.map(({ symbol, side, amount }) => ({
      symbol,
      slot: positionMode === 'hedge' ? side : 'net',
      amount: side === 'short' ? `-${amount}` : amount,
    })),
    orders,
    balances: {
      // Coins that the bots show as positions of their markets.
      ...Object.fromEntries(positions.filter(isSpot).map((row) => [row.symbol.split('/')[0], signedOf(row)])),
      ...Object.fromEntries(balances.map(({ currency, total }) => [currency, total])),
    },
  }));
  if (outside === undefined || inside === undefined) return new Map();
  const unread = unreadKeys(exchange, internal);
  const drifts = driftsBetween(
    outside,
    world.compared({ ...inside, positions: inside.positions.filter((row) => !isSpot(row)) }),
    world.rules,
  );
  return new Map([...drifts].filter(([identity]) => isPair(identity) || !unread.has(nameOf(identity))));
}

/** A difference between two rows of one order, which both sides list. */
function isPair(identity: string): boolean {
  return identity.startsWith('order-terms') || identity.startsWith('order-fill');
}

function isSpot({ symbol }: { symbol: string }): boolean {
  return !symbol.includes(':');
}

function signedOf({ side, amount }: { side: string; amount: string }): string {
  return side === 'short' ? `-${amount}` : amount;
}

/**
 * Unread rows are reported, and no key of them is confirmed, because the row may be what the other side has. Orders
 * that both sides list are still compared.
 */
export function checkUnread(run: RunMade, say: (text: string) => void): void {
  const last = run.observations.at(-1);
  if (last === undefined) return;
  const unread = unreadKeys(last.exchange, last.internal);
  for (const { identity } of run.confirmed) {
    if (!isPair(identity) && unread.has(nameOf(identity))) say(`DECLARED ${identity}, which could not be read`);
  }
  // In a scope that was not answered it is part of the gap.
  if (last.exchange.gaps.length > 0) return;
  const said = new Set(run.saidUnread);
  for (const name of unread) if (!said.has(name)) say(`NOT SAID that ${name} is not compared`);
}
