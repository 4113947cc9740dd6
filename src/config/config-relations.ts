import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import { LIMITS } from '../domain/limits/limits.js';
import { policyProblem } from '../domain/policy/policy-limits.js';
import type { Policy } from '../domain/policy/policy.js';
import type { UnplacedProblem } from './config-problems.js';
import { CREDENTIALS, DEFAULT_METRICS_PORT } from './config-schema.js';
import { checkServe } from './serve-relations.js';
import { DEFAULT_SERVE_PORT } from './serve-schema.js';
import { badName } from './bad-name.js';
import { checkCcxtSettings } from './ccxt-settings.js';
import { entryOf, environmentsOf } from './environments.js';
import { exchangeIds } from './exchange-ids.js';
import { checkHeartbeat } from './heartbeat-relations.js';
import { checkGateWebhooks } from './gate-webhooks.js';
import { showValue } from './issues.js';
import { reconciliationSchema, type ReconciliationFields } from './reconciliation-schema.js';
import { channelNames, checkNotify, checkPolicyChannels, type ChannelsField } from './notify-relations.js';
import { mergedFields, policyOf } from './policy-fields.js';
import { isMap } from '../domain/text/is-map.js';
import { checkAddress, checkPlainHttp, checkSources, type Fields, type Path } from './secret-relations.js';
import { policyDefaults } from './source-defaults.js';
import { checkInternal, checkSourceAges } from './source-relations.js';
import { checkTemporal } from './temporal-config.js';
import { checkTracing } from './tracing-config.js';

/**
 * Checks that need more than one field, or the whole text of a value. They use the raw file, so that they work even if
 * another part of it is wrong. The schema reports parts with a wrong form.
 */
export function checkRelations(root: unknown): UnplacedProblem[] {
  if (!isMap(root)) return [];
  const problems: UnplacedProblem[] = [];
  const accounts = isMap(root['accounts']) ? root['accounts'] : {};
  if (isMap(root['accounts']) && Object.keys(accounts).length === 0) problems.push(noAccounts());
  const defaults = reconciliationSchema.safeParse(root['reconciliation'] ?? {});
  // Accounts without their own rules share one policy. It is checked once, because there may be thousands of them.
  const sound = new Set<Policy>();
  const channels = channelNames(root['notify']);
  problems.push(...checkHeartbeat(root['reconciliation'], ['reconciliation']));
  for (const [name, account] of Object.entries(accounts)) {
    const at = ['accounts', name];
    if (!ACCOUNT_NAME.test(name)) problems.push(badName(name, at, 63));
    if (!isMap(account)) continue;
    problems.push(...checkExchange(account['exchange'], [...at, 'exchange']));
    problems.push(...checkInternal(account['internal'], [...at, 'internal']));
    const own = account['reconciliation'] ?? null;
    problems.push(...checkHeartbeat(account['reconciliation'], [...at, 'reconciliation']));
    problems.push(...checkSourceAges(account['internal'], root['reconciliation'], own, at));
    const base = policyDefaults(account['internal']);
    if (!defaults.success || (own === null && sound.has(base))) continue;
    const found = checkPolicy(defaults.data, own ?? {}, base, at, channels);
    if (own === null && found.length === 0) sound.add(base);
    problems.push(...found);
  }
  if (isMap(root['ledger'])) problems.push(...checkSources(root['ledger'], ['url'], ['ledger']));
  problems.push(...checkServe(root['serve'], Object.keys(accounts)), ...checkNotify(root['notify']));
  problems.push(...checkPorts(root['serve'], root['worker']), ...checkTemporal(root['temporal']));
  problems.push(...checkGateWebhooks(root['serve'], accounts), ...checkTracing(root['tracing']));
  return problems;
}

function noAccounts(): UnplacedProblem {
  return {
    at: ['accounts'],
    value: 'a map',
    message: 'it has no accounts',
    remedy: 'add at least one account with its exchange and internal',
  };
}

/** The only problem reported for a file with too many accounts, which are not checked one by one. Null if not too many. */
export function tooManyAccounts(root: unknown): UnplacedProblem | null {
  const accounts = isMap(root) ? root['accounts'] : null;
  const count = isMap(accounts) ? Object.keys(accounts).length : 0;
  const { value, remedy } = LIMITS.accounts;
  if (count <= value) return null;
  return {
    at: ['accounts'],
    value: 'a map',
    message: `it has ${count} accounts; at most ${value} are allowed`,
    remedy,
    limit: 'accounts',
  };
}

function checkExchange(exchange: unknown, at: Path): UnplacedProblem[] {
  if (!isMap(exchange)) return [];
  const names = Object.keys(CREDENTIALS);
  const problems = [
    ...checkSources(exchange, names, at),
    ...checkAddress(exchange, 'base_url', at),
    ...checkPlainHttp(exchange, 'base_url', names.filter(isSecret), at),
    ...checkEnvironment(exchange, at),
    ...checkCcxtSettings(exchange['ccxt'], [...at.map(String), 'ccxt']),
  ];
  const given = names.some((name) => name in exchange || `${name}_env` in exchange || `${name}_file` in exchange);
  if (!given) {
    problems.push({
      at,
      value: 'a map',
      message: "it has no credentials, and without them no exchange shows an account's positions and orders",
      remedy: 'add api_key_env and secret_env (some exchanges also need password_env; wallets use wallet_address_env)',
    });
  }
  return problems;
}

