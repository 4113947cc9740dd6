import type { AccountConfig, Aliases, PlumblineConfig, SecretSource } from '../config/config.js';
import type { Redactor } from '../redaction/redactor.js';
import { createExchangeReader } from '../exchange/create-exchange-reader.js';
import type { ExchangeInspector } from '../exchange/exchange-reader.js';
import type { SpendingRecord } from '../exchange/budget/request-throttle.js';
import type { ReadPushed } from '../internal/push-source.js';
import { createInternalSource } from '../internal/sources/create-internal-source.js';
import type { AccountSource } from '../internal/account-source.js';
import { unknownAccount } from './unknown-account.js';

/** The two sides of one account in a worker. */
export interface AccountSides {
  exchange: () => Promise<ExchangeInspector>;
  /** At least one; the account's internal state is their sum. */
  internal: readonly AccountSource[];
  /** Names of internal state that mean another symbol or currency. */
  aliases: Aliases;
}

interface SideDependencies {
  redactor: Redactor;
  /** Reads a secret's value; throws FailureError (configuration) if it is missing. */
  resolveSecret: (source: SecretSource, what: string) => string;
  /** The shared budget in which all workers count their requests to exchanges. */
  spending?: SpendingRecord;
  /** Reads what the bot of an account pushed. Absent: sources of kind push cannot be read. */
  pushed?: ReadPushed;
}

export interface AllSides {
  of(account: string): AccountSides;
  close(): Promise<void>;
}

/**
 * The two sides of each account in a configuration, created at first use. Credentials are read here, by name, and are
 * passed only to the side that needs them. The redactor knows each credential before it is used.
 */
export function createSides(config: PlumblineConfig, deps: SideDependencies): AllSides {
  const accounts = new Map(config.accounts.map((account) => [account.name, account]));
  const made = new Map<string, AccountSides>();
  const readers = new Set<ExchangeInspector>();

  function secret(source: SecretSource, what: string): string {
    const value = deps.resolveSecret(source, what);
    deps.redactor.add(value);
    return value;
  }

  function make(account: AccountConfig): AccountSides {
    let reader: Promise<ExchangeInspector> | null = null;
    async function connect(): Promise<ExchangeInspector> {
      const credentials = Object.fromEntries(
        Object.entries(account.exchange.credentials).map(([name, source]) => [
          name,
          secret(source, `accounts.${account.name}.exchange.${name}`),
        ]),
      );
      const connected = await createExchangeReader(account.exchange, credentials, {
        redactor: deps.redactor,
        ...(deps.spending === undefined ? {} : { spending: deps.spending }),
      });
      readers.add(connected);
      return connected;
    }
    return {
      // A failed attempt is not cached, so the next run uses a secret that was corrected.
      exchange: () =>
        (reader ??= connect().catch((error: unknown) => {
          reader = null;
          throw error;
        })),
      internal: account.internal.map(({ source, ...reading }) => ({
        ...reading,
        source: createInternalSource(source, {
          resolveSecret: secret,
          redactor: deps.redactor,
          ...(deps.pushed === undefined ? {} : { pushed: deps.pushed }),
        }),
      })),
      aliases: account.aliases,
    };
  }

  return {
    of(name) {
      const existing = made.get(name);
      if (existing !== undefined) return existing;
      const account = accounts.get(name);
      if (account === undefined) throw unknownAccount(name, config.path);
      const sides = make(account);
      made.set(name, sides);
      return sides;
    },
    async close() {
      await Promise.all([...readers].map((reader) => reader.close()));
    },
  };
}
