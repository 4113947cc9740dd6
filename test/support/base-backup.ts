import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';

/** Belongs to the running server, not to its data: https://www.postgresql.org/docs/18/continuous-archiving.html */
const NOT_DATA = new Set(['postmaster.pid', 'postmaster.opts', 'pg_wal', 'pg_replslot', 'pg_notify', 'pg_serial']);

/**
 * Copies the cluster of a running PostgreSQL at one instant, as `pg_basebackup --wal-method=fetch` does in `deploy/backup.sh`: the
 * npm packages of PostgreSQL have no client programs. The copy is a data folder, from which a server of the same version starts.
 */
export async function baseBackup(url: string, cluster: string, target: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('test', true)`);
    await copyContents(cluster, target, (name) => !NOT_DATA.has(name));
    const { rows } = await client.query<{ labelfile: string }>('SELECT * FROM pg_backup_stop(false)');
    await writeFile(join(target, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  // Everything until the end of the backup is in these files now.
  for (const name of NOT_DATA) if (!name.startsWith('postmaster')) await mkdir(join(target, name), { mode: 0o700 });
  await copyContents(join(cluster, 'pg_wal'), join(target, 'pg_wal'), () => true);
}

/** Puts the copy in the place of the cluster, whose server does not run. */
export async function restoreBackup(backup: string, cluster: string): Promise<void> {
  await rm(cluster, { recursive: true, force: true });
  await cp(backup, cluster, { recursive: true, preserveTimestamps: true });
}

async function copyContents(from: string, to: string, isWanted: (name: string) => boolean): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await readdir(from)) {
    if (!isWanted(name)) continue;
    // The server removes temporary files and old segments meanwhile. Recovery needs none of them.
    await cp(join(from, name), join(to, name), { recursive: true, force: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
}
