import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import { LIMITS } from '../domain/limits/limits.js';
import { policyProblem } from '../domain/policy/policy-limits.js';
import { DEFAULT_POLICY } from '../domain/policy/policy.js';
import { isLoopback } from '@plumbline/primitives/hosts';
import { REDACTED } from '../redaction/redacted.js';
import { hasSecretInAddress, type UnplacedProblem } from './config-problems.js';
import {
  CREDENTIALS,
  DEFAULT_METRICS_PORT,
  DEFAULT_SERVE_PORT,
  reconciliationSchema,
  type ReconciliationFields,
} from './config-schema.js';
import { showValue } from './issues.js';
import { mergedFields, policyOf } from './policy-fields.js';

/**
 * Checks that need more than one field, or the whole text of a value. They use the raw file, so that they work even if
 * another part of it is wrong. The schema reports parts with a wrong form.
 */
export function checkRelations(root: unknown): UnplacedProblem[] {
  if (!isMap(root)) return [];
  const problems: UnplacedProblem[] = [];
  const accounts = isMap(root['accounts']) ? root['accounts'] : {};
  if (isMap(root['accounts']) && Object.keys(accounts).length === 0) problems.push(noAccounts());
  for (const [name, account] of Object.entries(accounts)) {
    const at = ['accounts', name];
    if (!ACCOUNT_NAME.test(name)) problems.push(badName(name, at));
    if (!isMap(account)) continue;
    problems.push(...checkExchange(account['exchange'], [...at, 'exchange']));
    problems.push(...checkInternal(account['internal'], [...at, 'internal']));
    problems.push(...checkPolicy(root['reconciliation'], account['reconciliation'], at));
  }
  if (isMap(root['ledger'])) problems.push(...checkSources(root['ledger'], ['url'], ['ledger']));
  problems.push(...checkPorts(root['serve'], root['worker']));
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

function badName(name: string, at: string[]): UnplacedProblem {
  const better = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 63);
  return {
    at,
    value: showValue(name),
    message: `the name is ${showValue(name)}, expected a-z, 0-9, _ and -, beginning with a letter or digit, at most 63 long`,
    remedy: better === '' ? 'rename it' : `rename it, for example to ${better}`,
  };
}

function checkExchange(exchange: unknown, at: string[]): UnplacedProblem[] {
  if (!isMap(exchange)) return [];
  const names = Object.keys(CREDENTIALS);
  const problems = [
    ...checkSources(exchange, names, at),
    ...checkAddress(exchange, 'base_url', at),
    ...checkPlainHttp(exchange, 'base_url', names.filter(isSecret), at),
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

function checkInternal(internal: unknown, at: string[]): UnplacedProblem[] {
  if (!isMap(internal)) return [];
  return [
    ...checkSources(internal, ['token'], at),
    ...checkAddress(internal, 'url', at),
    ...checkPlainHttp(internal, 'url', ['token'], at),
  ];
}

/** Whether a credential is secret. Those that only identify an account are not. */
function isSecret(name: string): boolean {
  return !['uid', 'account_id', 'login', 'wallet_address'].includes(name);
}

/**
 * Refuses to send a secret over a network without encryption, where others can read it. Loopback is not a network. A private
 * name, such as a service in Docker Compose, is: only the user knows who can see its traffic.
 */
function checkPlainHttp(fields: Fields, name: string, secrets: readonly string[], at: string[]): UnplacedProblem[] {
  const value = fields[name];
  if (fields['allow_plain_http'] === true || typeof value !== 'string' || !URL.canParse(value)) return [];
  const { protocol, hostname } = new URL(value);
  const sent = secrets.find((secret) => `${secret}_env` in fields || `${secret}_file` in fields);
  if (protocol !== 'http:' || isLoopback(hostname) || sent === undefined) return [];
  return [
    {
      at: [...at, name],
      value: hasSecretInAddress(value) ? REDACTED : showValue(value),
      message: `the ${sent} would go to ${hostname} unencrypted (http://), so others on the network could read it`,
      remedy: 'use https://, or set allow_plain_http: true next to it if only you can see the traffic between the two',
    },
  ];
}

/** Refuses a secret with both a variable and a file. */
function checkSources(fields: Fields, names: readonly string[], at: string[]): UnplacedProblem[] {
  return names
    .filter((name) => fields[`${name}_env`] !== undefined && fields[`${name}_file`] !== undefined)
    .map((name) => ({
      at: [...at, `${name}_file`],
      value: null,
      message: `both ${name}_env and ${name}_file are given`,
      remedy: 'keep one of the two',
    }));
}

function checkAddress(fields: Fields, name: string, at: string[]): UnplacedProblem[] {
  const value = fields[name];
  if (typeof value !== 'string' || !hasSecretInAddress(value)) return [];
  return [
    {
      at: [...at, name],
      value: REDACTED,
      message: 'the address contains a user name, a password or a token',
      remedy:
        name === 'url'
          ? 'remove it and name a bearer token with token_env or token_file'
          : "remove it; the exchange's credentials go into api_key_env and the related fields",
    },
  ];
}

function checkPolicy(defaults: unknown, own: unknown, account: string[]): UnplacedProblem[] {
  const forAll = reconciliationSchema.safeParse(defaults ?? {});
  const forOne = reconciliationSchema.safeParse(own ?? {});
  if (!forAll.success || !forOne.success) return [];
  const policy = policyOf(mergedFields(forAll.data, forOne.data), DEFAULT_POLICY);
  const intervalSeconds = policy.intervalMinutes * 60;

  /** The path of the first of these fields that is set: in the account, else in the defaults. */
  const place = (...fields: (keyof ReconciliationFields)[]): string[] => {
    for (const field of fields) {
      if (forOne.data[field] !== undefined) return [...account, 'reconciliation', field];
    }
    for (const field of fields) {
      if (forAll.data[field] !== undefined) return ['reconciliation', field];
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
  // Each field may be within its limit and the whole policy still be too large.
  const tooMuch = problems.length === 0 ? policyProblem(policy) : null;
  if (tooMuch !== null) {
    problems.push({ at: place('tolerance', 'ignore'), value: null, message: tooMuch, remedy: 'write fewer rules' });
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

type Fields = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
