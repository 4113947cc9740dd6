import { describe, expect, it } from '@jest/globals';
import type { Actor } from '../../src/acts/acts.js';
import { acknowledgeFromTelegram } from '../../src/acts/telegram.js';
import type { Present } from '../../src/acts/present.js';
import type { InterventionRow } from '../../src/ledger/contract/ledger.js';
import { threadOfId } from '../../src/ledger/contract/message-key.js';

const PRESENT: Present = { account: 'main', gate: null, standing: [], standingCount: 0, intervention: null };
const LONG_ID = 'x'.repeat(200);

function acting(ids: string[]) {
  const asked: [string, Actor & { note: string }][] = [];
  const acts = {
    present: async () => PRESENT,
    acknowledge: async (account: string, request: Actor & { note: string }) => {
      asked.push([account, request]);
      const status = {} as never;
      return { account, present: PRESENT, answered: { status, withoutWorkflow: null } };
    },
  };
  const ledger = { interventions: async () => ids.map((id) => ({ id, account: `of-${id}` }) as InterventionRow) };
  const press = async (thread: string) =>
    acknowledgeFromTelegram(acts, ledger, { thread, by: 'ada', channel: 'phone' }, () => 'gate: CLOSED');
  return { asked, press };
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
});
