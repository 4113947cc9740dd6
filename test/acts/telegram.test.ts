import { describe, expect, it } from '@jest/globals';
import type { Actor } from '../../src/acts/acts.js';
import { acknowledgeFromTelegram } from '../../src/acts/telegram.js';
import type { Present } from '../../src/acts/present.js';
import type { InterventionRow } from '../../src/ledger/contract/ledger.js';
import type { NamedCall } from '../../src/ledger/contract/notifications.js';
import { threadOfId } from '../../src/ledger/contract/message-key.js';

const PRESENT: Present = { account: 'main', gate: null, standing: [], standingCount: 0, intervention: null };
const LONG_ID = 'x'.repeat(200);

const AT = '2026-11-29T02:00:00.000Z';
const DOWN = { action: 'RECONCILIATION_FAILURE_THRESHOLD', text: 'binanceusdm does not answer' };
const GROUP_KEY = 'f'.repeat(64);

function acting(ids: string[], more: Record<string, InterventionRow['reasons']> = {}) {
  const failing = new Set<string>();
  const asked: [string, Actor & { note: string }][] = [];
  const acts = {
    present: async () => PRESENT,
    acknowledge: async (account: string, request: Actor & { note: string }) => {
      if (failing.has(account)) throw new Error('no worker');
      asked.push([account, request]);
      const status = {} as never;
      return { account, present: PRESENT, answered: { status, withoutWorkflow: null } };
    },
  };
  const ledger = {
    interventions: async () =>
      ids.map(
        (id) => ({ id, account: `of-${id}`, reasons: [{ ...DOWN, at: AT }, ...(more[id] ?? [])] }) as InterventionRow,
      ),
    namedIn: async (channel: string, receipt: string): Promise<NamedCall[]> =>
      channel === 'phone' && receipt === '77'
        ? ['i-1', 'i-2', 'i-3', 'ended'].map((id) => ({
            account: `of-${id}`,
            interventionId: id,
            key: GROUP_KEY,
            reasons: [{ ...DOWN, at: AT }],
          }))
        : [],
  };
  const press = async (thread: string, receipt: string | null = null, channel = 'phone', others: string[] = []) =>
    acknowledgeFromTelegram(acts, ledger, { thread, receipt, by: 'ada', channel, others }, () => 'gate: CLOSED');
  return { asked, press, failing };
}

describe('a button in Telegram', () => {
  it.each(['i-2', LONG_ID])('acknowledges the call of its message', async (id) => {
    const { asked, press } = acting(['i-1', id]);
    expect(await press(threadOfId(id))).toBe(`of-${id}: acknowledged by ada. gate: CLOSED`);
    expect(asked).toEqual([
      [`of-${id}`, expect.objectContaining({ by: 'ada', via: 'telegram', channel: 'phone', note: expect.any(String) })],
    ]);
    expect(asked[0]?.[1].requestId?.length).toBeLessThanOrEqual(200);
  });

  it.each(['', 'i-3', '__proto__', 'x'.repeat(60)])('with the thread %j does nothing', async (thread) => {
    const { asked, press } = acting(['i-1', 'i-2']);
    expect(await press(thread)).toMatch(/not open any more/);
    expect(asked).toEqual([]);
  });

  describe('of a message about several accounts', () => {
    const thread = threadOfId(GROUP_KEY);

    it('acknowledges all open calls that the message names, and no other', async () => {
      const { asked, press } = acting(['i-1', 'i-2', 'i-3', 'i-4']);
      expect(await press(thread, '77')).toBe('3 of 3 accounts acknowledged by ada.');
      expect(asked.map(([account]) => account).toSorted()).toEqual(['of-i-1', 'of-i-2', 'of-i-3']);
    });

    it('leaves a call open that got a reason after the message', async () => {
      const drift = { action: 'POSITION_OPENED_EXTERNALLY', text: '0.5 BTC', at: '2026-11-29T02:05:00.000Z' };
      const { asked, press } = acting(['i-1', 'i-2'], { 'i-2': [drift] });
      expect(await press(thread, '77')).toBe(
        '1 of 2 accounts acknowledged by ada; still open, with a new reason: of-i-2.',
      );
      expect(asked.map(([account]) => account)).toEqual(['of-i-1']);
    });

    it('acknowledges calls with reasons that an earlier message told, and those of runs that fail again', async () => {
      const { asked, press } = acting(['i-1', 'i-2'], {
        'i-1': [{ action: 'POSITION_OPENED_EXTERNALLY', text: '0.5 BTC', at: '2026-11-29T01:00:00.000Z' }],
        'i-2': [{ ...DOWN, at: '2026-11-29T02:01:00.000Z' }],
      });
      expect(await press(thread, '77')).toBe('2 of 2 accounts acknowledged by ada.');
      expect(asked).toHaveLength(2);
    });

    it('finds the message of another channel in the same chat', async () => {
      const { press } = acting(['i-1', 'i-2']);
      expect(await press(thread, '77', 'urgent', ['phone'])).toBe('2 of 2 accounts acknowledged by ada.');
    });

    it('names the accounts that it could not acknowledge', async () => {
      const { press, failing } = acting(['i-1', 'i-2']);
      failing.add('of-i-1');
      expect(await press(thread, '77')).toBe(
        '1 of 2 accounts acknowledged by ada; not acknowledged, press again: of-i-1.',
      );
    });

    it.each([
      ['another message', thread, '78'],
      ['a message that Telegram does not name', thread, null],
      ['a button of another message', threadOfId('e'.repeat(64)), '77'],
    ])('does nothing for %s', async (_, pressed, receipt) => {
      const { asked, press } = acting(['i-1', 'i-2']);
      expect(await press(pressed, receipt)).toMatch(/not open any more/);
      expect(asked).toEqual([]);
    });
  });
});
