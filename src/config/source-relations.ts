import { DEFAULT_POLICY } from '../domain/policy/policy.js';
import type { UnplacedProblem } from './config-problems.js';
import { reconciliationSchema } from './reconciliation-schema.js';
import { showValue } from './issues.js';
import { mergedFields, policyOf } from './policy-fields.js';
import { isMap } from '../domain/text/is-map.js';
import { checkAddress, checkPlainHttp, checkSources, type Fields, type Path } from './secret-relations.js';
import { checkHummingbot } from './hummingbot-relations.js';
import { checkNautilus } from './nautilus-relations.js';
import { checkDatabase, checkSql } from './sql-relations.js';

/** One source of internal state, or a list of them. */
export function checkInternal(internal: unknown, at: Path): UnplacedProblem[] {
  if (Array.isArray(internal)) {
    const sources: unknown[] = internal;
    return [
      ...checkNames(sources, at),
      ...checkPushes(sources, at),
      ...sources.flatMap((source, index) => checkSource(source, [...at, index])),
    ];
  }
  return checkSource(internal, at);
}

/** A failed read names its source, so several sources need different names. */
function checkNames(sources: readonly unknown[], at: Path): UnplacedProblem[] {
  const names = sources.map((source) => (isMap(source) ? source['name'] : null));
  return sources.flatMap((source, index): UnplacedProblem[] => {
    const name = names[index];
    if (!isMap(source) || sources.length < 2) return [];
    if (name === undefined) {
      const remedy = 'add name: a name by which failures can tell the sources apart';
      return [{ at: [...at, index], value: null, message: 'it has no name, and there are several sources', remedy }];
    }
    if (names.indexOf(name) === index) return [];
    const message = `the name is that of source ${names.indexOf(name) + 1}`;
    return [{ at: [...at, index, 'name'], value: showValue(name), message, remedy: 'give each source its own name' }];
  });
}

/** The ledger keeps one pushed state for each account. */
function checkPushes(sources: readonly unknown[], at: Path): UnplacedProblem[] {
  const pushes = sources.flatMap((source, index) => (isMap(source) && source['kind'] === 'push' ? [index] : []));
  return pushes.slice(1).map((index) => ({
    at: [...at, index],
    value: null,
    message: 'it is the second source of kind push, and an account has one pushed state',
    remedy: 'let one of the bots serve or write its state, or sum the states before the push',
  }));
}

function checkSource(internal: unknown, at: Path): UnplacedProblem[] {
  if (!isMap(internal)) return [];
  if (internal['kind'] === 'freqtrade') return checkFreqtrade(internal, at);
  if (internal['kind'] === 'sql') return checkSql(internal, at);
  if (internal['kind'] === 'nautilus') return checkNautilus(internal, at);
  if (internal['kind'] === 'hummingbot') return checkHummingbot(internal, at);
  return [
    ...checkSources(internal, ['token'], at),
    ...checkAddress(internal, 'url', at),
    ...checkPlainHttp(internal, 'url', ['token'], at),
  ];
}

const FREQTRADE_SECRETS = ['username', 'password'] as const;

function checkFreqtrade(internal: Fields, at: Path): UnplacedProblem[] {
  const missing = FREQTRADE_SECRETS.filter((name) => !(`${name}_env` in internal) && !(`${name}_file` in internal));
  return [
    ...checkSources(internal, FREQTRADE_SECRETS, at),
    ...checkAddress(internal, 'url', at).map((problem) => ({
      ...problem,
      remedy: 'remove them and name the variables that hold them with username_env and password_env',
    })),
    ...checkPlainHttp(internal, 'url', ['password'], at),
    ...missing.map((name) => ({
      at: [...at, `${name}_env`],
      value: null,
      message: `it is missing; Freqtrade answers only with user name and password`,
      remedy: `add ${name}_env, the environment variable that holds api_server.${name} of the bot's configuration`,
    })),
    ...checkFreqtradeDatabase(internal['database'], [...at, 'database']),
  ];
}

/** Freqtrade's default file for dry runs is tradesv3.dryrun.sqlite. Nothing in the file says that its trades are not real. */
const DRY_RUN_FILE = /dry[-_.]?run[^/\\]*$/i;

function checkFreqtradeDatabase(database: unknown, at: Path): UnplacedProblem[] {
  if (!isMap(database)) return [];
  const problems = checkDatabase(database, at);
  const { path } = database;
  if (typeof path !== 'string' || !DRY_RUN_FILE.test(path)) return problems;
  const message = 'it is the database of a dry run, whose trades are not real';
  const remedy = 'name the database of the live bot: db_url in its configuration, tradesv3.sqlite by default';
  return [...problems, { at: [...at, 'path'], value: showValue(path), message, remedy }];
}

/** A source may only be stricter: confirming relies on the account's maximal age of internal state. */
export function checkSourceAges(internal: unknown, defaults: unknown, own: unknown, account: Path): UnplacedProblem[] {
  const isList = Array.isArray(internal);
  const sources: unknown[] = isList ? internal : [internal];
  if (!sources.some((source) => isMap(source) && 'max_internal_age_seconds' in source)) return [];
  const forAll = reconciliationSchema.safeParse(defaults ?? {});
  const forOne = reconciliationSchema.safeParse(own ?? {});
  if (!forAll.success || !forOne.success) return [];
  const { maxInternalAgeSeconds: most } = policyOf(mergedFields(forAll.data, forOne.data), DEFAULT_POLICY);
  return sources.flatMap((source, index): UnplacedProblem[] => {
    const age = isMap(source) ? source['max_internal_age_seconds'] : null;
    if (typeof age !== 'number' || age <= most) return [];
    return [
      {
        at: [...account, 'internal', ...(isList ? [index] : []), 'max_internal_age_seconds'],
        value: String(age),
        message: `the source may be ${age} s old, but max_internal_age_seconds of the account is ${most}`,
        remedy: `lower it, or raise reconciliation.max_internal_age_seconds to ${age}`,
      },
    ];
  });
}
