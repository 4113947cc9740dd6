import { FailureError } from '../domain/failure/failure.js';
import { isMap } from '../domain/text/is-map.js';
import type { UnplacedProblem } from './config-problems.js';
import { checkAddress, checkPlainHttp, checkSources, refusePlainHttp } from './secret-relations.js';
import type { SecretSource } from './secret-source.js';
import { DEFAULT_SERVICE_NAME, MAX_TRACING_HEADERS, type TracingFields } from './tracing-schema.js';

/** Where the traces of runs are sent. */
export interface TracingConfig {
  /** With its path. */
  otlpUrl: string;
  /** Sent as `authorization: Bearer`; null: none. */
  token: SecretSource | null;
  /** By name in lower case. */
  headers: Readonly<Record<string, SecretSource>>;
  /** From 0 to 1. */
  sample: number;
  serviceName: string;
}

type SourceOf = (fields: Readonly<Record<string, unknown>>, name: string) => SecretSource | null;

export function tracingConfigOf(fields: TracingFields | undefined, sourceOf: SourceOf): TracingConfig | null {
  if (fields === undefined) return null;
  const url = new URL(fields.otlp_url);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return {
    otlpUrl: url.href,
    token: sourceOf(fields, 'token'),
    headers: Object.fromEntries(
      Object.entries(fields.headers ?? {}).flatMap(([name, header]) => {
        const source = sourceOf(header, 'value');
        return source === null ? [] : [[name.toLowerCase(), source]];
      }),
    ),
    sample: fields.sample ?? 1,
    serviceName: fields.service_name ?? DEFAULT_SERVICE_NAME,
  };
}

/** Headers that belong to the connection or to the format. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function checkTracing(tracing: unknown): UnplacedProblem[] {
  if (!isMap(tracing)) return [];
  const at = ['tracing'];
  const headers = isMap(tracing['headers']) ? tracing['headers'] : {};
  const [header] = Object.keys(headers);
  return [
    ...checkSources(tracing, ['token'], at),
    ...checkAddress(tracing, 'otlp_url', at),
    ...checkPlainHttp(tracing, 'otlp_url', ['token'], at),
    ...(header === undefined ? [] : refusePlainHttp(tracing, 'otlp_url', `header ${header}`, at)),
    ...checkHeaders(tracing, headers),
  ];
}

function checkHeaders(tracing: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, unknown>>) {
  const problems: UnplacedProblem[] = [];
  const refuse = (path: string[], message: string, remedy: string): void => {
    problems.push({ at: ['tracing', 'headers', ...path], value: null, message, remedy });
  };
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (names.length > MAX_TRACING_HEADERS)
    refuse([], `${names.length} headers; at most ${MAX_TRACING_HEADERS} are sent`, 'remove some');
  if (new Set(names).size < names.length) refuse([], 'a header is named twice, in two spellings', 'keep one of them');
  const hasToken = 'token_env' in tracing || 'token_file' in tracing;
  for (const [name, header] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (OWN_HEADERS.has(lower)) refuse([name], 'the header belongs to the connection or the format', 'remove it');
    if (lower === 'authorization' && hasToken)
      refuse([name], 'the token is sent in the same header', 'keep one of the two');
    if (!isMap(header)) continue;
    problems.push(...checkSources(header, ['value'], ['tracing', 'headers', name]));
    if (header['value_env'] === undefined && header['value_file'] === undefined)
      refuse([name], 'it names no value', 'add value_env with the name of the environment variable that holds it');
  }
  return problems;
}

/** @throws FailureError (configuration) for a secret that is not set, or that no header may contain */
export function headersOf(
  { token, headers }: TracingConfig,
  resolveSecret: (source: SecretSource, what: string) => string,
): Record<string, string> {
  const read = (source: SecretSource, what: string): string => {
    const value = resolveSecret(source, what);
    if (/^[\x20-\x7e]*$/.test(value)) return value;
    throw new FailureError({
      kind: 'configuration',
      side: 'plumbline',
      message: `${what}: a value of a header consists of printable ASCII characters`,
      where: what,
      remedy: 'check what the variable or file holds',
      retryAfterMs: null,
    });
  };
  return {
    ...(token !== null && { authorization: `Bearer ${read(token, 'tracing.token')}` }),
    ...Object.fromEntries(
      Object.entries(headers).map(([name, source]) => [name, read(source, `tracing.headers.${name}`)]),
    ),
  };
}
