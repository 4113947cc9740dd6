import { isMap } from '../domain/text/is-map.js';
import type { UnplacedProblem } from './config-problems.js';
import { checkSources, type Fields, type Path } from './secret-relations.js';

const DATABASES = ['redis', 'postgres'] as const;
const OF_REDIS = ['encoding', 'key_prefix', 'heartbeat_stream'] as const;

/** A source of kind nautilus: one database, with the place of its URL, and only fields that it has. */
export function checkNautilus(fields: Fields, at: Path): UnplacedProblem[] {
  const named = DATABASES.filter((name) => fields[name] !== undefined);
  const [name] = named;
  if (name === undefined || named.length > 1) {
    const message = name === undefined ? 'it names no database' : 'it names two databases';
    const remedy = 'name one of redis: { url_env: NAME } and postgres: { url_env: NAME }';
    return [{ at, value: 'a map', message, remedy }];
  }
  return [
    ...checkUrl(fields[name], [...at, name]),
    ...(name === 'postgres' ? checkPostgres(fields, at) : []),
    ...checkTime(fields, at),
  ];
}

function checkUrl(database: unknown, at: Path): UnplacedProblem[] {
  if (!isMap(database)) return [];
  const problems = checkSources(database, ['url'], at);
  if (database['url_env'] !== undefined || database['url_file'] !== undefined) return problems;
  const remedy = 'add url_env, the environment variable that holds the URL of the database';
  return [...problems, { at: [...at, 'url_env'], value: null, message: 'it is missing', remedy }];
}

function checkPostgres(fields: Fields, at: Path): UnplacedProblem[] {
  return OF_REDIS.filter((name) => fields[name] !== undefined).map((name) => ({
    at: [...at, name],
    value: null,
    message: 'PostgreSQL has no such setting',
    remedy: 'remove it',
  }));
}

/** How old the state is has no default, because each choice misses something. */
function checkTime(fields: Fields, at: Path): UnplacedProblem[] {
  const given = ['heartbeat_stream', 'as_of'].filter((name) => fields[name] !== undefined);
  if (given.length === 1) return [];
  const message =
    given.length === 0 ? 'it does not say what the time of its state is' : 'it names two times of its state';
  const remedy =
    'name heartbeat_stream (best), or as_of: newest_event (a bot that has nothing to do becomes stale), or as_of: read (a bot that has stopped is not noticed)';
  return [{ at: [...at, 'as_of'], value: null, message, remedy }];
}
