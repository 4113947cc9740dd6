import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { Push } from '../../src/ledger/contract/pushed-state.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 29, 12, 0, second));

function push(account: string, text: string, asOf: Date): Push {
  const document = Buffer.from(text);
  return { account, document, sha256: createHash('sha256').update(document).digest('hex'), asOf };
}

describe('the state that a bot pushes', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    database = await createLedgerDatabase();
    ledger = createLedger(database.url);
  }, 30_000);
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  const textOf = async (account: string): Promise<string | null> => {
    const state = await ledger.pushedState(account);
    return state === null ? null : Buffer.from(state.document).toString();
  };

  it('is there as it came, with both times of the database', async () => {
    expect(await ledger.pushedState('bytes')).toBeNull();
    const sent = push('bytes', '{"a": 0.10, "b": "é"}', at(1));
    expect(await ledger.storePush(sent)).toEqual({ result: 'stored' });
    const state = await ledger.pushedState('bytes');
    expect(state).toMatchObject({ sha256: sent.sha256, receivedAt: expect.any(Date), readAt: expect.any(Date) });
    expect(Buffer.from(state?.document ?? []).equals(Buffer.from(sent.document))).toBe(true);
    const silentMs = (state?.readAt.getTime() ?? 0) - (state?.receivedAt.getTime() ?? 0);
    expect(silentMs).toBeGreaterThanOrEqual(0);
    expect(silentMs).toBeLessThan(30_000);
  });

  it('is replaced by a newer one only, and the answer says what is stored', async () => {
    await ledger.storePush(push('order', 'first', at(10)));
    expect(await ledger.storePush(push('order', 'older', at(9)))).toEqual({ result: 'outdated', storedAsOf: at(10) });
    expect(await ledger.storePush(push('order', 'same time', at(10)))).toEqual({
      result: 'outdated',
      storedAsOf: at(10),
    });
    expect(await textOf('order')).toBe('first');
    expect(await ledger.storePush(push('order', 'second', at(11)))).toEqual({ result: 'stored' });
    expect(await textOf('order')).toBe('second');
    expect(await textOf('bytes')).not.toBe('second');
  });

  it('may be sent again, and the repetition is no sign of life', async () => {
    const sent = push('again', 'one', at(1));
    await ledger.storePush(sent);
    const before = await ledger.pushedState('again');
    expect(await ledger.storePush(sent)).toEqual({ result: 'repeated' });
    expect((await ledger.pushedState('again'))?.receivedAt).toEqual(before?.receivedAt);
  });

  it('stays the newest one when pushes come at the same time', async () => {
    const seconds = Array.from({ length: 20 }, (_, index) => (index * 7) % 20);
    await Promise.all(seconds.map(async (second) => ledger.storePush(push('crowd', String(second), at(second)))));
    expect(await textOf('crowd')).toBe('19');
  });

  it('of a wrong clock does not block the pushes after it', async () => {
    await ledger.storePush(push('clock', 'of another year', new Date('2039-01-01T00:00:00Z')));
    expect(await ledger.storePush(push('clock', 'right', new Date()))).toEqual({ result: 'stored' });
    expect(await textOf('clock')).toBe('right');
  });

  it('cannot be changed apart from its digest', async () => {
    await ledger.storePush(push('digest', 'one', at(1)));
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      await expect(
        client.query(`UPDATE plumbline.pushed_state SET document = '\\x00' WHERE account = 'digest'`),
      ).rejects.toThrow(/pushed_state_digest/);
    } finally {
      await client.end();
    }
  });
});
