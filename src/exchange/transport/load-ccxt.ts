import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FailureError } from '../../domain/failure/failure.js';
import { callContext } from './call-context.js';
import type { CcxtClass, CcxtExchange } from './ccxt-exchange.js';

/**
 * Imports the class of one exchange, not the whole package: a third of the time and of the memory.
 *
 * The package exports only its index, so the file is imported by its address; the version is pinned, and the tests read
 * through it. Throws FailureError `unsupported` for an id that ccxt does not have.
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
 * The one full instance of an exchange. ccxt spends half a megabyte and some 30 ms on each, most of it on a method for every
 * address of the exchange; accounts are derived from it (`deriveAccount`) and share all that.
 *
 * Those methods are bound to this instance. Here they are led to the instance whose call is under way, so that they never
 * ask with another account's key; outside of any call they throw.
 */
export function createTemplate(CcxtClass: CcxtClass, options: Record<string, unknown>): CcxtExchange {
  const template = new CcxtClass({
    number: String,
    enableRateLimit: true,
    // Currencies cost signed questions and are not needed.
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
 * One account of an exchange: its own credentials and transport over everything else of the template. Options it sets are its own,
 * those that ccxt finds out with the markets are seen through.
 */
export function deriveAccount(template: CcxtExchange, credentials: Record<string, string>): CcxtExchange {
  const account = Object.create(template) as CcxtExchange;
  return Object.assign(account, credentials, { options: Object.create(template.options) as Record<string, unknown> });
}

function packageRoot(): string {
  const entry = createRequire(import.meta.url).resolve('ccxt');
  const folder = `${sep}node_modules${sep}ccxt${sep}`;
  return entry.slice(0, entry.lastIndexOf(folder) + folder.length);
}
