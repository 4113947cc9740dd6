import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DISCREPANCY_TYPES } from '../../src/domain/difference/difference.js';
import { FAILURE_KINDS, type Failure } from '../../src/domain/failure/failure.js';
import type { InterventionReason } from '../../src/domain/lifecycle/intervention.js';
import { OCCASIONS } from '../../src/domain/lifecycle/occasion.js';
import { SEVERITIES } from '../../src/domain/policy/severity.js';
import { composeMessage, type CallMember, type MessageInput } from '../../src/notify/compose-message.js';
import type { CallFacts, StandingDiscrepancy } from '../../src/notify/message/call-facts.js';
import { bothSides } from '../domain/arbitraries.js';
import { UNSEEN } from '../domain/unseen-characters.js';
import { rounds } from '../support/thorough.js';
import { after, drift, factsOf } from './calls.js';

const SECRET = 'sk-live-4711';
const NOW = after(45);

/** Text of an exchange, a bot or a person: of any length, with unseen characters, lines and secrets in it. */
const outside = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.string({ maxLength: 80 }) },
      fc.constantFrom(...UNSEEN, '\n', '://', ' ', 'x'.repeat(3_000), SECRET, 'it is back: ', ' (', ')', ': '),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const reason: fc.Arbitrary<InterventionReason> = fc.record(
  {
    action: fc.oneof(
      fc.constantFrom(
        ...DISCREPANCY_TYPES,
        'RECONCILIATION_FAILURE_THRESHOLD',
        'UNSETTLED',
        'NOT_COMPARED',
        'RESTORED',
      ),
      outside,
    ),
    text: fc.oneof(
      outside,
      outside.map((text) => `3 runs in a row failed (threshold 3): ${text}`),
      outside.map((text) => `${text} could not be confirmed in 3 runs in a row (it may be ORDER_FILL_MISSED): ${text}`),
      outside.map((text) => `positions:linear ${text} is no longer compared: ${text}`),
    ),
    at: fc.constant(after(0).toISOString()),
    sharedCause: fc.constantFrom('failure:exchange:bybit:exchange_down', 'failure:ledger:ledger_down', 'x'),
  },
  { requiredKeys: ['action', 'text', 'at'] },
);

/** Open discrepancies of a real comparison, with outside text in their names. */
const standing: fc.Arbitrary<{ standing: StandingDiscrepancy[]; reasons: InterventionReason[] }> = fc
  .tuple(bothSides, outside, fc.option(fc.record({ by: outside, note: outside, until: fc.constant(after(600)) })))
  .map(([[exchange, internal], name, accepted]) => {
    const found = drift(exchange, internal);
    const rows = found.standing.map((row, index) => ({
      ...row,
      symbol: index % 3 === 0 ? `${row.symbol}${name}` : row.symbol,
      difference: index % 3 === 0 ? { ...row.difference, symbol: `${row.symbol}${name}` } : row.difference,
      remedy: index % 4 === 0 ? `${row.remedy}${name}` : row.remedy,
      accepted: index % 5 === 0 ? accepted : null,
    }));
    return { standing: rows, reasons: found.reasons };
  });

const failure: fc.Arbitrary<Failure> = fc.record({
  kind: fc.constantFrom(...FAILURE_KINDS),
  side: fc.constantFrom('exchange', 'internal', 'ledger', 'plumbline'),
  message: outside,
  where: fc.constant(null),
  remedy: outside,
  retryAfterMs: fc.constant(null),
});

const call: fc.Arbitrary<{ reasons: InterventionReason[]; facts: CallFacts | null }> = fc
  .tuple(standing, fc.array(reason, { maxLength: 30 }), fc.option(failure), fc.nat(300), fc.boolean())
  .map(([found, others, failed, unlisted, isKnown]) => ({
    reasons: [...found.reasons, ...others],
    facts: isKnown
      ? {
          ...factsOf(found.standing, { now: NOW, failure: failed }),
          openDiscrepancies: found.standing.length + unlisted,
        }
      : null,
  }));

