import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { payloadConverter, UnreadablePayload } from '../../src/workflows/payload-converter.js';
import * as validate from '../../src/workflows/validate.js';
import type { Checked } from '../../src/workflows/validate.js';

const NOW = Date.parse('2026-11-22T15:00:00Z');
const REASON = { action: 'UNSETTLED', text: 'ETH keeps moving', at: '2026-11-22T15:00:00Z' };
const MARKS = { severity: 'notify', closesGate: false, sharedCause: 'failure:exchange:bybit:exchange_down' } as const;
const START = { account: 'main', exchange: 'bybit', policy: DEFAULT_POLICY };
const INTERVENTION = { account: 'main', exchange: 'bybit', reminderMinutes: [30, 60], reasons: [REASON] };
const CARRIED = { interventionId: 'i-1', openedAt: '2026-11-22T15:00:00Z', notifiedTimes: 0, snoozedUntil: null };

const VALIDATORS: Record<string, (payload: unknown) => Checked<unknown>> = {
  pause: validate.checkPause,
  by: validate.checkBy,
  stop: validate.checkStop,
  reconfigure: validate.checkReconfigure,
  acknowledge: validate.checkAcknowledge,
  snooze: (payload) => validate.checkSnooze(payload, NOW),
  'snooze again': (payload) => validate.checkSnooze(payload, null),
  reason: validate.checkReason,
  start: validate.checkStart,
  'start of an intervention': validate.checkInterventionStart,
  'carried intervention': validate.checkCarriedIntervention,
};
const names = Object.keys(VALIDATORS);

/** Payloads that have the right shape in part, so that the checks behind the first are reached. */
const shaped = fc.record(
  {
    by: fc.oneof(fc.anything(), fc.string()),
    reason: fc.oneof(fc.anything(), fc.string()),
    note: fc.oneof(fc.anything(), fc.string()),
    until: fc.oneof(fc.anything(), fc.constant('2026-11-23T00:00:00Z'), fc.string()),
    account: fc.oneof(fc.anything(), fc.constant('main')),
    exchange: fc.oneof(fc.anything(), fc.constant('bybit')),
    policy: fc.oneof(
      fc.anything(),
      fc.constant(DEFAULT_POLICY),
      fc.dictionary(fc.constantFrom(...Object.keys(DEFAULT_POLICY)), fc.anything()),
    ),
    action: fc.oneof(fc.anything(), fc.string()),
    text: fc.oneof(fc.anything(), fc.string()),
    at: fc.oneof(fc.anything(), fc.constant('2026-11-22T15:00:00Z')),
    severity: fc.oneof(fc.anything(), fc.constant('notify')),
    closesGate: fc.anything(),
    sharedCause: fc.oneof(fc.anything(), fc.string()),
    reminderMinutes: fc.oneof(fc.anything(), fc.array(fc.integer())),
    reasons: fc.oneof(fc.anything(), fc.array(fc.oneof(fc.anything(), fc.constant(REASON)))),
    interventionId: fc.anything(),
    openedAt: fc.anything(),
    notifiedTimes: fc.anything(),
    snoozedUntil: fc.anything(),
    via: fc.oneof(fc.anything(), fc.constant('http')),
    channel: fc.oneof(fc.anything(), fc.string()),
    requestId: fc.oneof(fc.anything(), fc.string()),
  },
  { requiredKeys: [] },
);

