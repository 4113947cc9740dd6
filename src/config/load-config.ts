import { dirname, isAbsolute, resolve } from 'node:path';
import { LIMITS } from '../domain/limits/limits.js';
import type { Policy } from '../domain/policy/policy.js';
import { readBoundedFile, type BoundedFile } from '../runtime/bounded-file.js';
import type { ChannelConfig } from './channel-config.js';
import type {
  AccountConfig,
  ExchangeConfig,
  HeartbeatConfig,
  InternalConfig,
  InternalSourceConfig,
  PlumblineConfig,
  SecretSource,
} from './config.js';
import type { HeartbeatFields } from './heartbeat-schema.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { problemsOf, type UnplacedProblem } from './config-problems.js';
import { errorCode } from '../runtime/error-shape.js';
import {
  configSchema,
  CREDENTIALS,
  DEFAULT_KEEP_CLEAN_EVIDENCE_DAYS,
  DEFAULT_METRICS_PORT,
  DEFAULT_TASK_QUEUE,
  type AccountFields,
  type ConfigFile,
} from './config-schema.js';
import type { SourceFields } from './internal-schema.js';
import type { ChannelFields } from './notify-schema.js';
import { DEFAULT_DEADLINE_SECONDS, DEFAULT_MAX_BYTES } from './schema-parts.js';
import { checkRelations, tooManyAccounts } from './config-relations.js';
import { formatPath } from './issues.js';
import { mergedFields, policyOf } from './policy-fields.js';
import { HUMMINGBOT_DIGITS, hummingbotOf } from './hummingbot-config.js';
import { nautilusOf } from './nautilus-config.js';
import { policyDefaults } from './source-defaults.js';
import { pushOf } from './push-config.js';
import { serveOf } from './serve-config.js';
import { DEFAULT_HOST } from './serve-schema.js';
import { databaseOf, sqlOf } from './sql-config.js';
import { encryptionOf } from './temporal-config.js';
import { tracingConfigOf } from './tracing-config.js';
import { parseYaml, type YamlText } from './yaml-text.js';

export { ConfigError, type ConfigProblem } from './config-error.js';

const DEFAULT_LEDGER_URL: SecretSource = { env: 'PLUMBLINE_DATABASE_URL' };

/**
 * Reads and checks the configuration file and fills in defaults. Secrets stay names: the environment is not read.
 *
 * Throws ConfigError with all problems at once.
 */
export function loadConfig(path: string): PlumblineConfig {
  let file: BoundedFile;
  try {
    file = readBoundedFile(path, LIMITS.configBytes.value);
  } catch (error) {
    throw new ConfigError(path, [unreadable(error)]);
  }
  if (file.kind === 'text') return parseConfig(file.text, path);
  throw new ConfigError(path, [file.kind === 'too large' ? tooLarge(file.bytes) : notRegular(file.kind)]);
}

/** Like `loadConfig`, from a text. `path` names the file in errors; relative paths are relative to its folder. */
export function parseConfig(text: string, path: string): PlumblineConfig {
  const yaml = parseYaml(text);
  if (yaml.problems.length > 0) throw new ConfigError(path, yaml.problems);
  const excess = tooManyAccounts(yaml.value);
  if (excess !== null) throw new ConfigError(path, [placed(excess, yaml)]);
  const parsed = configSchema.safeParse(yaml.value ?? {});
  const found = [
    ...(parsed.success ? [] : problemsOf(parsed.error.issues, configSchema, yaml.value ?? {})),
    ...checkRelations(yaml.value ?? {}),
  ];
  const problems = new Map<string, ConfigProblem>();
  for (const problem of found) {
    const name = formatPath(problem.at);
    // Only the first problem of a field is reported; the others usually follow from it.
    if (!problems.has(name)) problems.set(name, placed(problem, yaml));
  }
  if (!parsed.success || problems.size > 0) {
    throw new ConfigError(
      path,
      [...problems.values()].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    );
  }
  return configOf(parsed.data, resolve(path));
}

function placed({ at, ...problem }: UnplacedProblem, yaml: YamlText): ConfigProblem {
  return { path: formatPath(at), ...(yaml.placeOf(at) ?? { line: null, column: null }), ...problem };
}

function tooLarge(bytes: number): ConfigProblem {
  const message = `it has ${bytes} bytes; at most ${LIMITS.configBytes.value} are read`;
  return { ...WHOLE_FILE, message, remedy: LIMITS.configBytes.remedy, limit: 'configBytes' };
}

function notRegular(kind: 'directory' | 'not regular'): ConfigProblem {
  return kind === 'directory'
    ? { ...WHOLE_FILE, message: 'it is a directory', remedy: 'name the YAML file in it' }
    : { ...WHOLE_FILE, message: 'it is a pipe, a socket or a device', remedy: 'write it to a file and name that' };
}

