import type { SecretSource } from '../../config/config.js';
import type { HummingbotConfig } from '../../config/hummingbot-config.js';
import { compareDecimals, multiplyDecimals } from '../../domain/decimal/decimal.js';
import { FailureError } from '../../domain/failure/failure.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import { visible } from '../../domain/text/shown-text.js';
import type { Redactor } from '../../redaction/redactor.js';
import type { InternalSource, SourceWarning } from '../internal-source.js';
import { createSqlSource } from '../sql/sql-source.js';
import { sourceFailure } from '../source-failure.js';
import { queriesOf } from './queries.js';
import { symbolOf } from './symbols.js';

interface Dependencies {
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
  now: () => number;
  /** Options of Node for the process that reads SQLite; for tests. */
  nodeOptions?: readonly string[];
}

/** The unit of Hummingbot's whole numbers. */
const MILLIONTH = '0.000001';

/**
 * Reads the internal state of one connector of a Hummingbot from its database, with the queries of `queriesOf`: open
 * orders, and with `positions: from_fills` the sums of its fills.
 */
export function createHummingbotSource(config: HummingbotConfig, deps: Dependencies): InternalSource {
  const { connector, configFile, positions, asOf } = config;
  const sql = createSqlSource(
    {
      kind: 'sql',
      database: config.database,
      queries: queriesOf(config),
      scopes: positions ? ['orders', 'positions'] : ['orders'],
      positionMode: positions ? 'one-way' : null,
      deadlineSeconds: config.deadlineSeconds,
      maxBytes: config.maxBytes,
    },
    deps,
  );
  return {
    description: `hummingbot ${visible(connector)} in ${sql.description}`,
    warnings: () => [...(sql.warnings?.() ?? []), aboutTime(asOf)],
    async readState(options) {
      try {
        return ownWords(await sql.readState(options));
      } catch (error) {
        throw explained(error);
      }
    },
  };

  /** Hummingbot's pairs as unified symbols, its millionths as base units. Whole orders have ended. */
  function ownWords(snapshot: Snapshot): Snapshot {
    const { orders, positions: sums, unread } = snapshot;
    const renamed = <Row extends { symbol: string }>(row: Row): Row => ({
      ...row,
      symbol: symbolOf(row.symbol, connector),
    });
    return {
      ...snapshot,
      asOf: asOf === 'read' ? snapshot.readStartedAt : snapshot.asOf,
      orders: orders
        .filter(({ amount, filled }) => amount === null || compareDecimals(filled, amount) < 0)
        .map(renamed),
      positions: sums.map((row) => renamed({ ...row, amount: multiplyDecimals(row.amount, MILLIONTH) })),
      ...(unread === undefined
        ? {}
        : { unread: unread.map((part) => (part.symbol === null ? part : renamed({ ...part, symbol: part.symbol }))) }),
    };
  }

  function explained(error: unknown): unknown {
    if (!(error instanceof FailureError) || error.failure.where !== 'internal.as_of') return error;
    if (error.failure.kind === 'incomplete') {
      return sourceFailure(
        'configuration',
        `the database has no state of the connector ${visible(connector)}${configFile === null ? '' : ` and the configuration ${visible(configFile)}`} (table "MarketState")`,
        'set internal.connector to the name of the connector in Hummingbot, and check that the bot has placed an order with it',
        { where: 'internal.connector' },
      );
    }
    return sourceFailure(
      'configuration',
      `the database has states of several configurations for the connector ${visible(connector)}`,
      'name the one of this bot with internal.config_file (MarketState.config_file_path)',
      { where: 'internal.config_file' },
    );
  }
}

function aboutTime(asOf: HummingbotConfig['asOf']): SourceWarning {
  return asOf === 'read'
    ? {
        text: 'as_of is read: the time of the state is that of its read, so a bot that has stopped is not noticed',
        remedy: 'watch the process of the bot by other means: Hummingbot writes no heartbeat into its database',
      }
    : {
        text: 'as_of is newest_event: a bot that places, fills and cancels nothing becomes internal_stale after max_internal_age_seconds',
        remedy: 'nothing, if the bot replaces its orders more often than that; else set as_of: read',
      };
}