const input: fc.Arbitrary<MessageInput> = fc
  .record({
    calls: fc.oneof(
      { weight: 3, arbitrary: fc.array(call, { minLength: 1, maxLength: 1 }) },
      fc.array(call, { minLength: 2, maxLength: 4 }),
    ),
    times: fc.constantFrom(1, 1, 10, 50),
    occasion: fc.constantFrom(...OCCASIONS.filter((each) => each !== 'test')),
    severity: fc.constantFrom(...SEVERITIES),
    answer: fc.option(fc.record({ by: outside, note: outside }), { nil: undefined }),
    name: fc.constantFrom('main', 'a-rather-long-account-name-of-sixty-three-characters-in-all-0123'),
  })
  .map(({ calls, times, occasion, severity, answer, name }) => {
    const all =
      calls.length === 1 ? calls : Array.from({ length: calls.length * times }, (_, i) => calls[i % calls.length]);
    const members = all.map((each, index): CallMember => ({
      account: `${name}-${index}`,
      exchange: 'bybit',
      occasion,
      severity,
      openedAt: after(0).toISOString(),
      reasons: each?.reasons ?? [],
    }));
    return {
      key: 'k',
      thread: 't',
      members,
      facts: new Map(
        members.flatMap(({ account }, index) => {
          const facts = all[index]?.facts ?? null;
          return facts === null ? [] : [[account, { ...facts, account }] as const];
        }),
      ),
      ...(answer !== undefined && { answer }),
      link: null,
      now: NOW,
      redact: (text) => text.replaceAll(SECRET, '[redacted]'),
    };
  });

const unseen = new Set(UNSEEN.filter((character) => character !== '\n'));

describe('a message for any call', () => {
  it('is bounded, in complete lines, and has no invisible character and no secret', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { subject, text } = composeMessage(given);
        expect(subject.length).toBeLessThanOrEqual(120);
        expect(subject).not.toMatch(/[\n\r]/);
        expect(text.length).toBeLessThanOrEqual(3_500);
        expect(text.split('\n').filter((line) => line.length > 400)).toEqual([]);
        expect(Array.from(subject + text).filter((character) => unseen.has(character))).toEqual([]);
        expect(`${subject}\n${text}`).not.toContain(SECRET);
      }),
      { numRuns: rounds(100) },
    );
  });

  it('names every account, or counts it', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { text, subject, accounts } = composeMessage(given);
        expect(accounts).toEqual(given.members.map(({ account }) => account));
        const words = new Set(`${subject} ${text}`.split(/[\s,:]+/));
        const named = accounts.filter((account) => words.has(account));
        const counted = Number(/ and (\d+) more$/m.exec(text)?.[1] ?? 0);
        expect(accounts.length === 1 ? named.length : named.length + counted).toBeGreaterThanOrEqual(accounts.length);
      }),
      { numRuns: rounds(70) },
    );
  });

  it('ends with the safe steps in their order if something is open', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { text, occasion } = composeMessage(given);
        const steps = Array.from(text.matchAll(/^(\d)\. (Look|Fix|Check|Acknowledge)/gm), ([, number, step]) => [
          number,
          step,
        ]);
        if (steps.length === 0) return;
        const all = [
          ['1', 'Look'],
          ['2', 'Fix'],
          ['3', 'Check'],
          ['4', 'Acknowledge'],
        ];
        // After the acknowledgement, nobody is asked for another one. Groups are not answered by one person.
        const mayBeAnswered = occasion === 'resolved' && given.answer !== undefined;
        const isAnswered = occasion === 'acknowledged' || (mayBeAnswered && steps.length === 3);
        expect(steps.slice(-all.length)).toEqual(isAnswered ? all.slice(0, 3) : all);
      }),
      { numRuns: rounds(70) },
    );
  });

  it('says that both sides agree again only if the ledger knows of no difference', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { text, subject, accounts } = composeMessage(given);
        const facts = accounts.map((account) => given.facts.get(account));
        const mayAgree = facts.every((each) => each?.openDiscrepancies === 0 && each.failure === null);
        expect(!mayAgree && `${subject} ${text}`.includes('agree again')).toBe(false);
      }),
      { numRuns: rounds(70) },
    );
  });

  it('is the same for the same call', () => {
    fc.assert(
      fc.property(input, (given) => {
        expect(composeMessage(given)).toEqual(composeMessage(given));
      }),
      { numRuns: rounds(20) },
    );
  });
});
