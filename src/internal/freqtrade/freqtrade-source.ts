import type { z } from 'zod';
import { setTimeout as pause } from 'node:timers/promises';
import type { FreqtradeConfig } from '../../config/config.js';
import { FailureError } from '../../domain/failure/failure.js';
import { requireLength, TooLargeError } from '../../domain/limits/limits.js';
import { botTrades } from '../../domain/snapshot/bot-reference.js';
import { BALANCES, scopeOfBalance, type Scope } from '../../domain/snapshot/scope.js';
import type { Balance, Snapshot } from '../../domain/snapshot/snapshot.js';
import { Deadline } from '../../net/deadline.js';
import { inTurns } from '../../runtime/turns.js';
import { problemOf } from '../answer-problem.js';
import { explainNetworkError } from '../http-failures.js';
import type { InternalSource } from '../internal-source.js';
import { sourceFailure } from '../source-failure.js';
import { BotDatabase, type DatabaseDependencies } from '../sql/bot-database.js';
import { disagreement } from './agreement.js';
import { booksOf, type Books, type TradingMode } from './books.js';
import { refusalOf, starting, tradingModeOf } from './bot.js';
import { FreqtradeClient, tooLarge } from './client.js';
import { readBooks, type StoredBooks } from './database.js';
import { DATABASE_TIMEOUT_REMEDY, TIMEOUT_REMEDY, UNREACHABLE_REMEDY } from './failures.js';
import { healthShape, showConfigShape } from './shapes.js';

interface Dependencies extends DatabaseDependencies {
  now: () => number;
}

/** How often API and database are read in one observation until both are of the same state, and the pause between. */
const DATABASE_READS = 4;
const DATABASE_PAUSE_MS = 300;
/** What is asked, in failures. */
const DATABASE = 'its database';

/**
 * Reads the internal state of a Freqtrade from its REST API, in this order: `show_config` (which bot is it, and does it
 * trade?), `health` (when did its last loop end?), `status` (its open trades). The time is read before the trades, so the
 * state is never older than its `asOf`. One deadline covers all of it.
 *
 * With a database, its open trades and orders are read after them and must be those of `status`; if the bot has worked in
 * between, time, trades and database are read again. The database only adds prices: whether the bot runs and what it holds
 * is the API's answer.
 *
 * Futures: scopes positions and orders. Spot: orders; and, of currencies in `at_least`, the balance that its trades need.
 */
export function createFreqtradeSource(config: FreqtradeConfig, deps: Dependencies): InternalSource {
  const { redactor, now } = deps;
  const address = redactor.text(config.url);
  const client = new FreqtradeClient(config, deps);
  const database = config.database === undefined ? null : new BotDatabase(config.database, 'internal.database', deps);

  return {
    description: `freqtrade ${address}${database === null ? '' : `, prices from ${database.description}`}`,
    async readState({ signal } = {}) {
      signal?.throwIfAborted();
      const authorization = client.authorization();
      const deadlineMs = config.deadlineSeconds * 1000;
      const deadline = new Deadline(deadlineMs, signal);
      let asking = 'GET show_config';
      const ask = async <Shape extends z.ZodType>(name: string, shape: Shape): Promise<z.output<Shape>> => {
        asking = `GET ${name}`;
        const answer = await client.get(name, authorization, deadline.signal);
        const parsed = shape.safeParse(answer);
        if (parsed.success) return parsed.data;
        throw sourceFailure('unreadable', problemOf(parsed.error, answer), OTHER_VERSION);
      };
      try {
        const startedAt = now();
        const shown = await ask('show_config', showConfigShape);
        const refusal = refusalOf(shown, config.bot);
        if (refusal !== null) throw refusal;
        const mode = tradingModeOf(shown) ?? 'spot';
        for (let reads = 1; ; reads++) {
          const { last_process: asOf } = await ask('health', healthShape);
          if (asOf === null) throw starting();
          asking = 'GET status';
          const trades = tradesOf(await client.get('status', authorization, deadline.signal));
          const asked = { mode, asOf, startedAt, atLeast: config.atLeast };
          if (database === null) return snapshotOf(await readTrades(trades, mode, null), { ...asked, endedAt: now() });
          asking = DATABASE;
          const stored = await readBooks(database, { deadlineMs, signal: deadline.signal }, config.maxBytes);
          const differs = disagreement(trades, stored);
          if (differs === null) return snapshotOf(await readTrades(trades, mode, stored), { ...asked, endedAt: now() });
          if (reads === DATABASE_READS) throw doNotAgree(differs);
          await pause(DATABASE_PAUSE_MS, undefined, { signal: deadline.signal });
        }
      } catch (error) {
        // If the caller cancelled the read, the bot has not failed.
        if (signal?.aborted === true) throw signal.reason;
        throw withAddress(explain(error, deadline, asking), asking);
      } finally {
        deadline.end();
      }
    },
  };

  function explain(error: unknown, deadline: Deadline, asking: string): FailureError {
    if (error instanceof FailureError) return error;
    if (error instanceof TooLargeError) return tooLarge(error);
    if (deadline.hasPassed) {
      const remedy = asking === DATABASE ? DATABASE_TIMEOUT_REMEDY : TIMEOUT_REMEDY;
      return sourceFailure('timeout', `it did not answer within ${config.deadlineSeconds} s`, remedy);
    }
    const { failure, cause } = explainNetworkError(error, redactor);
    const remedy = failure.kind === 'network' ? UNREACHABLE_REMEDY : failure.remedy;
    return new FailureError({ ...failure, remedy }, { cause });
  }

  function withAddress(error: FailureError, asking: string): FailureError {
    const message = redactor.text(`freqtrade ${address}, ${asking}: ${error.failure.message}`);
    const options = error.cause === undefined ? undefined : { cause: error.cause };
    return new FailureError({ ...error.failure, message }, options);
  }
}

