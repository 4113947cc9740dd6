import { expect } from '@jest/globals';
import type { SqlConfig } from '../../../../src/config/sql-config.js';
import { FailureError, type Failure } from '../../../../src/domain/failure/failure.js';
import type { InternalSource } from '../../../../src/internal/internal-source.js';
import { createSqlSource } from '../../../../src/internal/sql/sql-source.js';
import { createRedactor } from '../../../../src/redaction/redactor.js';

export type Queries = SqlConfig['queries'];

/** A source of the given database, with scopes for the lists that have a query. */
export function sqlSource(
  database: { url: string } | { path: string },
  queries: Queries,
  overrides: Partial<SqlConfig> = {},
  nodeOptions: readonly string[] = [],
): InternalSource {
  const config: SqlConfig = {
    kind: 'sql',
    database:
      'url' in database ? { kind: 'server', url: { env: 'BOT_DATABASE_URL' } } : { kind: 'sqlite', ...database },
    queries,
    scopes: Object.keys(queries).filter((name) => name !== 'as_of'),
    positionMode: null,
    deadlineSeconds: 10,
    maxBytes: 1_000_000,
    ...overrides,
  };
  const url = 'url' in database ? database.url : '';
  return createSqlSource(config, { resolveSecret: () => url, redactor: createRedactor(), now: () => 7, nodeOptions });
}

/** The failure of a read. None of its texts contains the secret. */
export async function failureOf(source: InternalSource, secret = 'no secret', signal?: AbortSignal): Promise<Failure> {
  const error: unknown = await source.readState(signal === undefined ? {} : { signal }).then(
    () => new Error('the state was read'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof FailureError)) throw error;
  expect(JSON.stringify([error.failure, error.message, error.stack, error.cause])).not.toContain(secret);
  expect(error.failure).toMatchObject({ side: 'internal', remedy: expect.stringMatching(/./) });
  return error.failure;
}
