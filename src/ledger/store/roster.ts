import { asc, gt, sql } from 'drizzle-orm';
import { BATCH } from './batches.js';
import { sha256 } from './canonical.js';
import type { DatabaseSession } from './database.js';
import { GENESIS_HASH } from './event-chain.js';
import { roster, rosterHead } from './schema.js';

/**
 * Adds a newly registered account to the roster. The hash is the SHA-256, hex, of the previous hash, the number and the
 * account's name, one per line. Concurrent registrations wait here until the transaction ends.
 */
export async function enrol(session: DatabaseSession, account: string): Promise<void> {
  await session.execute(sql`
    WITH head AS (
      UPDATE plumbline.roster_head SET number = number + 1,
        hash = encode(sha256(convert_to(hash || E'\n' || (number + 1)::text || E'\n' || ${account}::text, 'UTF8')), 'hex')
      RETURNING number, hash)
    INSERT INTO plumbline.roster (number, account, hash) SELECT number, ${account}, hash FROM head`);
}

/** The accounts of the roster, and the faults of its chain. */
export async function readRoster(session: DatabaseSession): Promise<{ accounts: Set<string>; faults: string[] }> {
  const accounts = new Set<string>();
  const faults: string[] = [];
  let last = 0;
  let lastHash = GENESIS_HASH;
  for (;;) {
    const rows = await session
      .select()
      .from(roster)
      .where(gt(roster.number, last))
      .orderBy(asc(roster.number))
      .limit(BATCH);
    for (const { number, account, hash } of rows) {
      accounts.add(account);
      if (number !== last + 1)
        faults.push(`the roster of accounts lacks an entry before number ${number} (${account})`);
      else if (hash !== sha256(`${lastHash}\n${number}\n${account}`)) {
        faults.push(`entry ${number} of the roster of accounts (${account}) was changed`);
      }
      last = number;
      lastHash = hash;
    }
    if (rows.length < BATCH || !Number.isSafeInteger(last)) break;
  }
  const heads = await session.select().from(rosterHead);
  const [head] = heads;
  if (heads.length !== 1 || head === undefined || head.number !== last || head.hash !== lastHash) {
    faults.push(`the roster of accounts ends at number ${last}, its head says ${head?.number ?? 'nothing'}`);
  }
  return { accounts, faults };
}
