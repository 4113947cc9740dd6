import type { SecretSource } from '../../config/config.js';
import type { NautilusConfig } from '../../config/nautilus-config.js';
import { FailureError } from '../../domain/failure/failure.js';
import { TooLargeError } from '../../domain/limits/limits.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import { Deadline } from '../../net/deadline.js';
import type { Redactor } from '../../redaction/redactor.js';
import { inTurns } from '../../runtime/turns.js';
import type { InternalSource, SourceWarning } from '../internal-source.js';
import { sourceFailure } from '../source-failure.js';
import { booksOf, instrumentIdsOf, partOf, replayed, type Replayed } from './books.js';
import { createPostgresStore } from './postgres-store.js';
import { createRedisStore } from './redis-store.js';
import type { Place, Stored } from './store.js';

interface Dependencies {
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
  now: () => number;
}

/**
 * Reads the internal state of a NautilusTrader from the database of its cache: it replays the events of its open orders
 * and the fills of its open positions. One deadline covers the whole read.
 */
export function createNautilusSource(config: NautilusConfig, deps: Dependencies): InternalSource {
  const { redactor, now } = deps;
  const store = config.database.kind === 'redis' ? createRedisStore(config, deps) : createPostgresStore(config, deps);
  let warnings: readonly SourceWarning[] = [];

  return {
    description: `nautilus ${store.description}`,
    warnings: () => warnings,
    async readState({ signal } = {}) {
      signal?.throwIfAborted();
      const place = store.place();
      const startedAt = now();
      const deadline = new Deadline(config.deadlineSeconds * 1000, signal);
      const limits = { deadlineMs: config.deadlineSeconds * 1000, signal: deadline.signal };
      try {
        return await store.read(place, limits, async (stored) => snapshotOf(stored, startedAt));
      } catch (error) {
        // If the caller cancelled the read, the bot's database has not failed.
        if (signal?.aborted === true) throw signal.reason;
        throw placed(place, deadline.hasPassed ? tooLate() : explained(error));
      } finally {
        deadline.end();
      }
    },
  };

  async function snapshotOf(stored: Stored, startedAt: number): Promise<Snapshot> {
    const all = await inTurns(replayed(stored.events));
    const part = partOf(all, config);
    const isMultiplied = config.amounts === 'instrument';
    const ids = instrumentIdsOf(part);
    const books = booksOf(part, await stored.instruments(ids), isMultiplied);
    warnings = [...adopted(part), ...aboutTime(config)];
    return {
      side: 'internal',
      readStartedAt: startedAt,
      readEndedAt: now(),
      asOf: timeOfState(stored, all, startedAt),
      positionMode: config.positionMode,
      scopes: stored.noPositions === null ? [...CONTRACTS, 'orders'] : ['orders'],
      gaps:
        stored.noPositions === null
          ? [{ scope: 'positions:spot', reason: NO_SPOT }]
          : [{ scope: 'positions', reason: stored.noPositions }],
      positions: books.positions,
      orders: books.orders,
      balances: [],
      markets: {},
      ...(books.unread.length === 0 ? {} : { unread: books.unread }),
    };
  }

  function timeOfState({ heartbeatAt, otherEventAt }: Stored, { newestEventAt }: Replayed, startedAt: number): number {
    const { asOf } = config;
    if (asOf === 'read') return startedAt;
    if (asOf === 'newest_event') {
      const newest = Math.max(newestEventAt ?? 0, otherEventAt ?? 0);
      if (newest > 0) return newest;
      throw sourceFailure(
        'incomplete',
        'the bot has stored no event yet',
        'let the bot write heartbeats, and name their stream with heartbeat_stream',
        { where: 'internal.as_of' },
      );
    }
    if (heartbeatAt !== null) return heartbeatAt;
    throw sourceFailure(
      'incomplete',
      `the stream ${asOf.heartbeatStream} has no entry`,
      'set heartbeat_interval_secs in the MessageBusConfig of the bot, with the same Redis as its database, and check the name of the stream',
      { where: 'internal.heartbeat_stream' },
    );
  }

  function explained(error: unknown): FailureError {
    if (error instanceof FailureError) return error;
    if (error instanceof TooLargeError) {
      return sourceFailure(
        'too_large',
        error.message,
        error.remedy,
        error.where === null ? {} : { where: error.where },
      );
    }
    return store.explain(error);
  }

  function tooLate(): FailureError {
    return sourceFailure(
      'timeout',
      `it did not answer completely within ${config.deadlineSeconds} s`,
      'check the load of the database; raise internal.deadline_seconds if it only needs longer',
    );
  }

  function placed({ name }: Place, { failure, cause }: FailureError): FailureError {
    const message = redactor.text(`nautilus ${name}: ${failure.message}`);
    return new FailureError({ ...failure, message }, cause === undefined ? undefined : { cause });
  }
}

const CONTRACTS: readonly Scope[] = ['positions:linear', 'positions:inverse'];
const NO_SPOT =
  'fills do not say what a wallet holds: fees in the base currency, and what was there before, are not in them';

/** What a strategy claimed (`external_order_claims`) is part of its state, and was read from the exchange. */
function adopted({ orders, positions }: Replayed): SourceWarning[] {
  const claimed = orders.filter(({ isAdopted }) => isAdopted).length;
  const fills = positions.reduce((sum, { adoptedFills }) => sum + adoptedFills, 0);
  if (claimed + fills === 0) return [];
  return [
    {
      text: `${claimed} open orders and ${fills} fills of open positions were found on the exchange by NautilusTrader's reconciliation, not traded by the bot: a match does not prove them`,
      remedy:
        'nothing, if they are from before a restart, or of orders that a strategy claims (external_order_claims); else find out who traded',
    },
  ];
}

function aboutTime({ asOf }: NautilusConfig): SourceWarning[] {
  if (typeof asOf === 'object') return [];
  return asOf === 'read'
    ? [
        {
          text: 'as_of is read: the time of the state is that of its read, so a bot that has stopped is not noticed',
          remedy: 'let the bot write heartbeats, and name their stream with heartbeat_stream instead',
        },
      ]
    : [
        {
          text: 'as_of is newest_event: a bot that has nothing to do becomes internal_stale after max_internal_age_seconds',
          remedy: 'let the bot write heartbeats, and name their stream with heartbeat_stream instead',
        },
      ];
}
