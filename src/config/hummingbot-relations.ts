import type { UnplacedProblem } from './config-problems.js';
import type { Fields, Path } from './secret-relations.js';
import { checkDatabase } from './sql-relations.js';

/** A source of kind hummingbot: one database; positions only of perpetuals. */
export function checkHummingbot(fields: Fields, at: Path): UnplacedProblem[] {
  const problems = checkDatabase(fields, at);
  const connector: unknown = fields['connector'];
  if (fields['positions'] === undefined || typeof connector !== 'string' || connector.includes('_perpetual')) {
    return problems;
  }
  const message = 'the connector trades on spot, where there are no positions';
  return [...problems, { at: [...at, 'positions'], value: null, message, remedy: 'remove positions' }];
}