describe('a validator', () => {
  it('never throws for any JSON, and refuses with a reason in one short line', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.oneof(fc.jsonValue(), shaped, fc.anything()), (name, payload) => {
        const checked = VALIDATORS[name]?.(payload);
        expect(checked?.ok === true ? 'taken' : checked?.problem).toMatch(/^[^\n\r]{3,1000}$/);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes what it took once more: what was checked is valid', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), shaped, (name, payload) => {
        const checked = VALIDATORS[name]?.(payload);
        const again = checked?.ok === true ? VALIDATORS[name]?.(checked.value) : checked;
        expect(again).toEqual(checked);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses a payload that could not be decoded', () => {
    const decoded = payloadConverter.fromPayload({
      metadata: { encoding: new TextEncoder().encode('json/plain') },
      data: new TextEncoder().encode('{"by":'),
    });
    expect(decoded).toBeInstanceOf(UnreadablePayload);
    for (const name of names) {
      expect(VALIDATORS[name]?.(decoded)).toEqual({ ok: false, problem: expect.stringMatching(/cannot be read/) });
    }
    const unknown = payloadConverter.fromPayload({ metadata: {}, data: new Uint8Array([1]) });
    expect(unknown).toBeInstanceOf(UnreadablePayload);
    expect(payloadConverter.fromPayload(payloadConverter.toPayload({ by: 'ada' }))).toEqual({ by: 'ada' });
  });
});

const UNKNOWN = 'unknown (Web UI)';
const TAKEN: [name: string, payload: unknown, value: unknown][] = [
  ['pause', undefined, { by: UNKNOWN, reason: 'no reason given', via: 'temporal' }],
  ['pause', null, { by: UNKNOWN, reason: 'no reason given', via: 'temporal' }],
  ['pause', { by: ' ada ', reason: 'a\n\tb\u0007' }, { by: 'ada', reason: 'a b', via: 'temporal' }],
  ['pause', { by: '\u200b\u202e', reason: '\u0000' }, { by: UNKNOWN, reason: 'no reason given', via: 'temporal' }],
  ['pause', { by: 'ada', reason: 'x'.repeat(2_000) }, { by: 'ada', reason: 'x'.repeat(2_000), via: 'temporal' }],
  ['by', {}, { by: UNKNOWN, via: 'temporal' }],
  ['by', { by: 'x'.repeat(200) }, { by: 'x'.repeat(200), via: 'temporal' }],
  ['stop', { by: 'ada' }, { by: 'ada', via: 'temporal' }],
  ['stop', { by: 'ada', via: 'cli' }, { by: 'ada', via: 'cli' }],
  [
    'reconfigure',
    { exchange: 'bybit', policy: DEFAULT_POLICY },
    { by: UNKNOWN, exchange: 'bybit', policy: DEFAULT_POLICY, via: 'temporal' },
  ],
  ['acknowledge', { by: 'ada', note: 'done' }, { by: 'ada', note: 'done', via: 'temporal' }],
  [
    'snooze',
    { by: 'ada', note: 'x', until: '2026-11-22T17:00:00+01:00' },
    { by: 'ada', note: 'x', until: '2026-11-22T16:00:00.000Z', via: 'temporal' },
  ],
  [
    'snooze',
    { by: 'ada', note: 'x', until: '2027-11-22T15:00:00Z' },
    { by: 'ada', note: 'x', until: '2027-11-22T15:00:00.000Z', via: 'temporal' },
  ],
  [
    'snooze again',
    { by: 'ada', note: 'x', until: '2020-01-01T00:00:00Z' },
    { by: 'ada', note: 'x', until: '2020-01-01T00:00:00.000Z', via: 'temporal' },
  ],
  ['by', { by: 'ada', via: 'http' }, { by: 'ada', via: 'http' }],
  [
    'acknowledge',
    { by: 'ada', note: 'done', via: 'link', channel: 'phone', requestId: 'link/1' },
    { by: 'ada', note: 'done', via: 'link', channel: 'phone', requestId: 'link/1' },
  ],
  ['reason', REASON, { ...REASON, at: '2026-11-22T15:00:00.000Z' }],
  ['reason', { ...REASON, ...MARKS }, { ...REASON, ...MARKS, at: '2026-11-22T15:00:00.000Z' }],
  [
    'reason',
    { ...REASON, severity: null, closesGate: null, sharedCause: ' ' },
    { ...REASON, at: '2026-11-22T15:00:00.000Z' },
  ],
  ['start', { ...START, carried: { runNumber: 9 } }, START],
  [
    'start of an intervention',
    INTERVENTION,
    { ...INTERVENTION, reasons: [{ ...REASON, at: '2026-11-22T15:00:00.000Z' }] },
  ],
  ['carried intervention', CARRIED, CARRIED],
];

