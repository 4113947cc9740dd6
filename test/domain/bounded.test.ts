import { describe, expect, it } from '@jest/globals';
import {
  boundedAccount,
  boundedFailure,
  boundedIntervention,
  boundedReceipt,
  boundedRun,
  cut,
  summary,
} from '../../src/domain/lifecycle/bounded.js';
import { LIMITS } from '../../src/domain/limits/limits.js';
import type { RecordedRun } from '../../src/domain/lifecycle/run.js';

/** 80 kB. */
const LONG = 'mä'.repeat(40_000);
const PAYLOAD_BYTES = 2 * 1024 * 1024;

const failure = {
  kind: 'unreadable',
  side: 'exchange',
  message: LONG.repeat(20),
  where: LONG,
  remedy: LONG,
  retryAfterMs: null,
} as const;
const reason = { action: LONG, text: LONG, at: LONG, severity: 'notify' as const, sharedCause: LONG };
const intervention = {
  interventionId: 'i',
  openedAt: '2026-11-22T15:00:00Z',
  reasons: Array.from({ length: 1_000 }, () => reason),
  notifiedTimes: 1,
  snoozedUntil: null,
};
const run: RecordedRun = {
  outcome: 'failed',
  runNumber: 1,
  looks: 1,
  discrepancies: 0,
  byType: {},
  opened: Array.from({ length: 1_000 }, () => ({ id: 'd', type: 'POSITION_SIZE_CHANGED' as const, description: LONG })),
  resolved: 0,
  openDiscrepancies: 0,
  unsettled: 0,
  unsettledRunsInARow: 0,
  compared: 1,
  notCompared: Array.from({ length: 90_000 }, (_, i) => `positions:linear:C${i}`),
  failure,
  calls: Array.from({ length: 1_000 }, () => ({ action: LONG, text: LONG })),
  lastEvent: null,
};
const receipt = {
  snapshotId: 's',
  side: 'internal',
  digest: 'd',
  positions: 1,
  orders: 1,
  scopes: run.notCompared,
  gaps: 90_000,
} as const;

describe('what passes through workflow history', () => {
  it.each<[string, (value: never) => unknown, unknown]>([
    ['a failure', boundedFailure, failure],
    ['a run', boundedRun, run],
    ['a receipt', boundedReceipt, receipt],
    ['an intervention', boundedIntervention, intervention],
    [
      'an account',
      boundedAccount,
      {
        lastRunNumber: 1,
        streak: { failures: 0, called: false },
        paused: { by: LONG, reason: LONG, since: '2026-11-22T15:00:00Z' },
        lastSuccessAt: null,
        openIntervention: intervention,
      },
    ],
  ])('%s of any size takes a fraction of a payload, and is bounded once', (_, bounded, value) => {
    const once = (bounded as (value: unknown) => unknown)(value);
    expect(Buffer.byteLength(JSON.stringify(value))).toBeGreaterThan(PAYLOAD_BYTES);
    expect(Buffer.byteLength(JSON.stringify(once))).toBeLessThan(PAYLOAD_BYTES / 3);
    expect((bounded as (value: unknown) => unknown)(once)).toEqual(once);
  });

  it('holds each text to its own limit', () => {
    const { failureMessage, failureRemedy, messageName, messageText } = LIMITS;
    const { message, where, remedy } = boundedFailure(failure);
    expect([message, where, remedy].map((text) => text?.length)).toEqual([
      failureMessage.value,
      failureRemedy.value,
      failureRemedy.value,
    ]);
    const [call] = boundedRun(run).calls;
    expect([call?.action.length, call?.text.length]).toEqual([messageName.value, failureMessage.value]);
    const marked = { action: 'X', text: 'x', severity: 'notify', closesGate: false, sharedCause: 'c' } as const;
    expect(boundedRun({ ...run, calls: [marked] }).calls).toEqual([marked]);
    const [first] = boundedIntervention(intervention).reasons;
    expect([first?.action.length, first?.text.length, first?.at.length]).toEqual([
      messageName.value,
      messageText.value,
      40,
    ]);
    expect([first?.severity, first?.sharedCause?.length]).toEqual(['notify', messageName.value]);
    const known = {
      lastRunNumber: 1,
      streak: { failures: 0, called: false },
      paused: { by: LONG, reason: LONG, since: '2026-11-22T15:00:00Z' },
      lastSuccessAt: null,
      openIntervention: null,
    };
    const { paused } = boundedAccount(known);
    expect([paused?.by.length, paused?.reason.length]).toEqual([messageName.value, messageText.value]);
    expect(boundedReceipt({ ...receipt, scopes: [LONG] }).scopes[0]).toHaveLength(failureRemedy.value);
  });

  it('says how many scopes it leaves out', () => {
    expect(boundedRun(run).notCompared).toHaveLength(LIMITS.listedScopes.value + 1);
    expect(boundedRun(run).notCompared.at(-1)).toBe('and 89900 more');
    const few = { ...run, notCompared: run.notCompared.slice(0, LIMITS.listedScopes.value) };
    expect(boundedRun(few).notCompared).toEqual(few.notCompared);
  });

  it('keeps the newest reasons', () => {
    const reasons = Array.from({ length: 150 }, (_, i) => ({
      action: 'A',
      text: `reason ${i}`,
      at: '2026-11-22T15:00:00Z',
    }));
    const kept = boundedIntervention({ ...intervention, reasons }).reasons;
    expect(kept).toHaveLength(LIMITS.reasons.value);
    expect(kept.at(-1)?.text).toBe('reason 149');
  });

  it('is cut between characters', () => {
    expect(cut('ab😀cd', 4)).toBe('ab…');
    expect(cut('abcd', 4)).toBe('abcd');
  });
});

describe('a summary', () => {
  it.each([
    ['short', 'short'],
    ['é'.repeat(100), 'é'.repeat(100)],
    ['é'.repeat(101), `${'é'.repeat(98)}…`],
    [`by ${'仓'.repeat(200)}`, `by ${'仓'.repeat(64)}…`],
    ['😀'.repeat(500), `${'😀'.repeat(49)}…`],
    ['a\u001b[31m\u202eb', 'a\\u001b[31m\\u202eb'],
  ])('of %j fits in the bytes that a server takes, and shows no control character', (text, shown) => {
    expect(summary(text)).toBe(shown);
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(LIMITS.summaryBytes.value);
  });
});