const WHOLE_FILE = { path: '', line: null, column: null, value: null } as const;

function unreadable(error: unknown): ConfigProblem {
  const code = errorCode(error) ?? 'unknown reason';
  const [message, remedy] =
    code === 'ENOENT'
      ? ['there is no such file', 'name it with --config or PLUMBLINE_CONFIG; start from examples/plumbline.yaml']
      : [`it cannot be read (${code})`, 'let the user of this process read it'];
  return { ...WHOLE_FILE, message, remedy };
}

function configOf(file: ConfigFile, path: string): PlumblineConfig {
  const folder = dirname(path);
  const worker = file.worker ?? {};
  return {
    path,
    accounts: Object.entries(file.accounts).map(([name, fields]) => accountOf(name, fields, file, folder)),
    ledger: {
      url: sourceOf(file.ledger ?? {}, 'url', folder) ?? DEFAULT_LEDGER_URL,
      keepCleanEvidenceDays: file.ledger?.keep_clean_evidence_days ?? DEFAULT_KEEP_CLEAN_EVIDENCE_DAYS,
    },
    encryption: encryptionOf(file.temporal ?? {}, (fields, name) => sourceOf(fields, name, folder)),
    versioning: file.temporal?.versioning ?? null,
    tracing: tracingConfigOf(file.tracing, (fields, name) => sourceOf(fields, name, folder)),
    serve: serveOf(file.serve ?? {}, (fields, name) => sourceOf(fields, name, folder)),
    watch: { command: commandOf(file.watch?.command, folder) },
    notify: {
      channels: Object.entries(file.notify?.channels ?? {}).map(([name, fields]) => channelOf(name, fields, folder)),
    },
    worker: {
      taskQueue: worker.task_queue ?? DEFAULT_TASK_QUEUE,
      metricsHost: worker.metrics_host ?? DEFAULT_HOST,
      metricsPort: worker.metrics_port ?? DEFAULT_METRICS_PORT,
      metricsAllowedHosts: worker.metrics_allowed_hosts ?? [],
    },
  };
}

/** A bare program name is looked up in PATH, as in a shell; a path is relative to the configuration file. */
function commandOf(command: readonly string[] | undefined, folder: string): string[] | null {
  const [program, ...args] = command ?? [];
  if (program === undefined) return null;
  return [program.includes('/') ? resolve(folder, program) : program, ...args];
}

function accountOf(name: string, fields: AccountFields, file: ConfigFile, folder: string): AccountConfig {
  const rules = mergedFields(file.reconciliation, fields.reconciliation);
  const policy = withEveryChannel(
    policyOf(rules, policyDefaults(fields.internal)),
    Object.keys(file.notify?.channels ?? {}),
  );
  return {
    name,
    enabled: rules.enabled ?? true,
    exchange: exchangeOf(fields.exchange, folder),
    internal: (Array.isArray(fields.internal) ? fields.internal : [fields.internal]).map((source) => ({
      name: source.name ?? null,
      source: internalOf(source, folder, {
        name,
        exchange: fields.exchange.id,
        atLeast: policy.atLeast ?? [],
        maxInternalAgeSeconds: policy.maxInternalAgeSeconds,
      }),
      ...readingOf(source),
      maxAgeSeconds: source.max_internal_age_seconds ?? null,
    })),
    aliases: { symbols: { ...rules.aliases?.symbols }, currencies: { ...rules.aliases?.currencies } },
    policy,
    ...(rules.heartbeat === undefined ? {} : { heartbeat: heartbeatOf(rules.heartbeat, folder) }),
  };
}

/** Without a ladder, a call uses every channel at once. Without channels, the policy has no ladder. */
function withEveryChannel(policy: Policy, channels: readonly string[]): Policy {
  if (policy.escalation !== undefined || channels.length === 0) return policy;
  return { ...policy, escalation: [{ afterMinutes: 0, channels: [...channels] }] };
}

function heartbeatOf(fields: HeartbeatFields, folder: string): HeartbeatConfig {
  const { kind, report_failures: reportFailures, allow_plain_http: allowPlainHttp } = fields;
  const url = sourceOf(fields, 'url', folder);
  // `checkHeartbeat` refuses a file without it.
  if (url === null) throw new Error('a heartbeat without a url');
  return { kind, url, reportFailures, allowPlainHttp };
}

function exchangeOf(fields: AccountFields['exchange'], folder: string): ExchangeConfig {
  const credentials: Record<string, SecretSource> = {};
  for (const [field, ccxtName] of Object.entries(CREDENTIALS)) {
    const source = sourceOf(fields, field, folder);
    if (source !== null) credentials[ccxtName] = source;
  }
  const environment = fields.demo === true ? 'demo' : fields.testnet === true ? 'testnet' : null;
  const { ccxt } = fields;
  return {
    id: fields.id,
    credentials,
    baseUrl: fields.base_url ?? null,
    deadlineSeconds: fields.deadline_seconds ?? DEFAULT_DEADLINE_SECONDS,
    weightPerMinute: fields.weight_per_minute ?? null,
    ...(environment === null ? {} : { environment }),
    ...(ccxt === undefined ? {} : { ccxt: { options: ccxt.options ?? {}, headers: ccxt.headers ?? {} } }),
  };
}

