// The PostgreSQL of a soak, a chaos run or a fleet: a folder of its own, a server in it, and the ledger's schema.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @param product what starts and migrates, from `dist/` or from `src/`, as the caller itself does
 * @param closing takes what ends it, in the order in which it started
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
