import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { RedisClient } from '../../../support/redis.js';

const keySchema = z.union([
  z.object({ list: z.array(z.string()) }),
  z.object({ set: z.array(z.string()) }),
  z.object({ hash: z.record(z.string(), z.string()) }),
  z.object({ string: z.string() }),
  z.object({ stream: z.array(z.tuple([z.string(), z.record(z.string(), z.string())])) }),
]);
const recordingSchema = z.object({
  encoding: z.enum(['msgpack', 'json']),
  /** By position id: the strategy and the signed quantity, as NautilusTrader itself said. */
  positions: z.record(z.string(), z.tuple([z.string(), z.string()])),
  /** By client order id: strategy, status, quantity and filled quantity, as NautilusTrader itself said. */
  orders: z.record(z.string(), z.tuple([z.string(), z.string(), z.string(), z.string()])),
  keys: z.record(z.string(), keySchema),
});
export type Recording = z.output<typeof recordingSchema>;

/** What a live NautilusTrader 1.231.0 wrote to Redis; see record.py. */
export async function recording(encoding: Recording['encoding']): Promise<Recording> {
  const text = await readFile(new URL(`../recorded/${encoding}.json`, import.meta.url), 'utf8');
  return recordingSchema.parse(JSON.parse(text));
}

/** Writes the keys of a recording to a Redis. */
export async function play({ keys, encoding }: Recording, client: RedisClient): Promise<void> {
  const bytes = (text: string): Buffer => Buffer.from(text, encoding === 'json' ? 'utf8' : 'base64');
  for (const [key, value] of Object.entries(keys)) {
    if ('list' in value) await client.rPush(key, value.list.map(bytes));
    else if ('set' in value) await client.sAdd(key, value.set);
    else if ('hash' in value) await client.hSet(key, value.hash);
    else if ('string' in value) await client.set(key, bytes(value.string));
    else for (const [id, fields] of value.stream) await client.xAdd(key, id, fields);
  }
}
