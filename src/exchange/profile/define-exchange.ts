import type { Scope } from '../../domain/snapshot/scope.js';
import type { Balance, OpenOrder, Position, PositionMode, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { ExchangeFailure } from '../transport/error-kinds.js';
import { readTogether, statesOfBalances, statesOfPositions } from './consistency.js';
import type { AccountState, Profile } from './profile.js';
import type { ReadSession } from './read-session.js';

/** What the account holds and every fill changes. */
export interface HeldRows {
  positions: readonly Position[];
  /** Null where they were not asked for; absent where they are read separately (`balances`). */
  balances?: readonly Balance[] | null;
  /** The exchange's clock, where this answer carries it. */
  at?: number;
}

export interface OrderRows {
  orders: readonly OpenOrder[];
}

/** Why balances are not claimed. */
export interface NotRead {
  reason: string;
}

export const NOT_ASKED: NotRead = { reason: 'not asked for: balances are not compared' };

/** All that one read of an account has found. */
export interface AccountRead<Setup, Held, Orders> {
  session: ReadSession;
  setup: Setup;
  held: Held;
  orders: Orders;
}

/** How an account of one exchange is read. */
export interface AccountTable<Setup, Held extends HeldRows, Orders extends OrderRows> {
  /**
   * Asks for the exchange's time, before everything else. Null where this server cannot be asked: then the Date of an answer
   * counts. Absent where `held` carries the time.
   */
  clock?: (session: ReadSession) => Promise<number | null>;
  /** Asked once in every read: position modes, sub-accounts. Must answer, because a guessed mode would read the wrong lists. */
  setup: (session: ReadSession) => Promise<Setup>;
  /** What is cheap to ask and moves with every fill: positions, or balances on spot. Read before and after the orders. */
  held: (session: ReadSession, setup: Setup) => Promise<Held>;
  /** Orders that wait for a trigger come first: one that triggers in between is then seen twice rather than never. */
  orders: (session: ReadSession, setup: Setup, held: Held) => Promise<Orders>;
  /** Balances that `held` does not have, or has only for comparison. Absent: those of `held`. */
  balances?: (session: ReadSession, held: Held, setup: Setup) => Promise<readonly Balance[] | NotRead>;
  /** Null where symbols differ in it or it is not reported. */
  positionMode:
    | PositionMode
    | null
    | ((read: AccountRead<Setup, Held, Orders>) => PositionMode | null | Promise<PositionMode | null>);
  /** The scopes that were read to their end, without balances: those are added here where they were read. */
  scopes: readonly Scope[] | ((read: AccountRead<Setup, Held, Orders>) => readonly Scope[]);
  /** What exists, or may exist, and is not read. */
  gaps: readonly ScopeGap[] | ((read: AccountRead<Setup, Held, Orders>) => readonly ScopeGap[]);
}

/** A `Profile` whose account is read by a table. */
export interface ExchangeDefinition<Setup, Held extends HeldRows, Orders extends OrderRows> extends Omit<
  Profile,
  'verified' | 'readState'
> {
  readonly account: AccountTable<Setup, Held, Orders>;
}

/** Makes the profile of an exchange from its tables. See profile.ts for how to add one. */
export function defineExchange<Setup, Held extends HeldRows, Orders extends OrderRows>(
  definition: ExchangeDefinition<Setup, Held, Orders>,
): Profile {
  const { account, ...profile } = definition;
  return { ...profile, verified: true, readState: (session) => readAccount(account, session) };
}

/** The `setup` of an exchange that has nothing to ask before the account is read. */
export async function askNothing(): Promise<null> {
  return null;
}

async function readAccount<Setup, Held extends HeldRows, Orders extends OrderRows>(
  table: AccountTable<Setup, Held, Orders>,
  session: ReadSession,
): Promise<AccountState> {
  let asOf = (await table.clock?.(session)) ?? null;
  if (asOf !== null) session.setClock(asOf);
  const setup = await table.setup(session);
  const readHeld = async (): Promise<Held> => {
    const held = await table.held(session, setup);
    if (asOf === null && held.at !== undefined) {
      asOf = held.at;
      session.setClock(asOf);
    }
    return held;
  };
  const { held, orders, moved } = await readTogether<Held, Orders>({
    held: readHeld,
    orders: (before) => table.orders(session, setup, before),
    statesOf: ({ positions, balances }) => [...statesOfPositions(positions), ...statesOfBalances(balances ?? [])],
  });
  asOf ??= session.answeredAt;
  if (asOf === null) throw withoutTime(session);
  const balances = table.balances === undefined ? held.balances : await table.balances(session, held, setup);
  const read: AccountRead<Setup, Held, Orders> = { session, setup, held, orders };
  const { positionMode, scopes, gaps } = table;
  const notRead = balances === null || balances === undefined ? NOT_ASKED : 'reason' in balances ? balances : null;
  return {
    asOf,
    positionMode: typeof positionMode === 'function' ? await positionMode(read) : positionMode,
    scopes: [...(typeof scopes === 'function' ? scopes(read) : scopes), ...(notRead === null ? ['balances'] : [])],
    gaps: [
      ...(typeof gaps === 'function' ? gaps(read) : gaps),
      ...(notRead === null ? [] : [{ scope: 'balances', ...notRead }]),
    ],
    positions: [...held.positions],
    orders: [...orders.orders],
    balances: balances === null || balances === undefined || 'reason' in balances ? [] : [...balances],
    movedWhileRead: moved,
  };
}

function withoutTime({ exchange }: ReadSession): ExchangeFailure {
  return new ExchangeFailure({
    kind: 'unsupported',
    message: `${exchange.id} reports no time: it has no question for it, and its answers carry no Date`,
    where: 'server time',
    retryAfterMs: null,
  });
}
