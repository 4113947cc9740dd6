import { asc, eq, sql } from 'drizzle-orm';
import { batches } from './batches.js';
import type { DatabaseSession } from './database.js';
import type { LedgerFault } from './ledger.js';
import { account } from './schema.js';

/** The last event of an account as it was at some time: to keep where nobody who can write the ledger can write. */
export interface LedgerHead {
  account: string;
  /** 0 before the first event. */
  sequence: number;
  hash: string;
}

/** As the accounts' rows say, without any proof; by name. */
export async function readHeads(session: DatabaseSession, name: string | null): Promise<LedgerHead[]> {
  return session
    .select({ account: account.account, sequence: account.lastSequence, hash: account.lastHash })
    .from(account)
    .where(name === null ? undefined : eq(account.account, name))
    .orderBy(asc(account.account));
}

/** What the ledger's events do not hold any more of heads that were kept elsewhere. */
export async function headFaults(session: DatabaseSession, heads: readonly LedgerHead[]): Promise<LedgerFault[]> {
  const faults: LedgerFault[] = [];
  for (const some of batches(heads)) {
    const { rows } = await session.execute<{ place: string; known: boolean; hash: string | null }>(sql`
      select place, one.account is not null as known, event.hash
      from json_to_recordset(${JSON.stringify(some.map(({ account: name, sequence }, place) => ({ place, name, sequence })))}::json)
        as head (place integer, name text, sequence bigint)
      left join plumbline.account one on one.account = head.name
      left join plumbline.event on event.account = head.name and event.sequence = head.sequence
      order by place`);
    for (const { place, known, hash } of rows) {
      const head = some[Number(place)];
      const fault = head === undefined ? null : headFault(head, known, hash);
      if (head !== undefined && fault !== null) faults.push({ account: head.account, sequence: head.sequence, fault });
    }
  }
  return faults;
}

function headFault({ sequence, hash: noted }: LedgerHead, isKnown: boolean, hash: string | null): string | null {
  if (!isKnown) return 'is among the heads that were kept, and the ledger does not know the account';
  if (sequence === 0 || hash === noted) return null;
  if (hash === null) return `is not there; its hash was kept elsewhere as ${noted}`;
  return `has the hash ${hash}; kept elsewhere is ${noted}: it and what follows may have been rewritten`;
}
