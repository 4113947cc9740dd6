import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import type { OpenOrder, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { readTogether, statesOfBalances, statesOfPositions } from '../../src/exchange/profile/consistency.js';
import { sumOfSources } from '../../src/internal/sum-sources.js';
import { readAllByOffset } from '../../src/exchange/profile/paging.js';
import type { ReadSession } from '../../src/exchange/profile/read-session.js';
import type { Account } from '../../packages/exchange-simulator/src/engine/account.js';
import { rowOf } from './believed-state.js';
import type { Random } from './random.js';
import type { OrderRow, Rows } from './rows.js';
import { comparesBalances } from './script.js';
import type { Served } from './shared-account.js';
import { withUnreadRows } from './unread-rows.js';
import type { World } from './world.js';

const PAGE_SIZE = 3;

/** Reads as src/exchange does, with the product's code, from a world that continues meanwhile. */
export class ExchangeSide {
  /** The positions of the last two answers; orders were read between them. */
  private lastHeld: [before: Held, after: Held] | null = null;

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  /** Throws FailureError (incomplete) if a list changed between its pages. */
  async read(): Promise<Snapshot> {
    const { world } = this;
    const { hedge } = world.script;
    const { facts, orders: kind, positions: scope } = world.kind;
    const readStartedAt = this.plumblineClock();
    this.wait();
    const asOf = world.engine.now();
    const { held, orders, moved } = await readTogether({
      held: () => this.ask(() => this.held()),
      // Conditional orders come first, as in the profiles.
      orders: async () => ({ conditional: await this.readOrders(true), regular: await this.readOrders(false) }),
      statesOf: ({ positions, balances }) => [...statesOfPositions(positions), ...statesOfBalances(balances)],
    });
    const gap = world.gapUntil > readStartedAt - world.script.skew.plumbline;
    const conditional = `orders:conditional:${kind}`;
    const lists = [...(scope === null ? [] : [scope]), `orders:regular:${kind}`, ...(gap ? [] : [conditional])];
    const snapshot: Snapshot = {
      side: 'exchange',
      readStartedAt,
      readEndedAt: this.plumblineClock(),
      asOf,
      positionMode: hedge ? 'hedge' : 'one-way',
      scopes: comparesBalances(world.script) ? [...lists, 'balances'] : lists,
      gaps: gap ? [{ scope: conditional, reason: 'the exchange did not answer' }] : [],
      ...held,
      orders: [...(gap ? [] : orders.conditional), ...orders.regular].map(openOrder),
      markets: facts,
      ...(moved.length === 0 ? {} : { movedWhileRead: moved }),
    };
    return withUnreadRows(snapshot, world);
  }

  /**
   * Symbols and currencies whose values after the orders differ from those before, computed independently of the
   * product.
   */
  tore(): string[] {
    const [before = [], after = []] = (this.lastHeld ?? []).map(({ positions, balances }) => [
      ...positions.map((row) => ({ name: row.symbol, text: JSON.stringify(row) })),
      ...balances.map((row) => ({ name: row.currency, text: JSON.stringify(row) })),
    ]);
    const [old, fresh] = [before, after].map((rows) => new Set(rows.map(({ text }) => text)));
    const changed = [...before, ...after].filter(({ text }) => old?.has(text) !== fresh?.has(text));
    return [...new Set(changed.map(({ name }) => name))];
  }

  private held(): Held {
    const { account, script } = this.world;
    const open = account.positions().filter(({ amount }) => amount !== '0');
    const positions = open.map(({ symbol, slot, amount, updatedAt }) => ({
      ...positionOf(symbol, slot, amount),
      changedAt: script.untimed ? null : updatedAt,
    }));
    const balances = Object.entries(this.world.exchangeRows().balances).map(([currency, total]) => ({
      currency,
      total,
    }));
    const held = { positions, balances: comparesBalances(script) ? balances : [] };
    this.lastHeld = [this.lastHeld?.[1] ?? held, held];
    return held;
  }

  private readOrders(conditional: boolean): Promise<OrderRow[]> {
    const list = (): OrderRow[] =>
      this.world
        .exchangeRows()
        .orders.filter((row) => (row.triggerPrice !== null) === conditional)
        .toReversed();
    if (!this.world.script.paged) return this.ask(list);
    return readAllByOffset<OrderRow>({
      session: { failure: incomplete } as unknown as ReadSession,
      endpoint: { method: 'GET', path: '/orders', call: '', shape: undefined as never },
      pageSize: PAGE_SIZE,
      idOf: ({ id }) => id ?? '',
      ask: (offset) => this.ask(() => list().slice(offset, offset + PAGE_SIZE)),
    });
  }

  /** The answer shows one moment between request and arrival. */
  private async ask<T>(answer: () => T): Promise<T> {
    this.wait();
    const value = answer();
    this.wait();
    return value;
  }

  private wait(): void {
    this.world.agenda.pass(20 + this.random.longTail(1500));
  }

  private plumblineClock(): number {
    return this.world.agenda.now + this.world.script.skew.plumbline;
  }
}

type Held = Pick<Snapshot, 'positions' | 'balances'>;

/** The account at this moment, in one consistent answer. */
export function exchangeNow(world: World, account: Account): Snapshot {
  const { script, kind } = world;
  const lists = ['regular', 'conditional'].map((name) => `orders:${name}:${kind.orders}`);
  const scopes = [...(kind.positions === null ? [] : [kind.positions]), ...lists];
  const isCompared = comparesBalances(script);
  const total = (currency: string): string => account.wallet.get(currency)?.balance ?? '0';
  const held = account.positions().filter(({ amount }) => amount !== '0');
  const snapshot: Snapshot = {
    side: 'exchange',
    readStartedAt: world.agenda.now,
    readEndedAt: world.agenda.now,
    asOf: world.engine.now(),
    positionMode: script.hedge ? 'hedge' : 'one-way',
    scopes: isCompared ? [...scopes, 'balances'] : scopes,
    gaps: [],
    positions: held.map(({ symbol, slot, amount }) => ({ ...positionOf(symbol, slot, amount), changedAt: null })),
    orders: account.open().map((order) => openOrder(rowOf(order))),
    balances: isCompared ? kind.currencies.map((currency) => ({ currency, total: total(currency) })) : [],
    markets: kind.facts,
  };
  return withUnreadRows(snapshot, world);
}

/** What the bots answer at this moment. */
export function readInternal(world: World, askedAt: number): Snapshot {
  const sources = world.served().map((served) => ({ name: served.name, snapshot: snapshotOf(world, askedAt, served) }));
  const [first] = sources;
  return sources.length === 1 && first !== undefined ? first.snapshot : sumOfSources(sources);
}

function snapshotOf(world: World, askedAt: number, { rows, asOf }: Served): Snapshot {
  const { hedge, skew, books } = world.script;
  const now = world.agenda.now + skew.plumbline;
  const isCompared = comparesBalances(world.script);
  const snapshot: Snapshot = {
    side: 'internal',
    readStartedAt: askedAt + skew.plumbline,
    readEndedAt: now,
    asOf,
    positionMode: hedge ? 'hedge' : 'one-way',
    scopes: isCompared ? ['positions', 'orders', 'balances'] : ['positions', 'orders'],
    gaps: [],
    positions: books.showsPositions ? holdingsOf(rows) : positionsOf(rows),
    orders: rows.orders.map((row) => ({ ...openOrder(row), changedAt: null })),
    balances: isCompared ? balancesOf(rows, books.showsPositions) : [],
    markets: {},
  };
  return withUnreadRows(snapshot, world);
}

function balancesOf({ balances }: Rows, onlyQuote: boolean): Snapshot['balances'] {
  return Object.entries(balances)
    .filter(([currency]) => !onlyQuote || currency === 'USDT')
    .map(([currency, total]) => ({ currency, total }));
}

/** A spot bot's coins as positions of their markets. A wrong state may hold less than nothing. */
function holdingsOf({ balances }: Rows): Snapshot['positions'] {
  return Object.entries(balances)
    .filter(([currency, total]) => currency !== 'USDT' && total !== '0')
    .map(([currency, total]) => ({ ...positionOf(`${currency}/USDT`, 'net', total), changedAt: null }));
}

function positionsOf(rows: Rows): Snapshot['positions'] {
  return rows.positions.map(({ symbol, slot, amount }) => ({ ...positionOf(symbol, slot, amount), changedAt: null }));
}

function positionOf(symbol: string, slot: string, amount: string): Omit<Snapshot['positions'][number], 'changedAt'> {
  const isNegative = amount.startsWith('-');
  const side = slot === 'short' || (slot === 'net' && isNegative) ? 'short' : 'long';
  return { symbol, side, amount: isNegative ? amount.slice(1) : amount };
}

function openOrder(row: OrderRow): OpenOrder {
  return { ...row, conditional: row.triggerPrice !== null };
}

function incomplete(_kind: string, _endpoint: unknown, message: string): FailureError {
  const failure: Failure = {
    kind: 'incomplete',
    side: 'exchange',
    message,
    where: 'orders',
    remedy: '',
    retryAfterMs: null,
  };
  return new FailureError(failure);
}
