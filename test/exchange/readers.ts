import type { CcxtSettings } from '../../src/config/config.js';
import type { SpendingRecord } from '../../src/exchange/budget/request-throttle.js';
import { createExchangeReader } from '../../src/exchange/create-exchange-reader.js';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import type { WireServer } from './wire-server.js';

/** A redactor in the shape of the worker's: masks what it was given, and remembers it. */
export function fakeRedactor() {
  const secrets: string[] = [];
  return {
    secrets,
    add: (secret: string) => void secrets.push(secret),
    text: (text: string) => secrets.reduce((masked, secret) => masked.replaceAll(secret, '[redacted]'), text),
  };
}

export const CREDENTIALS = { apiKey: 'key-Planted+1$', secret: 'secret-Planted/2==' };

export async function readerOf(
  id: string,
  wire: WireServer,
  settings: {
    deadlineSeconds?: number;
    maxBytes?: number;
    weightPerMinute?: number;
    spending?: SpendingRecord;
    credentials?: Record<string, string>;
    now?: () => number;
    environment?: 'demo' | 'testnet';
    ccxt?: CcxtSettings;
  } = {},
): Promise<ExchangeInspector> {
  return createExchangeReader(
    {
      id,
      credentials: {},
      baseUrl: wire.url,
      deadlineSeconds: settings.deadlineSeconds ?? 10,
      weightPerMinute: settings.weightPerMinute ?? null,
      ...(settings.environment === undefined ? {} : { environment: settings.environment }),
      ...(settings.ccxt === undefined ? {} : { ccxt: settings.ccxt }),
    },
    settings.credentials ?? CREDENTIALS,
    {
      redactor: fakeRedactor(),
      ...(settings.maxBytes === undefined ? {} : { maxBytes: settings.maxBytes }),
      ...(settings.now === undefined ? {} : { now: settings.now }),
      ...(settings.spending === undefined ? {} : { spending: settings.spending }),
    },
  );
}
