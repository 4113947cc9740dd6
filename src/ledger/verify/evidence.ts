import { sql } from 'drizzle-orm';
import { sha256 } from '../store/canonical.js';
import type { DatabaseSession } from '../store/database.js';
import type { FaultList } from './fault-list.js';
import { readBody } from '../read/stored-observations.js';

/** Limits of bodies in memory at the same time: their number, and their bytes unless a single body is larger. */
const MAX_BODIES = 500;
const MAX_BYTES = 4_000_000;

/** Verifies that every stored body matches its digest, and that every snapshot has its body. */
export async function verifyEvidence(session: DatabaseSession, account: string, faults: FaultList): Promise<void> {
  let after = '';
  for (;;) {
    const { rows } = await session.execute<{ digest: string; deflated: Buffer }>(sql`
      select digest, deflated from (
        select digest, deflated, octet_length(deflated) as bytes,
          sum(octet_length(deflated)) over (order by digest) as so_far
        from plumbline.snapshot_body where account = ${account} and digest > ${after}
        order by digest limit ${MAX_BODIES}) page
      where so_far - bytes < ${MAX_BYTES} order by digest`);
    let bytes = 0;
    for (const { digest, deflated } of rows) {
      bytes += deflated.length;
      const text = await readBody(deflated);
      if (text === null || sha256(text) !== digest) {
        faults.add(null, `the evidence with the digest ${digest} was changed`);
      }
      after = digest;
    }
    if (rows.length < MAX_BODIES && bytes < MAX_BYTES) break;
  }
  const bare = await session.execute<{ digest: string }>(sql`
    select distinct snapshot.digest from plumbline.snapshot left join plumbline.snapshot_body using (account, digest)
    where snapshot.account = ${account} and snapshot_body.digest is null limit 100`);
  for (const { digest } of bare.rows) faults.add(null, `the evidence with the digest ${digest} is gone`);
}
