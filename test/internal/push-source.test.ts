import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { PushedState } from '../../src/domain/account/pushed-state.js';
import { createInternalSource } from '../../src/internal/sources/create-internal-source.js';
import type { InternalSource } from '../../src/internal/internal-source.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { failureOf } from './failure-of.js';

const RECEIVED = new Date('2026-11-29T12:00:00Z');
const document = (amount: string): string =>
  JSON.stringify({
    version: 1,
    as_of: '2026-11-29T11:59:59Z',
    scopes: ['positions'],
    positions: [{ symbol: 'BTC/USDT:USDT', amount }],
  });

function pushed(text: string | Uint8Array, silentSeconds = 0): PushedState {
  const bytes = Buffer.from(text);
  return {
    document: bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    receivedAt: RECEIVED,
    readAt: new Date(RECEIVED.getTime() + silentSeconds * 1000),
  };
}

function sourceOf(state: PushedState | null, maxSilenceSeconds = 60): InternalSource {
  const config = { kind: 'push', account: 'main', maxSilenceSeconds, runEverySeconds: null, maxBytes: 1_000 } as const;
  return createInternalSource(config, {
    resolveSecret: () => '',
    redactor: createRedactor(),
    pushed: async (account) => (account === 'main' ? state : null),
    now: () => 7,
  });
}

describe('a pushed state', () => {
  it('is read as the bot wrote it, at the time of the read', async () => {
    await expect(sourceOf(pushed(document('0.10'))).readState()).resolves.toMatchObject({
      asOf: Date.parse('2026-11-29T11:59:59Z'),
      readStartedAt: 7,
      readEndedAt: 7,
      positions: [{ symbol: 'BTC/USDT:USDT', amount: '0.10' }],
    });
  });

  it('that never came is stale, and the failure says where to push', async () => {
    expect(await failureOf(sourceOf(null))).toMatchObject({
      kind: 'internal_stale',
      message: expect.stringContaining('PUT /v1/accounts/main/state'),
      remedy: expect.stringContaining('push its state'),
    });
  });

  it('is read after as much silence as is accepted', async () => {
    await expect(sourceOf(pushed(document('1'), 60), 60).readState()).resolves.toMatchObject({
      positions: [{ amount: '1' }],
    });
  });

  it.each([
    [60.1, 60],
    [3_601, 3_600],
    [Number.NaN, 60],
  ])('is stale after %d s of silence if %d s are accepted', async (silent, accepted) => {
    expect(await failureOf(sourceOf(pushed(document('1'), silent), accepted))).toMatchObject({
      kind: 'internal_stale',
      remedy: expect.stringContaining('max_silence_seconds'),
    });
  });

  it('says how long the bot is silent', async () => {
    expect((await failureOf(sourceOf(pushed(document('1'), 900)))).message).toBe(
      'the last push came 15 min ago; at most 60 s without one are accepted',
    );
  });

  it('that is not the one that was pushed is not used', async () => {
    const state = pushed(document('1'));
    const changed = { ...state, document: Buffer.from(document('2')) };
    expect(await failureOf(sourceOf(changed))).toMatchObject({ kind: 'unreadable' });
    expect(await failureOf(sourceOf(pushed(Buffer.from([0xff, 0xfe]))))).toMatchObject({ kind: 'unreadable' });
  });

  it('cannot be read without a ledger, and is not read for a caller that is gone', async () => {
    const config = { kind: 'push', account: 'main', maxSilenceSeconds: 1, runEverySeconds: null, maxBytes: 1 } as const;
    const source = createInternalSource(config, { resolveSecret: () => '', redactor: createRedactor() });
    expect(await failureOf(source)).toMatchObject({ kind: 'configuration' });
    await expect(sourceOf(pushed('{}')).readState({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow(
      'gone',
    );
  });
});
