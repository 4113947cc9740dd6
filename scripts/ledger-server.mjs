// The PostgreSQL of a soak, a chaos run or a fleet: a new folder, a server in it, and the ledger's schema.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @param product the functions that start and migrate, from `dist/` or from `src/`, as for the caller itself
 * @param closing receives the functions that end it, in the order of the starts
 */
export async function startLedgerServer(product, { prefix, durable }, closing) {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  closing.push(async () => rm(folder, { recursive: true, force: true }));
  // PostgreSQL may run as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const postgres = await product.startPostgres({ dataDirectory: join(folder, 'postgres'), durable });
  closing.push(async () => postgres.stop());
  const ledgerUrl = new URL(postgres.url);
  ledgerUrl.pathname = '/plumbline';
  await product.ensureDatabase(ledgerUrl.href);
  await product.migrateLedger(ledgerUrl.href);
  return { folder, postgres, ledgerUrl: ledgerUrl.href };
}
