import { asc, eq } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';
import type { LedgerHead } from '../contract/ledger.js';
import { account } from '../store/schema.js';

/** Read from the accounts' rows, without verification; ordered by name. */
export async function readHeads(session: DatabaseSession, name: string | null): Promise<LedgerHead[]> {
  return session
    .select({ account: account.account, sequence: account.lastSequence, hash: account.lastHash })
    .from(account)
    .where(name === null ? undefined : eq(account.account, name))
    .orderBy(asc(account.account));
}
