import type { Difference } from '../../src/domain/difference/difference.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { FailureRecord, Ledger, VerdictRecord } from '../../src/ledger/contract/ledger.js';

/** A position that only the exchange has. */
export const OPENED: Difference = {
  type: 'POSITION_OPENED_EXTERNALLY',
  symbol: 'BTC/USDT:USDT',
  side: null,
  orderId: null,
  clientOrderId: null,
  exchange: { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.500', changedAt: null },
  internal: null,
};

/** An execution belongs to one account. */
export function executionOf(account: string): string {
  const hex = Buffer.from(account).toString('hex').padEnd(12, '0').slice(0, 12);
  return `00000000-0000-4000-8000-${hex}`;
}

export function verdict(account: string, runNumber: number, changes: Partial<VerdictRecord> = {}): VerdictRecord {
  return {
    key: { account, workflowRunId: executionOf(account), runNumber },
    trigger: 'schedule',
    startedAt: new Date(),
    looks: 1,
    compared: ['orders', 'positions'],
    notCompared: [],
    ignored: {},
    positions: { exchange: 1, internal: 0 },
    orders: { exchange: 0, internal: 0 },
    confirmed: [],
    causes: [],
    unconfirmed: [],
    agreed: [],
    ...changes,
  };
}

export function timedOut(account: string, runNumber: number, consecutiveFailures: number): FailureRecord {
  return {
    key: { account, workflowRunId: executionOf(account), runNumber },
    trigger: 'schedule',
    startedAt: new Date(),
    looks: 0,
    failure: {
      kind: 'timeout',
      side: 'exchange',
      message: 'fapi/v1/openOrders did not answer within 10 s',
      where: 'orders:regular:linear',
      remedy: 'see whether the exchange is well',
      retryAfterMs: null,
    },
    consecutiveFailures,
    threshold: 3,
    thresholdReached: false,
  };
}

export const drift: Pick<VerdictRecord, 'confirmed' | 'looks'> = {
  looks: 2,
  confirmed: [
    {
      identity: 'position|BTC/USDT:USDT',
      difference: OPENED,
      description: 'BTC/USDT:USDT: the exchange holds 0.5 BTC long, the bot has none',
      remedy: "add 0.5 BTC long to the bot's state, or close 0.5 BTC on the exchange",
    },
  ],
};

/** `clean` matched once; `drifting` matched, drifted twice and then failed; `fresh` has never run. */
export async function recordScenario(ledger: Ledger): Promise<void> {
  for (const account of ['clean', 'drifting', 'fresh']) {
    await ledger.registerAccount({ account, exchange: 'binanceusdm', policy: DEFAULT_POLICY });
  }
  await ledger.recordVerdict(verdict('clean', 1));
  await ledger.recordVerdict(verdict('drifting', 1));
  await ledger.recordVerdict(verdict('drifting', 2, drift));
  await ledger.recordVerdict(verdict('drifting', 3, drift));
  await ledger.openIntervention({
    account: 'drifting',
    interventionId: 'intervention-1',
    reasons: [{ action: OPENED.type, text: 'a position nobody knows', at: new Date().toISOString() }],
  });
  await ledger.recordFailure({ ...timedOut('drifting', 4, 1), trigger: 'forced' });
}