/** Refuses an environment that ccxt does not have for the exchange: a read would go to the live one, or fail. */
function checkEnvironment(exchange: Fields, at: Path): UnplacedProblem[] {
  const { id } = exchange;
  if (typeof id !== 'string' || !exchangeIds().has(id)) return [];
  const asked = (['demo', 'testnet'] as const).filter((environment) => exchange[environment] === true);
  if (asked.length > 1) {
    const message = 'demo and testnet are two environments, and an account trades in one';
    return [{ at: [...at, 'testnet'], value: 'true', message, remedy: 'keep one of the two' }];
  }
  return asked
    .filter((environment) => entryOf(id, environment) === null)
    .map((environment) => {
      const [other] = environmentsOf(id);
      return {
        at: [...at, environment],
        value: 'true',
        message: `ccxt knows no ${environment === 'demo' ? 'demo trading' : 'test net'} of ${id} that can be read`,
        remedy: other === undefined ? 'remove it: only the live exchange can be read' : `use ${other}: true`,
      };
    });
}

/** Whether a credential is secret. Those that only identify an account are not. */
function isSecret(name: string): boolean {
  return !['uid', 'account_id', 'login', 'wallet_address'].includes(name);
}

function checkPolicy(
  defaults: ReconciliationFields,
  own: unknown,
  base: Policy,
  account: string[],
  channels: ReadonlySet<string>,
): UnplacedProblem[] {
  const forOne = reconciliationSchema.safeParse(own);
  if (!forOne.success) return [];
  const policy = policyOf(mergedFields(defaults, forOne.data), base);
  const intervalSeconds = policy.intervalMinutes * 60;

  /** The path of the first of these fields that is set: in the account, else in the defaults. */
  const place = (...fields: (keyof ReconciliationFields | ChannelsField)[]): string[] => {
    for (const field of fields) {
      if (Object.hasOwn(forOne.data, field)) return [...account, 'reconciliation', field];
    }
    for (const field of fields) {
      if (Object.hasOwn(defaults, field)) return ['reconciliation', field];
    }
    return [...account, 'reconciliation'];
  };
  const problems: UnplacedProblem[] = [];
  const refuse = (at: string[], value: number, message: string, remedy: string): void => {
    problems.push({ at, value: String(value), message, remedy });
  };

  if (policy.confirmations > policy.maxLooks) {
    refuse(
      place('confirmations', 'max_observations'),
      policy.confirmations,
      `confirmations (${policy.confirmations}) is above max_observations (${policy.maxLooks}), so nothing could be confirmed`,
      'lower confirmations or raise max_observations',
    );
  }
  const observing = (policy.maxLooks - 1) * policy.settleSeconds;
  if (observing >= intervalSeconds) {
    refuse(
      place('max_observations', 'confirm_interval_seconds', 'interval_minutes'),
      policy.maxLooks,
      `${policy.maxLooks} observations ${policy.settleSeconds} s apart take ${observing} s, but the next run begins after ${intervalSeconds} s`,
      'lower max_observations or confirm_interval_seconds, or raise interval_minutes',
    );
  } else if (observing < policy.graceSeconds) {
    refuse(
      place('grace_seconds', 'max_observations', 'confirm_interval_seconds'),
      policy.graceSeconds,
      `all observations together take ${observing} s, less than grace_seconds (${policy.graceSeconds}), so a recent change would stay unconfirmed`,
      `lower grace_seconds, or raise max_observations or confirm_interval_seconds`,
    );
  }
  if (policy.retrySeconds >= intervalSeconds) {
    refuse(
      place('retry_seconds', 'interval_minutes'),
      policy.retrySeconds,
      `a failed read would be retried for ${policy.retrySeconds} s, but the next run begins after ${intervalSeconds} s`,
      'lower retry_seconds below the interval',
    );
  }
  if (policy.gateMaxAgeMinutes <= policy.intervalMinutes) {
    refuse(
      place('gate_max_age_minutes'),
      policy.gateMaxAgeMinutes,
      `the trading gate would close after ${policy.gateMaxAgeMinutes} min, before the next run ${policy.intervalMinutes} min after the last`,
      'raise gate_max_age_minutes above interval_minutes, or remove it',
    );
  }
  problems.push(...checkPolicyChannels(policy, channels, place));
  // Each field may be within its limit and the whole policy still be too large.
  const tooMuch = problems.length === 0 ? policyProblem(policy) : null;
  if (tooMuch !== null) {
    problems.push({
      at: place('tolerance', 'ignore', 'drift'),
      value: null,
      message: tooMuch,
      remedy: 'write fewer rules',
    });
  }
  return problems;
}

function checkPorts(serve: unknown, worker: unknown): UnplacedProblem[] {
  const servePort = isMap(serve) ? (serve['port'] ?? DEFAULT_SERVE_PORT) : DEFAULT_SERVE_PORT;
  const metricsPort = isMap(worker) ? (worker['metrics_port'] ?? DEFAULT_METRICS_PORT) : DEFAULT_METRICS_PORT;
  if (servePort !== metricsPort || servePort === 0) return [];
  const at = isMap(worker) && worker['metrics_port'] !== undefined ? ['worker', 'metrics_port'] : ['serve', 'port'];
  return [
    {
      at,
      value: showValue(servePort),
      message: 'serve and the worker would listen on the same port',
      remedy: 'give serve.port and worker.metrics_port different numbers',
    },
  ];
}
