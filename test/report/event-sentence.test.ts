import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { EventType } from '../../src/ledger/contract/ledger.js';
import { eventSentence } from '../../src/report/event-sentence.js';

const said = (type: EventType, payload: Record<string, unknown>, runNumber: number | null = 7): string =>
  eventSentence({ type, payload, runNumber });

describe('an event as a sentence', () => {
  it.each<[EventType, Record<string, unknown>, string]>([
    ['RECONCILIATION_COMPLETED', { outcome: 'matched', discrepancies: 0, unsettled: [] }, 'Run 7 matched'],
    [
      'RECONCILIATION_COMPLETED',
      { outcome: 'drifted', discrepancies: 2, opened: 1, resolved: 3, unsettled: [{}], requested_by: ['ada'] },
      'Run 7 drifted: 2 discrepancies, 1 new, 3 resolved, 1 not confirmed, requested by ada',
    ],
    [
      'RECONCILIATION_FAILED',
      { kind: 'network', reason: 'no route', consecutive_failures: 2, threshold: 3 },
      'Run 7 failed (2 in a row, a call at 3): network: no route',
    ],
    ['RECONCILIATION_PAUSED', { by: 'ada', via: 'cli', reason: 'upgrade' }, 'Paused by ada (cli): upgrade'],
    [
      'MANUAL_INTERVENTION',
      { action: 'RECONCILIATION_FAILURE_THRESHOLD', consecutive_failures: 3 },
      'A human is needed: 3 runs in a row failed',
    ],
    ['MANUAL_INTERVENTION', { action: 'X', description: 'BTC differs', intervene: false }, 'Recorded: BTC differs'],
    ['DISCREPANCY_RESOLVED', { description: 'BTC differs' }, 'Resolved: BTC differs'],
    [
      'DISCREPANCY_RESOLVED',
      { description: 'BTC differs', by: 'ada', note: 'delisted' },
      'Closed by ada: BTC differs: delisted',
    ],
    [
      'DISCREPANCY_ACCEPTED',
      {
        by: 'ada',
        via: 'link',
        channel: 'phone',
        type: 'ORDER_FILL_MISSED',
        until: '2026-11-29T18:12:31.470Z',
        note: 'known',
      },
      'ada (link, phone) accepted ORDER_FILL_MISSED until 2026-11-29 18:12Z: known',
    ],
    [
      'NOTIFICATION_FAILED',
      { channel: 'slack', occasion: 'called', message: 'HTTP 503' },
      'Message "called" not delivered on slack: HTTP 503',
    ],
    [
      'KEY_PERMISSIONS_CHANGED',
      { can_trade: true, can_withdraw: false, ip_restricted: null },
      'The key can trade, cannot withdraw, and is perhaps bound to addresses',
    ],
    [
      'POLICY_CHANGED',
      {
        by: 'ada',
        before: { exchange: 'okx', policy: { a: 1, b: 1 } },
        after: { exchange: 'okx', policy: { a: 1, b: 2 } },
      },
      'Policy changed by ada: b',
    ],
  ])('%s: %j', (type, payload, sentence) => {
    expect(said(type, payload)).toBe(sentence);
  });

  it('is never empty and never fails, whatever an altered or earlier event holds', () => {
    const types: EventType[] = [
      'MANUAL_INTERVENTION',
      'POLICY_CHANGED',
      'RECONCILIATION_COMPLETED',
      'DISCREPANCY_ACCEPTED',
    ];
    const names = ['by', 'via', 'before', 'after', 'until', 'note', 'outcome', 'unsettled', 'requested_by', 'action'];
    const payloads = fc.dictionary(fc.constantFrom(...names), fc.anything());
    fc.assert(
      fc.property(fc.constantFrom(...types), payloads, fc.option(fc.nat()), (type, payload, run) => {
        expect(said(type, payload, run)).toMatch(/\w/);
      }),
    );
  });
});
