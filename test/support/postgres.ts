import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { z } from 'zod';
import { askService } from './ask-service.js';

const answerSchema = z.object({ url: z.string() });

/**
 * A new empty database in the jest run's PostgreSQL (a real one, which the first test that asks starts: allow the
 * `beforeAll` 30 s).
 */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { url: serverUrl } = answerSchema.parse(await askService('/postgres'));
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: async () => query(serverUrl, `drop database if exists ${name} with (force)`) };
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
