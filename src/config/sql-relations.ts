import { isMap } from '../domain/text/is-map.js';
import { CLOCK_REMEDY, oneSelect, readsClock, type SqlDialect } from '../domain/text/one-select.js';
import type { UnplacedProblem } from './config-problems.js';
import { showValue } from './issues.js';
import { checkSources, type Fields, type Path } from './secret-relations.js';

const LISTS = ['positions', 'orders', 'balances'] as const;

/** A bot's database: a SQLite file or the URL of a server. */
export function checkDatabase(fields: Fields, at: Path): UnplacedProblem[] {
  const hasUrl = fields['url_env'] !== undefined || fields['url_file'] !== undefined;
  const hasPath = fields['path'] !== undefined;
  const problems = checkSources(fields, ['url'], at);
  if (hasUrl !== hasPath) return problems;
  const message = hasUrl ? 'it names the URL of a server and a SQLite file' : 'it names no database';
  const remedy = 'name one of url_env (the URL of a server) and path (SQLite)';
  return [...problems, { at, value: 'a map', message, remedy }];
}

/** A source of kind sql: one database, one SELECT a query, and a query for every scope. */
export function checkSql(fields: Fields, at: Path): UnplacedProblem[] {
  // The scheme of the URL says which server it is, and the URL is read later. Then each query is checked again.
  const dialects: readonly SqlDialect[] = fields['path'] === undefined ? ['postgresql', 'mysql'] : ['sqlite'];
  const problems = checkDatabase(fields, at);
  for (const name of ['as_of', ...LISTS]) problems.push(...checkQuery(fields[name], dialects, [...at, name]));
  if (LISTS.every((name) => fields[name] === undefined)) {
    const remedy = 'add at least one of positions, orders and balances';
    problems.push({ at, value: 'a map', message: 'it has no query for a list', remedy });
  }
  return [...problems, ...checkScopes(fields, at)];
}

function checkQuery(sql: unknown, dialects: readonly SqlDialect[], at: Path): UnplacedProblem[] {
  if (typeof sql !== 'string' || sql === '') return [];
  const checked = dialects.map((dialect) => oneSelect(sql, dialect));
  const clocks = checked.flatMap((each) => ('refused' in each ? [] : [each.readsClock]));
  const [first] = checked;
  // A query may hold a person's data, so its text is not shown.
  if (clocks.length === 0 && first !== undefined && 'refused' in first) {
    const remedy = 'write one SELECT (or WITH ... SELECT) that changes nothing';
    return [{ at, value: null, message: `the query is refused: ${first.refused}`, remedy }];
  }
  const [clock = null] = clocks;
  if (at.at(-1) !== 'as_of' || clock === null || clocks.includes(null)) return [];
  return [{ at, value: null, message: `as_of ${readsClock(clock)}`, remedy: CLOCK_REMEDY }];
}

function checkScopes(fields: Fields, at: Path): UnplacedProblem[] {
  const scopes: unknown = fields['scopes'];
  if (!Array.isArray(scopes) || !isMap(fields)) return [];
  return scopes.flatMap((scope: unknown, index): UnplacedProblem[] => {
    const list = LISTS.find((name) => typeof scope === 'string' && (scope === name || scope.startsWith(`${name}:`)));
    if (list !== undefined && fields[list] !== undefined) return [];
    return [
      {
        at: [...at, 'scopes', index],
        value: showValue(scope),
        message: list === undefined ? 'it is no scope' : `there is no query ${list}, so the scope is unknown`,
        remedy: list === undefined ? 'write a scope such as positions or orders:regular' : `add ${list}, or remove it`,
      },
    ];
  });
}