/** How the rows of a source are read. Freqtrade's trades are converted, so their reading cannot be set. */
function readingOf(fields: SourceFields): Pick<InternalSourceConfig, 'amounts' | 'rows' | 'record' | 'positionDigits'> {
  if (fields.kind === 'freqtrade') return { amounts: 'base', rows: 'positions' };
  if (fields.kind === 'hummingbot') return { amounts: 'base', rows: 'positions', positionDigits: HUMMINGBOT_DIGITS };
  // Each strategy has its own row of a position.
  if (fields.kind === 'nautilus') {
    return { amounts: fields.amounts === 'contracts' ? 'contracts' : 'base', rows: 'trades' };
  }
  const { amounts = 'base', rows = 'positions', record } = fields;
  return { amounts, rows, ...(record === undefined ? {} : { record }) };
}

function internalOf(
  fields: SourceFields,
  folder: string,
  account: { name: string; exchange: string; atLeast: readonly string[]; maxInternalAgeSeconds: number },
): InternalConfig {
  const maxBytes = fields.max_bytes ?? DEFAULT_MAX_BYTES;
  if (fields.kind === 'push') return pushOf(fields, account);
  if (fields.kind === 'freqtrade') return freqtradeOf(fields, folder, { ...account, maxBytes });
  if (fields.kind === 'sql')
    return sqlOf(fields, { maxBytes, url: sourceOf(fields, 'url', folder), fileOf: (path) => from(folder, path) });
  if (fields.kind === 'hummingbot') {
    return hummingbotOf(fields, {
      maxBytes,
      url: sourceOf(fields, 'url', folder),
      fileOf: (path) => from(folder, path),
    });
  }
  if (fields.kind === 'nautilus') {
    const { exchange } = account;
    return nautilusOf(fields, { exchange, maxBytes, urlOf: (map) => sourceOf({ ...map }, 'url', folder) });
  }
  if (fields.kind === 'file') return { kind: 'file', path: from(folder, fields.path), maxBytes };
  return {
    kind: 'http',
    url: fields.url,
    token: sourceOf(fields, 'token', folder),
    deadlineSeconds: fields.deadline_seconds ?? DEFAULT_DEADLINE_SECONDS,
    maxBytes,
  };
}

function freqtradeOf(
  fields: Extract<SourceFields, { kind: 'freqtrade' }>,
  folder: string,
  { exchange, atLeast, maxBytes }: { exchange: string; atLeast: readonly string[]; maxBytes: number },
): InternalConfig {
  const [username, password] = [sourceOf(fields, 'username', folder), sourceOf(fields, 'password', folder)];
  const { database } = fields;
  // `checkInternal` refuses a file without them.
  if (username === null || password === null) throw new Error('a Freqtrade without user name or password');
  return {
    kind: 'freqtrade',
    url: fields.url,
    username,
    password,
    bot: {
      botName: fields.bot_name ?? null,
      exchange,
      tradingMode: fields.trading_mode ?? null,
      stakeCurrency: fields.stake_currency ?? null,
    },
    ...(database === undefined
      ? {}
      : {
          database: databaseOf(
            sourceOf(database, 'url', folder),
            database.path === undefined ? null : from(folder, database.path),
          ),
        }),
    atLeast,
    deadlineSeconds: fields.deadline_seconds ?? DEFAULT_DEADLINE_SECONDS,
    maxBytes,
  };
}

function channelOf(name: string, fields: ChannelFields, folder: string): ChannelConfig {
  const settings: Record<string, unknown> = {};
  const secrets: Record<string, SecretSource> = {};
  for (const [field, value] of Object.entries(fields)) {
    const [, secret] = /^(.+)_(?:env|file)$/.exec(field) ?? [];
    const source = secret === undefined ? null : sourceOf(fields, secret, folder);
    if (secret !== undefined && source !== null) secrets[secret] = source;
    else if (field !== 'kind') settings[camelCase(field)] = value;
  }
  if (fields.kind === 'command') settings['command'] = commandOf(fields.command, folder);
  // The types of both are derived from the schema by the same rule.
  return { name, kind: fields.kind, settings, secrets } as ChannelConfig;
}

function camelCase(field: string): string {
  return field.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function sourceOf(fields: Readonly<Record<string, unknown>>, name: string, folder: string): SecretSource | null {
  const env = fields[`${name}_env`];
  if (typeof env === 'string') return { env };
  const file = fields[`${name}_file`];
  return typeof file === 'string' ? { file: from(folder, file) } : null;
}

function from(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