const REFUSED: [name: string, payload: unknown, says: RegExp][] = [
  ['pause', { by: 'ada', more: 1 }, /unknown field "more"/],
  ...names.flatMap((name): [string, unknown, RegExp][] => [
    [name, 'ada', /the payload is "ada"; it must be an object with/],
    [name, 12345, /the payload is 12345/],
    [name, true, /the payload is true/],
    [name, [1], /the payload is a list/],
  ]),
  ['pause', { by: 7 }, /by is 7; it must be a text/],
  ['pause', { by: 'x'.repeat(201) }, /by has 201 characters; at most 200 are taken/],
  ['pause', { reason: ['x'] }, /reason is a list/],
  ['pause', { reason: 'x'.repeat(2_001) }, /reason has 2001 characters/],
  ['by', { by: {} }, /by is an object/],
  ['by', { via: 'mail' }, /via is "mail"; it must be one of cli, http/],
  ['pause', { via: 'link', channel: 'x'.repeat(201) }, /channel has 201 characters/],
  ['acknowledge', { by: 'ada', note: 'x', via: null }, /via is null/],
  ['acknowledge', { by: 'ada', note: 'x', requestId: '' }, /which request it is/],
  ['snooze', { by: 'ada', note: 'x', until: '2026-11-23T00:00:00Z', requestId: 7 }, /requestId is 7/],
  ['stop', undefined, /say who stops it \(by\)/],
  ['stop', { by: '\u200b' }, /say who stops it \(by\)/],
  ['reconfigure', { by: 'ada', exchange: '', policy: DEFAULT_POLICY }, /exchange is ""/],
  ['reconfigure', { by: 'ada', exchange: 'x'.repeat(101), policy: DEFAULT_POLICY }, /exchange is/],
  ['reconfigure', { by: 'ada', exchange: 'bybit' }, /policy is missing/],
  ['acknowledge', { note: 'done' }, /say who acknowledges/],
  ['acknowledge', { by: 'ada' }, /say what was found and done/],
  ['acknowledge', { by: 'ada', note: 'x'.repeat(2_001) }, /note has 2001/],
  ['snooze', { note: 'x', until: '2026-11-23T00:00:00Z' }, /say who snoozes/],
  ['snooze', { by: 'ada', until: '2026-11-23T00:00:00Z' }, /say why it can wait/],
  ['snooze', { by: 'ada', note: 'x', until: '2026-11-22T15:00:00Z' }, /not in the future/],
  ['snooze', { by: 'ada', note: 'x', until: '2027-11-24T15:00:00Z' }, /over a year ahead/],
  ['snooze', { by: 'ada', note: 'x', until: '12345-01-01T00:00:00Z' }, /must be a time/],
  ['snooze', { by: 'ada', note: 'x', until: '+012345-01-01T00:00:00Z' }, /must be a time/],
  ['snooze', { by: 'ada', note: 'x', until: '2026-13-01T00:00:00Z' }, /must be a time/],
  ['snooze', { by: 'ada', note: 'x', until: '1969-01-01T00:00:00Z' }, /must be a time/],
  ['snooze', { by: 'ada', note: 'x', until: NOW + 1 }, /must be a time/],
  ['snooze', { by: 'ada', note: 'x', until: 'Nov 23 2026 00:00' }, /must be a time/],
  ['snooze', { by: 'ada', note: 'x', until: '2026-11-23' }, /must be a time/],
  ['reason', { ...REASON, action: '' }, /say what it is about/],
  ['reason', { ...REASON, text: undefined }, /say what happened/],
  ['reason', { ...REASON, at: 'now' }, /at is "now"/],
  ['reason', { ...REASON, severity: 'low' }, /severity is "low"; it must be notify or page/],
  ['reason', { ...REASON, closesGate: 'no' }, /closesGate is "no"/],
  ['reason', { ...REASON, sharedCause: 7 }, /sharedCause is 7/],
  ['start', { ...START, account: 'Main' }, /account is "Main"/],
  ['start', { ...START, account: 'x'.repeat(64) }, /account is/],
  ['start', { ...START, account: undefined }, /account is missing/],
  ['start', { ...START, exchange: null }, /exchange is null/],
  ['start', { ...START, policy: { ...DEFAULT_POLICY, confirmations: 1 } }, /confirmations is 1/],
  ['start of an intervention', { ...INTERVENTION, reminderMinutes: [] }, /reminderMinutes/],
  ['start of an intervention', { ...INTERVENTION, reminderMinutes: [0] }, /reminderMinutes/],
  ['start of an intervention', { ...INTERVENTION, reminderMinutes: [10_081] }, /reminderMinutes/],
  ['start of an intervention', { ...INTERVENTION, reminderMinutes: [1.5] }, /reminderMinutes/],
  ['start of an intervention', { ...INTERVENTION, reminderMinutes: Array(1_001).fill(1) }, /reminderMinutes/],
  ['start of an intervention', { ...INTERVENTION, reasons: [] }, /reasons is a list; it must list 1 to 100/],
  [
    'start of an intervention',
    { ...INTERVENTION, reasons: Array.from({ length: 101 }, () => REASON) },
    /reasons is a list/,
  ],
  ['start of an intervention', { ...INTERVENTION, reasons: [REASON, 7] }, /the payload is 7/],
  ['start of an intervention', { ...INTERVENTION, account: '..' }, /account is/],
  ['start of an intervention', { ...INTERVENTION, exchange: 7 }, /exchange is 7/],
  ['carried intervention', { ...CARRIED, interventionId: '' }, /which intervention it is/],
  ['carried intervention', { ...CARRIED, openedAt: 'once' }, /openedAt is "once"/],
  ['carried intervention', { ...CARRIED, notifiedTimes: -1 }, /notifiedTimes is -1/],
  ['carried intervention', { ...CARRIED, notifiedTimes: 0.5 }, /notifiedTimes is 0.5/],
  ['carried intervention', { ...CARRIED, snoozedUntil: 'later' }, /snoozedUntil is "later"/],
];

