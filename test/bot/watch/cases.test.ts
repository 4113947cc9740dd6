import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseStateDocument } from '../../../src/internal/state-document.js';
import { watch, type Watched } from '../../../packages/bot/src/index.js';
import { repository } from '../../support/packages.js';
import { StubExchange, table, type Case } from './stub-exchange.js';

const run = promisify(execFile);

describe('the record of a ccxt bot, in TypeScript', () => {
  let folder: string;
  let exchange: StubExchange;
  let record: Watched;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-record-'));
  });
  afterEach(async () => {
    record.close();
    await rm(folder, { recursive: true });
  });

  function start(played: Case): void {
    exchange = new StubExchange(played);
    record = watch(exchange, {
      record: join(folder, 'record'),
      ...(played.positions !== undefined && { positions: played.positions }),
      ...(played.position_mode !== undefined && { positionMode: played.position_mode }),
    });
  }

  it.each(table.cases.map((each) => [each.name, each] as const))('%s', async (_, played) => {
    start(played);
    for (const step of played.steps) {
      const [found, expected] = await play(played, step);
      expect(found).toEqual(expected);
    }
  });

  /** What a step gave, and what it had to give. */
  async function play(played: Case, step: Case['steps'][number]): Promise<[unknown, unknown]> {
    if ('restart' in step) {
      record.close();
      start(played);
      return [null, null];
    }
    if ('fails' in step) {
      const failure = failureOf(record);
      record.correct({});
      return [failure?.includes(step.fails) === true ? step.fails : failure, step.fails];
    }
    if ('state' in step) {
      readsAsState();
      return [record.state(), stateLike(step.state)];
    }
    try {
      const answer = await exchange.play(step);
      // The very object.
      return [answer === step.answer, true];
    } catch (error) {
      return [error, exchange.thrown];
    }
  }

  /** Plumbline reads each row, except that of an order whose amount or ids nobody knows. */
  function readsAsState(): void {
    const text = JSON.stringify({ ...record.state(), as_of: new Date().toISOString() });
    const snapshot = parseStateDocument(text, { side: 'internal', receivedAt: { startedAt: 0, endedAt: 0 } });
    const unknown = record
      .state()
      .orders.filter(
        ({ id, client_order_id: clientId, amount, conditional }) =>
          (id === null && clientId === null) || (amount === null && !conditional),
      );
    expect(snapshot.unread ?? []).toHaveLength(unknown.length);
  }
});

/** Why the record gives no state; null if it gives one. */
function failureOf(record: Watched): string | null {
  try {
    record.state();
    return null;
  } catch (error) {
    return String(error);
  }
}

/** A state and rows that have the given fields, and may have others. */
function stateLike(state: Record<string, unknown>): unknown {
  const like = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((row: object) => expect.objectContaining({ ...row })) : value;
  return expect.objectContaining(Object.fromEntries(Object.entries(state).map(([name, value]) => [name, like(value)])));
}

describe('the record of a ccxt bot, in Python', () => {
  it('plays the same cases, with a sync and with an async object, and its own tests', async () => {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
    const args = ['-m', 'unittest', 'discover', '-s', join(repository, 'packages/bot-python/tests')];
    const { stderr } = await run('python3', args, { env });
    expect(stderr).toMatch(/\nOK\n$/);
  });
});
