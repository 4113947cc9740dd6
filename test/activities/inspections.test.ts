import { describe, expect, it } from '@jest/globals';
import { createInspections } from '../../src/activities/inspections.js';
import type { Finding } from '../../src/domain/account/inspection.js';
import type { AnsweredKeyAudit } from '../../src/domain/account/key-audit.js';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';

const HOUR_MS = 3_600_000;
const NOTHING = { canTrade: null, canWithdraw: null, ipRestricted: null };

/** A reader with a key, a ledger that may be away, and a clock that a test moves. */
function scene() {
  const found: Finding[] = [];
  const state = { now: 0, asked: 0, answer: 'told' as AnsweredKeyAudit['answer'], ledgerAway: false };
  const reader = (): ExchangeInspector =>
    ({
      exchangeId: 'binanceusdm',
      verifiedProfile: true,
      auditKey: async () => {
        state.asked += 1;
        return { answer: state.answer, ...NOTHING, note: 'says hunter2' };
      },
    }) as unknown as ExchangeInspector;
  const ledger = {
    async recordFinding(_account: string, finding: Finding) {
      if (state.ledgerAway) throw new Error('away');
      found.push(finding);
    },
  } as unknown as Ledger;
  const inspectIfDue = createInspections({
    ledger,
    redact: (text) => text.replace('hunter2', '[redacted]'),
    now: () => state.now,
  });
  return { state, found, reader, inspectIfDue };
}

describe('asking what a key may do', () => {
  it('is done once a day, not in every run', async () => {
    const { state, found, reader, inspectIfDue } = scene();
    const one = reader();
    for (const hour of [0, 0.5, 12, 23.9, 24, 30, 47, 48]) {
      state.now = hour * HOUR_MS;
      await inspectIfDue('main', one, {});
    }
    expect({ asked: state.asked, found: found.length }).toEqual({ asked: 3, found: 3 });
  });

  it('is done at once for each new key, and reports nothing secret', async () => {
    const { found, reader, inspectIfDue } = scene();
    await inspectIfDue('main', reader(), {});
    await inspectIfDue('main', reader(), {});
    expect(found.map(({ key }) => key.note)).toEqual(['says [redacted]', 'says [redacted]']);
  });

  it.each([
    ['the exchange did not answer', { answer: 'failed' }],
    ['the ledger was away', { ledgerAway: true }],
  ] as const)('is done again an hour later where %s, and fails nothing', async (_name, trouble) => {
    const { state, reader, inspectIfDue } = scene();
    const one = reader();
    Object.assign(state, trouble);
    for (const hour of [0, 0.9, 1, 1.5]) {
      state.now = hour * HOUR_MS;
      await inspectIfDue('main', one, {});
    }
    expect(state.asked).toBe(2);
  });

  it('is not done twice by two reads at the same time', async () => {
    const { state, reader, inspectIfDue } = scene();
    const one = reader();
    await Promise.all([inspectIfDue('main', one, {}), inspectIfDue('main', one, {})]);
    expect(state.asked).toBe(1);
  });
});
