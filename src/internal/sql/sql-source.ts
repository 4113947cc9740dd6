import type { SqlConfig } from '../../config/sql-config.js';
import type { FailureError } from '../../domain/failure/failure.js';
import { CLOCK_REMEDY, oneSelect, readsClock, type SqlDialect } from '../../domain/text/one-select.js';
import { Deadline } from '../../net/deadline.js';
import { inTurns } from '../../runtime/turns.js';
import type { InternalSource, SourceWarning } from '../internal-source.js';
import { sourceFailure } from '../source-failure.js';
import { stateDocument } from '../state-document.js';
import { BotDatabase, type DatabaseDependencies, type DatabasePlace } from './bot-database.js';
import { ByteBudget, ListAnswer, TimeAnswer, type ListName, type Query, type QueryName } from './query-rows.js';

interface Dependencies extends DatabaseDependencies {
  now: () => number;
}

/** The answers of one read. */
interface Answers {
  asOf: TimeAnswer;
  lists: ReadonlyMap<ListName, ListAnswer>;
}

/**
 * Reads internal state from a bot's own database: one query for its time, one for each list, all in one read-only transaction.
 *
 * The rows become a document of the form that a bot serves, and are checked as such: a row that cannot be read costs its symbol.
 * One deadline covers the whole read, from the connection to the last row.
 */
export function createSqlSource(config: SqlConfig, dependencies: Dependencies): InternalSource {
  const { now } = dependencies;
  const { deadlineSeconds } = config;
  const deadlineMs = deadlineSeconds * 1000;
  const database = new BotDatabase(config.database, 'internal', dependencies, ['postgresql', 'mysql']);
  let warnings: readonly SourceWarning[] = [];

  return {
    description: database.description,
    warnings: () => warnings,
    async readState({ signal } = {}) {
      signal?.throwIfAborted();
      const place = database.place();
      const queries = queriesOf(config, place.dialect);
      const startedAt = now();
      const deadline = new Deadline(deadlineMs, signal);
      try {
        const { asOf, lists } = await answersOf(queries, place, deadline.signal);
        const text = documentOf(config, asOf.iso(), lists);
        warnings = [asOf, ...lists.values()].flatMap((answer) => answer.warnings());
        return await inTurns(stateDocument(text, { side: 'internal', receivedAt: { startedAt, endedAt: now() } }));
      } catch (error) {
        // If the caller cancelled the read, the bot's database has not failed.
        if (signal?.aborted === true) throw signal.reason;
        throw database.placed(place, deadline.hasPassed ? tooLate() : database.failureOf(error, place));
      } finally {
        deadline.end();
      }
    },
  };

  async function answersOf(
    queries: readonly Query<QueryName>[],
    place: DatabasePlace,
    signal: AbortSignal,
  ): Promise<Answers> {
    const budget = new ByteBudget(config.maxBytes);
    const asOf = new TimeAnswer();
    const lists = new Map<ListName, ListAnswer>();
    await database.read(place, { deadlineMs, signal }, queries, ({ name }) => {
      if (name === 'as_of') return asOf;
      const list = new ListAnswer(name, budget);
      lists.set(name, list);
      return list;
    });
    return { asOf, lists };
  }

  function tooLate(): FailureError {
    return sourceFailure(
      'timeout',
      `it did not answer completely within ${deadlineSeconds} s`,
      'check the load of the database and the plan of the queries; raise internal.deadline_seconds if they need longer',
    );
  }
}

/** The queries in the order in which they run: first the time, so that no row is older than it. */
function queriesOf({ queries }: SqlConfig, dialect: SqlDialect): Query<QueryName>[] {
  const names: readonly QueryName[] = ['as_of', 'positions', 'orders', 'balances'];
  return names.flatMap((name) => {
    const sql = queries[name];
    if (sql === undefined) return [];
    const checked = oneSelect(sql, dialect);
    const where = `internal.${name}`;
    if ('refused' in checked) {
      const message = `the query ${name} is not run: ${checked.refused}`;
      throw sourceFailure('configuration', message, 'write one SELECT', { where });
    }
    if (name !== 'as_of' || checked.readsClock === null) return [{ name, sql: checked.query }];
    throw sourceFailure('configuration', `the query as_of ${readsClock(checked.readsClock)}`, CLOCK_REMEDY, { where });
  });
}

function documentOf(config: SqlConfig, asOf: string, lists: ReadonlyMap<ListName, ListAnswer>): string {
  const fields: Record<string, string> = {
    version: '1',
    as_of: JSON.stringify(asOf),
    position_mode: JSON.stringify(config.positionMode),
    scopes: JSON.stringify(config.scopes),
  };
  for (const [name, list] of lists) fields[name] = list.json();
  return `{${Object.entries(fields)
    .map(([name, json]) => `"${name}":${json}`)
    .join(',')}}`;
}
