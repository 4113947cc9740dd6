import { sql } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';

/** The id of this deployment, created by the migration that introduced deployments. It never changes. */
export async function deploymentIdOf(session: DatabaseSession): Promise<string> {
  const { rows } = await session.execute<{ id: string }>(sql`select id::text as id from plumbline.deployment`);
  const [row] = rows;
  if (row === undefined) throw new TypeError('plumbline.deployment holds no row');
  return row.id;
}
