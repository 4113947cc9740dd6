import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { Difference } from '../../src/domain/difference/difference.js';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy/policy.js';
import type { OpenOrder, Position, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import type { Ledger, VerdictRecord } from '../../src/ledger/contract/ledger.js';
import { verdict as recordOf } from '../http/ledger-scenario.js';

/*
 * Accounts in every standing, with a month of runs, recorded in a real ledger: for the tests of the pages and for their pictures.
 */

export const HOSTILE_SYMBOL = `"><img src=x onerror=alert(1)>/USDT:USDT`;
export const HOSTILE_ID = `1</code><script>alert("id")</script>'"\u202e&amp;`;

const POLICY: Policy = {
  ...DEFAULT_POLICY,
  intervalMinutes: 30,
  escalation: [
    { afterMinutes: 0, channels: ['telegram'] },
    { afterMinutes: 90, channels: ['pagerduty'] },
  ],
};

function executionOf(account: string): string {
  return `00000000-0000-4000-8000-${createHash('sha256').update(account).digest('hex').slice(0, 12)}`;
}

function verdict(account: string, runNumber: number, changes: Partial<VerdictRecord> = {}): VerdictRecord {
  return recordOf(account, runNumber, {
    key: { account, workflowRunId: executionOf(account), runNumber },
    startedAt: new Date(Date.now() - 1_400),
    compared: ['positions:linear:USDT', 'orders:regular:linear', 'orders:conditional:linear'],
    positions: { exchange: 2, internal: 2 },
    orders: { exchange: 3, internal: 3 },
    nextRunAt: new Date(Date.now() + 30 * 60_000),
    ...changes,
  });
}

const opened: Extract<Difference, { type: 'POSITION_OPENED_EXTERNALLY' }> = {
  type: 'POSITION_OPENED_EXTERNALLY',
  symbol: 'BTC/USDT:USDT',
  side: null,
  orderId: null,
  clientOrderId: null,
  exchange: { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.500', changedAt: null },
  internal: null,
};
const stop: OpenOrder = {
  id: '8389765512',
  clientOrderId: 'bot-17-sl',
  symbol: 'ETH/USDT:USDT',
  side: 'sell',
  type: 'stop_market',
  price: null,
  triggerPrice: '2310',
  amount: '4',
  filled: '0',
  conditional: true,
  changedAt: null,
};
const missing: Difference = {
  type: 'ORDER_MISSING_ON_EXCHANGE',
  symbol: 'ETH/USDT:USDT',
  side: null,
  orderId: '8389765512',
  clientOrderId: 'bot-17-sl',
  exchange: null,
  internal: stop,
  explanation: { cause: 'canceled', filled: '0', averagePrice: null, at: Date.now() - 900_000, source: 'order query' },
};

const driftOf = (difference: Difference, description: string, remedy: string): VerdictRecord['confirmed'][number] => ({
  identity: `${difference.type.startsWith('ORDER') ? 'order' : 'position'}|${difference.symbol}|${difference.orderId ?? ''}`,
  difference,
  description,
  remedy,
});

const DRIFT: [VerdictRecord['confirmed'][number], VerdictRecord['confirmed'][number]] = [
  driftOf(
    opened,
    'BTC/USDT:USDT: the exchange holds 0.5 BTC long, the bot has none',
    "add 0.5 BTC long to the bot's state, or close 0.5 BTC on the exchange",
  ),
  driftOf(
    missing,
    'ETH/USDT:USDT: order 8389765512 ("bot-17-sl") is open in the bot\'s state and was cancelled on the exchange',
    "remove order 8389765512 from the bot's state, or place it again: the position has no stop",
  ),
];

/** Everything, in every standing. Names of accounts are `good`, `called`, `drifting`, `failing`, `paused`, ... */
export async function recordPages(
  ledger: Ledger,
  databaseUrl: string,
  options: { calmOnly?: boolean; history?: boolean } = {},
) {
  const { calmOnly = false, history = true } = options;
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const register = async (account: string, exchange = 'binanceusdm', changes: Partial<Policy> = {}): Promise<void> => {
    await ledger.registerAccount({
      account,
      exchange,
      policy: { ...POLICY, ...changes },
      by: 'ada',
      nextRunAt: new Date(Date.now() + 12 * 60_000),
    });
    // Registered long ago, so that its past is not empty.
    await forge(client, `registered_at = now() - interval '26 days'`, account);
    if (history) await past(client, account);
  };
  try {
    for (const [account, exchange] of CALM) {
      await register(account, exchange);
      await ledger.recordVerdict(verdict(account, 1_500));
    }
    if (calmOnly) return await (history ? age(client) : undefined);
    await register('called');
    await store(ledger, 'called', 1_500);
    await ledger.recordVerdict(verdict('called', 1_500, { looks: 2, confirmed: DRIFT }));
    await ledger.openIntervention({
      account: 'called',
      interventionId: 'called-1',
      reasons: DRIFT.map(({ difference: { type }, description: text }) => ({
        action: type,
        text,
        at: new Date(Date.now() - 76 * 60_000).toISOString(),
      })),
    });
    await notified(ledger);
    await register('drifting', 'okx');
    await ledger.recordVerdict(verdict('drifting', 1_500, { looks: 2, confirmed: DRIFT.slice(0, 1) }));
    await answered(ledger, 'drifting', 'I am on it: closing the position');
    await register('hostile', 'bybit');
    await hostile(ledger);
    await register('failing', 'bitget');
    await ledger.recordFailure({
      key: { account: 'failing', workflowRunId: executionOf('failing'), runNumber: 1_500 },
      trigger: 'schedule',
      startedAt: new Date(),
      looks: 0,
      failure: {
        kind: 'timeout',
        side: 'exchange',
        message: 'mix/order/orders-pending did not answer within 10 s',
        where: 'orders:regular:linear',
        remedy: 'see whether the exchange is well; the next run asks again',
        retryAfterMs: null,
      },
      consecutiveFailures: 1,
      threshold: 3,
      thresholdReached: false,
      nextRunAt: new Date(Date.now() + 25 * 60_000),
    });
    await register('late', 'gate');
    await ledger.recordVerdict(verdict('late', 1_500, { nextRunAt: new Date(Date.now() + 3_600_000) }));
    await forge(client, `expected_at = now() - interval '11 minutes'`, 'late');
    await register('gaps', 'krakenfutures');
    await ledger.recordVerdict(
      verdict('gaps', 1_500, {
        notCompared: [
          {
            scope: 'orders:conditional:linear',
            missing: 'internal',
            reason: 'the bot does not report conditional orders',
          },
          {
            scope: 'positions:linear',
            symbol: 'FTM/USDT:USDT',
            missing: 'exchange',
            code: 'SYMBOL_UNKNOWN',
            reason: 'renamed or delisted',
          },
        ],
      }),
    );
    await register('paused', 'kucoin');
    await ledger.recordVerdict(verdict('paused', 1_500));
    await ledger.recordPause({
      account: 'paused',
      paused: true,
      by: 'ada',
      reason: 'maintenance of the bot',
      requestId: 'p1',
      nextRunAt: null,
    });
    await register('accepted', 'hyperliquid');
    await ledger.recordVerdict(verdict('accepted', 1_500, { looks: 2, confirmed: DRIFT.slice(0, 1) }));
    await answered(ledger, 'accepted', 'hedged by hand until the bot knows it');
    await ledger.acceptDiscrepancies({
      account: 'accepted',
      discrepancyIds: null,
      by: 'grace',
      note: 'hedged by hand until the bot knows it',
      until: new Date(Date.now() + 4 * 3_600_000),
    });
    await register('fresh', 'binance');
    await forge(client, 'registered_at = now()', 'fresh');
    if (history) await age(client);
  } finally {
    await client.end();
  }
}

type Table = 'account' | 'discrepancy' | 'intervention' | 'notification';

/** Changes columns as only the owner of the tables can: `verify` would find it. */
export async function forge(
  client: Client,
  assignment: string,
  account: string,
  table: Table = 'account',
): Promise<void> {
  await client.query(`alter table plumbline.${table} disable trigger ${table}_needs_record`);
  await client.query(`update plumbline.${table} set ${assignment} where account = $1`, [account]);
  await client.query(`alter table plumbline.${table} enable always trigger ${table}_needs_record`);
}

/** So that pictures do not show that everything happened seconds ago. */
async function age(client: Client): Promise<void> {
  const ago = (minutes: number): string => `now() - interval '${minutes} minutes'`;
  const accounts = [
    ...CALM.map(([name]) => name),
    'called',
    'drifting',
    'hostile',
    'failing',
    'gaps',
    'paused',
    'accepted',
  ];
  for (const [index, account] of accounts.entries()) {
    const minutes = ((index * 7) % 27) + 1;
    const success = account === 'failing' ? minutes + 30 : minutes;
    const expected = account === 'paused' ? '' : `, expected_at = now() + interval '${30 - minutes} minutes'`;
    await forge(client, `last_run_at = ${ago(minutes)}, last_success_at = ${ago(success)}${expected}`, account);
    await forge(
      client,
      `opened_at = ${ago(minutes + 60)}, last_seen_at = ${ago(minutes)}, times_seen = 3`,
      account,
      'discrepancy',
    );
    await forge(client, `opened_at = ${ago(minutes + 60)}`, account, 'intervention');
    await forge(
      client,
      `wanted_at = ${ago(minutes + 60)}, delivered_at = ${ago(minutes + 60)}`,
      account,
      'notification',
    );
  }
}

const CALM: readonly (readonly [string, string])[] = [
  ['market-maker-1', 'binanceusdm'],
  ['market-maker-2', 'binanceusdm'],
  ['grid-btc', 'okx'],
  ['grid-eth', 'okx'],
  ['trend', 'bybit'],
  ['carry', 'hyperliquid'],
];

/** A call that somebody has acknowledged. */
async function answered(ledger: Ledger, account: string, note: string): Promise<void> {
  const interventionId = `${account}-1`;
  const [{ difference, description }] = DRIFT;
  const reasons = [{ action: difference.type, text: description, at: new Date().toISOString() }];
  await ledger.openIntervention({ account, interventionId, reasons });
  await ledger.acknowledgeIntervention({ interventionId, by: 'grace', note, via: 'http' });
}

async function notified(ledger: Ledger): Promise<void> {
  const wanted = {
    id: 'called-1/telegram/called/1',
    account: 'called',
    exchange: 'binanceusdm',
    interventionId: 'called-1',
    channel: 'telegram',
    occasion: 'called' as const,
    severity: 'page' as const,
    openedAt: new Date().toISOString(),
    reasons: [],
    group: null,
  };
  const answer = await ledger.wantNotification(wanted);
  if (answer.kind === 'send') await ledger.recordDelivery(answer.batch, { id: 'message 4711', thread: null });
  await ledger.recordNotification({ interventionId: 'called-1', requestId: 'n1' });
}

async function hostile(ledger: Ledger): Promise<void> {
  const difference: Difference = {
    ...opened,
    symbol: HOSTILE_SYMBOL,
    exchange: { symbol: HOSTILE_SYMBOL, side: 'long', amount: '1', changedAt: null },
  };
  const placed: Difference = {
    type: 'ORDER_PLACED_EXTERNALLY',
    symbol: HOSTILE_SYMBOL,
    side: null,
    orderId: HOSTILE_ID,
    clientOrderId: HOSTILE_ID,
    exchange: { ...stop, id: HOSTILE_ID, clientOrderId: HOSTILE_ID, symbol: HOSTILE_SYMBOL },
    internal: null,
  };
  await store(ledger, 'hostile', 1_500, HOSTILE_SYMBOL, HOSTILE_ID);
  await ledger.recordVerdict(
    verdict('hostile', 1_500, {
      looks: 2,
      confirmed: [
        driftOf(difference, `${HOSTILE_SYMBOL}: the exchange holds 1 long`, `close ${HOSTILE_SYMBOL}`),
        driftOf(placed, `order ${HOSTILE_ID} is open on the exchange`, `cancel ${HOSTILE_ID}`),
      ],
      notCompared: [{ scope: `orders:<b>`, missing: 'both', reason: HOSTILE_ID }],
    }),
  );
}

/** The evidence of a run: both sides in two observations. */
async function store(
  ledger: Ledger,
  account: string,
  runNumber: number,
  symbol = 'BTC/USDT:USDT',
  id = '8389765513',
): Promise<void> {
  const key = { account, workflowRunId: executionOf(account), runNumber };
  const position = (of: string, amount: string): Position => ({
    symbol: of,
    side: 'long',
    amount,
    changedAt: Date.now() - 1_200_000,
  });
  const limit: OpenOrder = {
    ...stop,
    id,
    clientOrderId: null,
    symbol: 'SOL/USDT:USDT',
    type: 'limit',
    price: '141.25',
    triggerPrice: null,
    amount: '20',
    conditional: false,
  };
  for (const number of [1, 2]) {
    const side = (name: Snapshot['side'], positions: Position[], orders: OpenOrder[]): Snapshot => ({
      side: name,
      readStartedAt: Date.now() - 1_000,
      readEndedAt: Date.now() - (name === 'exchange' ? 640 : 910),
      asOf: Date.now() - 800,
      positionMode: 'one-way',
      scopes: ['positions:linear:USDT', 'orders:regular:linear', 'orders:conditional:linear'],
      gaps: [],
      positions,
      orders,
      balances: [],
      markets: {},
    });
    await ledger.putSnapshots(key, number, [
      side('exchange', [position('ETH/USDT:USDT', '4.000'), position(symbol, '0.500')], [limit]),
      side('internal', [position('ETH/USDT:USDT', '4')], [limit, stop]),
    ]);
  }
}

/** A month of runs before the first recorded one. They are only shown: their evidence does not exist. */
async function past(client: Client, account: string): Promise<void> {
  await client.query(
    `insert into plumbline.run (account, workflow_run_id, run_number, trigger, outcome, started_at, ended_at, looks,
       discrepancies, unsettled, compared, not_compared, ignored, consecutive_failures, answer)
     select $1, $2, 1440 - n, 'schedule',
       case when n in (11, 12, 700) and $1 in ('failing', 'called', 'trend') then 'failed'
            when n between 1 and 3 and $1 in ('called', 'drifting') then 'drifted'
            when n between 400 and 410 and $1 in ('called', 'grid-btc') then 'drifted' else 'matched' end,
       now() - n * interval '30 minutes' - interval '2 seconds', now() - n * interval '30 minutes', 1, 0, '[]', '["positions"]',
       case when n % 97 = 5 then '[{"scope":"orders","missing":"internal","reason":"not reported"}]' else '[]' end::json,
       '{}', 0, '{}'
     from generate_series(1239, 1, -1) n where n not between 500 and 512`,
    [account, executionOf(account)],
  );
}
