import { sql } from 'drizzle-orm';
import type { LedgerFault, LedgerHead } from '../contract/ledger.js';
import { batches } from '../store/batches.js';
import type { DatabaseSession } from '../store/database.js';

/** Faults of heads that were kept elsewhere: events that the ledger no longer holds, or holds with another hash. */
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
  return `has the hash ${hash}; kept elsewhere is ${noted}: this event and later ones may have been rewritten`;
}
