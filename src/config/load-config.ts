import { dirname, isAbsolute, resolve } from 'node:path';
import { LIMITS } from '../domain/limits/limits.js';
import { DEFAULT_POLICY, type Policy } from '../domain/policy/policy.js';
import { readBoundedFile, type BoundedFile } from '../runtime/bounded-file.js';
import type { AccountConfig, ExchangeConfig, InternalConfig, PlumblineConfig, SecretSource } from './config.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { problemsOf, type UnplacedProblem } from './config-problems.js';
import { errorCode } from '../runtime/error-shape.js';
import {
  configSchema,
  CREDENTIALS,
  DEFAULT_DEADLINE_SECONDS,
  DEFAULT_HOST,
  DEFAULT_KEEP_CLEAN_EVIDENCE_DAYS,
  DEFAULT_MAX_BYTES,
  DEFAULT_METRICS_PORT,
  DEFAULT_SERVE_PORT,
  DEFAULT_TASK_QUEUE,
  type AccountFields,
  type ConfigFile,
} from './config-schema.js';
import { checkRelations, tooManyAccounts } from './config-relations.js';
import { formatPath } from './issues.js';
import { mergedFields, policyOf } from './policy-fields.js';
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
  const serve = file.serve ?? {};
  const worker = file.worker ?? {};
  return {
    path,
    accounts: Object.entries(file.accounts).map(([name, fields]) => accountOf(name, fields, file, folder)),
    ledger: {
      url: sourceOf(file.ledger ?? {}, 'url', folder) ?? DEFAULT_LEDGER_URL,
      keepCleanEvidenceDays: file.ledger?.keep_clean_evidence_days ?? DEFAULT_KEEP_CLEAN_EVIDENCE_DAYS,
    },
    serve: {
      host: serve.host ?? DEFAULT_HOST,
      port: serve.port ?? DEFAULT_SERVE_PORT,
      allowedHosts: serve.allowed_hosts ?? [],
    },
    watch: { command: commandOf(file.watch?.command, folder) },
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
  const policy: Policy = policyOf(rules, DEFAULT_POLICY);
  return {
    name,
    enabled: rules.enabled ?? true,
    exchange: exchangeOf(fields.exchange, folder),
    internal: internalOf(fields.internal, folder),
    policy,
  };
}

function exchangeOf(fields: AccountFields['exchange'], folder: string): ExchangeConfig {
  const credentials: Record<string, SecretSource> = {};
  for (const [field, ccxtName] of Object.entries(CREDENTIALS)) {
    const source = sourceOf(fields, field, folder);
    if (source !== null) credentials[ccxtName] = source;
  }
  return {
    id: fields.id,
    credentials,
    baseUrl: fields.base_url ?? null,
    deadlineSeconds: fields.deadline_seconds ?? DEFAULT_DEADLINE_SECONDS,
    weightPerMinute: fields.weight_per_minute ?? null,
  };
}

function internalOf(fields: AccountFields['internal'], folder: string): InternalConfig {
  const maxBytes = fields.max_bytes ?? DEFAULT_MAX_BYTES;
  if (fields.kind === 'file') return { kind: 'file', path: from(folder, fields.path), maxBytes };
  return {
    kind: 'http',
    url: fields.url,
    token: sourceOf(fields, 'token', folder),
    deadlineSeconds: fields.deadline_seconds ?? DEFAULT_DEADLINE_SECONDS,
    maxBytes,
  };
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
