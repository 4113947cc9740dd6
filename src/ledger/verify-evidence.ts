import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { sha256 } from './canonical.js';
import type { Session } from './database.js';
import type { FaultList } from './fault-list.js';
import { snapshotBody } from './schema.js';
import { readBody } from './stored-looks.js';

/** Few: a body may be a megabyte. */
const BATCH = 25;

/** Proves that every stored body has its digest, and that every snapshot has its body. */
export async function verifyEvidence(session: Session, account: string, faults: FaultList): Promise<void> {
  let after = '';
  for (;;) {
    const rows = await session
      .select({ digest: snapshotBody.digest, deflated: snapshotBody.deflated })
      .from(snapshotBody)
      .where(and(eq(snapshotBody.account, account), gt(snapshotBody.digest, after)))
      .orderBy(asc(snapshotBody.digest))
      .limit(BATCH);
    for (const { digest, deflated } of rows) {
      const text = await readBody(deflated);
      if (text === null || sha256(text) !== digest)
        faults.add(null, `the evidence with the digest ${digest} was changed`);
      after = digest;
    }
    if (rows.length < BATCH) break;
  }
  const bare = await session.execute<{ digest: string }>(sql`
    select distinct snapshot.digest from plumbline.snapshot left join plumbline.snapshot_body using (account, digest)
    where snapshot.account = ${account} and snapshot_body.digest is null limit 100`);
  for (const { digest } of bare.rows) faults.add(null, `the evidence with the digest ${digest} is gone`);
}