const OTHER_VERSION =
  'check that a Freqtrade of 2024.10 or later answers at internal.url; report the version of a later one that answers so';

function doNotAgree(problem: string): FailureError {
  return sourceFailure(
    'incomplete',
    `the API and the database are of different states, also after ${DATABASE_READS} reads: ${problem}`,
    'check that internal.database is the database of this bot (its db_url), not a copy or a replica that lags, and with SQLite that the -wal file lies beside it (mount the folder, not the file)',
    { where: 'internal.database' },
  );
}

/** An answer that is no list is unknown, never "no trades". */
function tradesOf(answer: unknown): readonly unknown[] {
  if (!Array.isArray(answer)) {
    throw sourceFailure('unreadable', 'its answer is no list of trades', OTHER_VERSION);
  }
  requireLength('positions', answer.length, 'status');
  return answer as unknown[];
}

async function readTrades(trades: readonly unknown[], mode: TradingMode, stored: StoredBooks | null): Promise<Books> {
  const books = await inTurns(booksOf(trades, mode, stored));
  requireLength('orders', books.orders.length, 'status');
  return books;
}

interface Read {
  mode: TradingMode;
  asOf: number;
  startedAt: number;
  endedAt: number;
  atLeast: readonly string[];
}

function snapshotOf(books: Books, { mode, asOf, startedAt, endedAt, atLeast }: Read): Snapshot {
  const { positions, orders, unread } = books;
  const trades = Object.fromEntries(Object.entries(books.trades).map(([pair, ids]) => [pair, botTrades(ids)]));
  const balances = mode === 'spot' ? balancesOf(books.holdings, atLeast) : { scopes: [], gaps: [], balances: [] };
  return {
    side: 'internal',
    readStartedAt: startedAt,
    readEndedAt: endedAt,
    asOf,
    // Freqtrade sets one-way mode at its start, or refuses to start.
    positionMode: mode === 'futures' ? 'one-way' : null,
    scopes: mode === 'futures' ? ['positions', 'orders'] : ['orders', ...balances.scopes],
    gaps: balances.gaps,
    positions,
    orders,
    balances: balances.balances,
    markets: {},
    ...(unread.length === 0 ? {} : { unread }),
    // Also without a trade: the remedies say what Freqtrade cannot do.
    bots: [{ kind: 'freqtrade', trades }],
  };
}

const NO_BALANCES =
  'Freqtrade records its trades, not the wallet, which also holds fees and what was there before; set at_least: ["*"] to check that the wallet holds its trades';

/** In spot mode the books say what the wallet holds at least, so only currencies that may be more are compared. */
function balancesOf(
  holdings: readonly Balance[],
  atLeast: readonly string[],
): Pick<Snapshot, 'scopes' | 'gaps' | 'balances'> {
  if (atLeast.length === 0) return { scopes: [], gaps: [{ scope: BALANCES, reason: NO_BALANCES }], balances: [] };
  if (atLeast.includes('*')) return { scopes: [BALANCES], gaps: [], balances: [...holdings] };
  const scopes: Scope[] = atLeast.map((currency) => scopeOfBalance({ currency }));
  return { scopes, gaps: [], balances: holdings.filter(({ currency }) => atLeast.includes(currency)) };
}
