import type { InternalConfig, PlumblineConfig } from './config.js';
import type { Variables } from './environment.js';
import type { SecretSource } from './secret-source.js';
import type { BotDatabaseConfig } from './sql-config.js';

/**
 * The environment of a program that the configuration names: the environment of this process without the variables that the
 * configuration names as secrets. A program that calls people needs no exchange key. Pass it its own secret in a variable that
 * the configuration does not name.
 */
export function commandEnvironment(config: PlumblineConfig, env: Variables = process.env): Variables {
  const secret = secretVariables(config);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.has(name)));
}

/** The names of all environment variables that hold secrets of the configuration. */
export function secretVariables({ ledger, accounts, notify, encryption }: PlumblineConfig): Set<string> {
  const sources: (SecretSource | null | undefined)[] = [
    ledger.url,
    ...accounts.flatMap(({ exchange, internal, heartbeat }) => [
      ...Object.values(exchange.credentials),
      ...internal.flatMap(({ source }) => secretsOf(source)),
      heartbeat?.url,
    ]),
    ...(encryption?.keys ?? []).map(({ key }) => key),
    ...notify.channels.flatMap(({ secrets }): (SecretSource | undefined)[] => Object.values(secrets)),
  ];
  const named = sources.flatMap((source) =>
    source !== null && source !== undefined && 'env' in source ? [source.env] : [],
  );
  // The ledger's URL of commands without a configuration that names another.
  return new Set(['PLUMBLINE_DATABASE_URL', ...named]);
}

function secretsOf(source: InternalConfig): (SecretSource | null)[] {
  switch (source.kind) {
    case 'http':
      return [source.token];
    case 'freqtrade':
      return [source.username, source.password, ...databaseSecrets(source.database)];
    case 'sql':
    case 'hummingbot':
      return databaseSecrets(source.database);
    case 'nautilus':
      return [source.database.url];
    case 'file':
    case 'push':
      return [];
  }
}

function databaseSecrets(database: BotDatabaseConfig | undefined): SecretSource[] {
  return database?.kind === 'server' ? [database.url] : [];
}