describe('a payload', () => {
  it.each(TAKEN)('for %s is taken: %j', (name, payload, value) => {
    expect(VALIDATORS[name]?.(payload)).toEqual({ ok: true, value });
  });

  it.each(REFUSED)('for %s is refused: %j', (name, payload, says) => {
    expect(VALIDATORS[name]?.(payload)).toEqual({ ok: false, problem: expect.stringMatching(says) });
  });
});

describe('an update', () => {
  it('takes one payload, or none', () => {
    expect([validate.payloadsProblem([]), validate.payloadsProblem([{}])]).toEqual([null, null]);
    expect(validate.payloadsProblem([{}, 'x'])).toBe('it takes one payload, and 2 came');
  });
});

describe('the sender of a refused message', () => {
  it('is the name it gives, and otherwise unknown', () => {
    expect(validate.senderOf({ by: 'ada', reason: 7 })).toBe('ada');
    for (const payload of [undefined, null, 7, 'ada', ['ada'], {}, { by: 7 }, { by: 'x'.repeat(201) }, { by: ' ' }]) {
      expect(validate.senderOf(payload)).toBe(UNKNOWN);
    }
  });
});

describe('a reason of our own', () => {
  it('is cut to the limits of an intervention', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5_000 }), fc.string({ maxLength: 5_000 }), (action, text) => {
        const bounded = validate.boundedReason({ action, text, at: REASON.at });
        expect(validate.checkReason(bounded)).toMatchObject({ ok: true });
      }),
      { numRuns: 300 },
    );
    const bounded = validate.boundedReason({ action: '\u200b', text: 'x'.repeat(3_000), at: REASON.at });
    expect(bounded).toEqual({ action: '-', text: `${'x'.repeat(1_999)}…`, at: REASON.at });
    expect(validate.boundedReason({ ...REASON, ...MARKS })).toEqual({ ...REASON, ...MARKS });
  });
});
