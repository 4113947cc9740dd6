import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The same folder from src/ledger and from dist/ledger. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url));

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) });

/** The migrations of this version, oldest first. `when` is drizzle's timestamp of each, ascending. */
export function ownMigrations(): { when: number; tag: string }[] {
  return journalSchema.parse(JSON.parse(readFileSync(`${MIGRATIONS_FOLDER}/meta/_journal.json`, 'utf8'))).entries;
}

/** Their paths, oldest first. */
export function migrationFiles(): string[] {
  return ownMigrations().map(({ tag }) => `${MIGRATIONS_FOLDER}/${tag}.sql`);
}
