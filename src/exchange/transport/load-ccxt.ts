import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CcxtSettings } from '../../config/config.js';
import { entryOf, type Environment } from '../../config/environments.js';
import { FailureError } from '../../domain/failure/failure.js';
import { callContext } from './call-context.js';
import type { CcxtClass, CcxtExchange } from './ccxt-exchange.js';
import { isMap } from '../../domain/text/is-map.js';

/**
 * Imports the class of one exchange, not the whole package, which takes three times the time and memory.
 *
 * The package exports only its index, so the file is imported by its URL. The version is pinned, and the tests use this import.
 * Throws FailureError `unsupported` for an id that ccxt does not have.
 */
export async function loadCcxtClass(id: string): Promise<CcxtClass> {
  const file = join(packageRoot(), 'js', 'src', `${id}.js`);
  if (!/^[a-z0-9]+$/.test(id) || !existsSync(file)) {
    throw new FailureError({
      kind: 'unsupported',
      side: 'exchange',
      message: `ccxt has no exchange "${id}"`,
      where: 'exchange.id',
      remedy: 'use one of ccxt\'s exchange ids, such as "binanceusdm" or "bybit"',
      retryAfterMs: null,
    });
  }
  const module = (await import(pathToFileURL(file).href)) as { default: CcxtClass };
  return module.default;
}

/**
 * The one full instance of an exchange. Each takes ccxt half a megabyte and about 30 ms, mostly for one method per address of
 * the exchange. Accounts are derived from it (`deriveAccount`) and share these methods.
 *
 * The methods are bound to this instance. They are redirected to the instance of the current call, so they never use another
 * account's key. Outside of a call they throw.
 */
export function createTemplate(CcxtClass: CcxtClass, options: Record<string, unknown>): CcxtExchange {
  const template = new CcxtClass({
    number: String,
    enableRateLimit: true,
    // Currencies cost signed requests and are not needed.
    has: { fetchCurrencies: false },
    options,
  });
  const request = template['request'];
  if (typeof request !== 'function') throw new TypeError(`ccxt's ${template.id} has no request method`);
  template['request'] = (...question: unknown[]): unknown => {
    const context = callContext.getStore();
    if (context === undefined) throw new Error(`a request of ${template.id} outside of any call`);
    return Reflect.apply(request, context.exchange, question);
  };
  template.fetch = async () => {
    throw new Error(`a request of ${template.id} without a guarded transport`);
  };
  return template;
}

/**
 * One account of an exchange: its own credentials and transport, everything else inherited from the template. Options that it
 * sets are its own; options that ccxt sets with the markets are inherited.
 */
export function deriveAccount(
  template: CcxtExchange,
  credentials: Record<string, string>,
  { options, headers }: CcxtSettings = { options: {}, headers: {} },
): CcxtExchange {
  const account = Object.create(template) as CcxtExchange;
  const own = Object.create(template.options) as Record<string, unknown>;
  for (const [name, value] of Object.entries(options)) own[name] = merged(template.options[name], value);
  return Object.assign(account, credentials, { options: own, headers: { ...headers, ...template.headers } });
}

/** Maps are merged, as ccxt merges them; anything else is replaced. */
function merged(base: unknown, value: unknown): unknown {
  if (!isMap(base) || !isMap(value)) return value;
  const all: Record<string, unknown> = { ...base };
  for (const [name, inner] of Object.entries(value)) all[name] = merged(base[name], inner);
  return all;
}

/** Moves the template to the exchange's demo trading or test net. Throws FailureError `configuration` where ccxt has none. */
export function enterEnvironment(template: CcxtExchange, environment: Exclude<Environment, 'live'>): void {
  const entry = entryOf(template.id, environment);
  const enter = entry === null ? undefined : template[entry];
  if (typeof enter !== 'function') {
    throw new FailureError({
      kind: 'configuration',
      side: 'exchange',
      message: `ccxt knows no ${environment} of ${template.id}`,
      where: `exchange.${environment}`,
      remedy: `remove ${environment}: only the live exchange can be read`,
      retryAfterMs: null,
    });
  }
  Reflect.apply(enter, template, [true]);
}

function packageRoot(): string {
  const entry = createRequire(import.meta.url).resolve('ccxt');
  const folder = `${sep}node_modules${sep}ccxt${sep}`;
  return entry.slice(0, entry.lastIndexOf(folder) + folder.length);
}
