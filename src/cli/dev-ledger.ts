import { resolveSecret } from '../config/environment.js';
import type { SecretSource } from '../config/config.js';
import type { Cli } from './context/cli.js';

/** Migrates the schema of a ledger that the user's own configuration names. */
export async function ensureLedger(source: SecretSource, cli: Cli, report: (line: string) => void): Promise<void> {
  const { ensureDatabase, migrateLedger } = await import('../ledger/migrate/migrate.js');
  const url = resolveSecret(source, 'ledger.url', { env: cli.io.env });
  await ensureDatabase(url);
  const { applied } = await migrateLedger(url);
  if (applied.length > 0) report(`The ledger's schema was brought up to date (${applied.join(', ')})`);
}
