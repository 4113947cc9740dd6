import type { Failure } from '../../src/domain/failure/failure.js';
import { defaultRemedy } from '../../src/domain/failure/failure.js';
import type { InterventionOccasion } from '../../src/domain/lifecycle/occasion.js';
import type { MessageInput } from '../../src/notify/compose-message.js';
import { BTC, ETH, NOON, balance, order, position, stopOrder } from '../domain/snapshots.js';
import { OPENED, after, drift, factsOf, gateOf, inputOf, reason, type Drift } from './calls.js';

const canceled = { cause: 'canceled', filled: '0' } as const;
const filled = (amount: string, averagePrice = '60120') => ({ cause: 'filled', filled: amount, averagePrice }) as const;

function called({ reasons, standing }: Drift, exchange = 'binanceusdm'): MessageInput {
  const now = after(0);
  return inputOf({ reasons, exchange }, factsOf(standing, { now, exchange }), now);
}

const threshold = (answer: string, fields = {}) =>
  reason('RECONCILIATION_FAILURE_THRESHOLD', `3 runs in a row failed (threshold 3): ${answer}`, fields);

function failureOf(kind: Failure['kind'], side: Failure['side'], message: string): Failure {
  return { kind, side, message, where: null, remedy: defaultRemedy(kind), retryAfterMs: null };
}

const DRIFT = drift({ positions: [position()] }, {});
const SPOT = 'BTC/USDT';
const INVERSE = 'BTC/USD:BTC';

const DOWN = 'failure:exchange:binanceusdm:exchange_down';

function exchangeDown(count: number, occasion: InterventionOccasion, now: Date): MessageInput {
  const answer = 'binanceusdm GET /fapi/v3/account: no answer within 10 s';
  const base = inputOf({ occasion, reasons: [threshold(answer, { sharedCause: DOWN })] }, null, now);
  const accounts = Array.from(
    { length: count },
    (_, index) => `${['grid', 'trend', 'carry', 'maker'][index % 4]}-${String(index + 1).padStart(2, '0')}`,
  );
  const facts = accounts.map((account, index) =>
    factsOf([], {
      now,
      account,
      failure: failureOf('timeout', 'exchange', answer),
      gate: gateOf({ account, openInterventions: index < 38 ? 1 : 0, consecutiveFailures: 3 }, now),
    }),
  );
  return {
    ...base,
    members: accounts.flatMap((account) => base.members.map((member) => ({ ...member, account }))),
    facts: new Map(facts.map((each) => [each.account, each])),
  };
}

/** What a person gets, by the name of its file. */
export const GOLDEN: Record<string, () => MessageInput> = {
  'futures-position-opened': () => called(DRIFT),

  'futures-position-flipped': () =>
    called(drift({ positions: [position({ side: 'short', amount: '0.3' })] }, { positions: [position()] })),

  'freqtrade-position-closed': () =>
    called(
      drift(
        {},
        {
          positions: [position()],
          orders: [stopOrder({ id: '18', clientOrderId: null })],
          bots: [{ kind: 'freqtrade', trades: { [BTC]: { ids: ['7'], count: 1 } } }],
        },
        { ends: { 18: canceled } },
      ),
    ),

  'freqtrade-position-opened': () =>
    called(drift({ positions: [position()] }, { bots: [{ kind: 'freqtrade', trades: {} }] })),

  'freqtrade-stopped': () => {
    const now = after(0);
    const answer =
      'freqtrade http://127.0.0.1:8080, GET show_config: the bot is stopped: it answers with the trades of its last loop and does not update them';
    const facts = factsOf([], {
      now,
      failure: {
        ...failureOf('internal_stale', 'internal', answer),
        remedy: 'start the bot: `/start` in Telegram, or `POST /api/v1/start`',
      },
      lastSuccessAt: after(-45),
      gateState: { lastSuccessAt: after(-45), consecutiveFailures: 3 },
    });
    return inputOf({ reasons: [threshold(answer)] }, facts, now);
  },

  'futures-position-larger-with-baseline': () =>
    called(
      drift(
        { positions: [position({ amount: '0.9' })] },
        { positions: [position({ amount: '0.5' })] },
        { baseline: { positions: { [BTC]: '0.2' }, balances: {} } },
      ),
    ),

  'spot-balance-differs': () =>
    called(
      drift(
        { balances: [balance('BTC', '0.35'), balance('USDT', '1000')] },
        { balances: [balance('BTC', '0.5'), balance('USDT', '1000')] },
        {
          venueActions: [{ kind: 'withdrawal', symbol: 'BTC', change: '-0.15', price: null, at: NOON }],
        },
      ),
      'binance',
    ),

  'spot-order-filled-and-missed': () =>
    called(
      drift(
        { balances: [balance('BTC', '0.51'), balance('USDT', '398.8')] },
        {
          balances: [balance('BTC', '0.5'), balance('USDT', '1000')],
          orders: [order({ symbol: SPOT })],
        },
        { ends: { 17: filled('0.01') } },
      ),
      'binance',
    ),

  'spot-oco-filled': () =>
    called(
      drift(
        { balances: [balance('BTC', '0.4'), balance('USDT', '7600')] },
        {
          balances: [balance('BTC', '0.5'), balance('USDT', '1000')],
          orders: [
            order({
              id: '17',
              clientOrderId: 'tp',
              symbol: SPOT,
              side: 'sell',
              amount: '0.1',
              price: '66000',
              parent: '9',
            }),
            stopOrder({ id: '18', clientOrderId: 'sl', symbol: SPOT, amount: '0.1', parent: '9' }),
          ],
        },
        { ends: { 17: filled('0.1', '66000'), 18: canceled } },
      ),
      'binance',
    ),

  liquidation: () =>
    called(
      drift(
        {},
        {
          positions: [position()],
          orders: [
            stopOrder({ id: '17', clientOrderId: null }),
            stopOrder({ id: '18', clientOrderId: null, triggerPrice: '54000' }),
          ],
        },
        {
          ends: { 17: canceled, 18: canceled },
          venueActions: [{ kind: 'liquidation', symbol: BTC, change: '-0.5', price: '55000', at: NOON }],
        },
      ),
    ),

  'auto-deleveraging': () =>
    called(
      drift(
        { positions: [position({ amount: '0.2' })] },
        { positions: [position()] },
        { venueActions: [{ kind: 'deleveraging', symbol: BTC, change: '-0.3', price: '71000', at: NOON }] },
      ),
    ),

  'contracts-instead-of-coins': () => {
    const markets = { [BTC]: { amountStep: '0.001', contractSize: '0.001' } };
    return called(drift({ positions: [position()], markets }, { positions: [position({ amount: '500' })], markets }));
  },

  'inverse-contract': () => {
    const markets = { [INVERSE]: { amountStep: '100', contractSize: '100', price: '60000' } };
    const row = position({ symbol: INVERSE, amount: '30000' });
    return called(
      drift({ positions: [row], markets }, { positions: [{ ...row, amount: '25000' }], markets }),
      'binancecoinm',
    );
  },

  'several-reasons': () => {
    const found = drift(
      {
        positions: [position({ symbol: ETH, amount: '12' }), position({ amount: '0.5' })],
        orders: [
          order({ id: '31', clientOrderId: null, side: 'sell', price: '70000' }),
          order({ id: '32', filled: '0.006' }),
          order({ id: '33', price: '61000' }),
        ],
      },
      {
        positions: [position({ symbol: ETH, amount: '10' })],
        orders: [order({ id: '32', filled: '0.002' }), order({ id: '33', price: '60000' })],
      },
      { values: { [BTC]: '30060', [ETH]: '7000' } },
    );
    const now = after(0);
    const unsettled = reason(
      'UNSETTLED',
      'SOL/USDT:USDT could not be confirmed in 3 runs in a row (it may be POSITION_SIZE_CHANGED): the values changed in every observation',
    );
    return inputOf({ reasons: [...found.reasons, unsettled] }, factsOf(found.standing, { now }), now);
  },

  'twenty-five-reasons': () => {
    const symbols = Array.from({ length: 24 }, (_, index) => `COIN${index + 1}/USDT:USDT`);
    const found = drift(
      { positions: symbols.map((symbol, index) => position({ symbol, amount: String(index + 1) })) },
      {},
    );
    const now = after(0);
    const more = reason(
      'NOT_COMPARED',
      'orders:conditional:linear OLD/USDT:USDT is no longer compared: the bot lists a symbol that binanceusdm does not have',
    );
    return inputOf({ reasons: [...found.reasons.slice(0, 20), more] }, factsOf(found.standing, { now }), now);
  },

  'key-refused': () => {
    const answer =
      'binanceusdm GET /fapi/v3/account: 401 {"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}';
    const now = after(0);
    const facts = factsOf([], {
      now,
      failure: failureOf('authentication', 'exchange', answer),
      lastSuccessAt: after(-95),
      gateState: { lastSuccessAt: after(-95), consecutiveFailures: 3 },
    });
    return inputOf({ reasons: [threshold(answer)] }, facts, now);
  },

  'exchange-down-for-40-accounts': () => exchangeDown(40, 'called', after(0)),

  'exchange-down-reminder': () => {
    const down = exchangeDown(3, 'reminder', after(30));
    const members = down.members.map((member, index) =>
      index === 1 ? { ...member, reasons: [...member.reasons, ...DRIFT.reasons] } : member,
    );
    return { ...down, members };
  },

  'exchange-answers-again': () => {
    const down = exchangeDown(3, 'resolved', after(50));
    const facts = down.members.map(({ account }) =>
      factsOf([], { now: after(50), account, lastSuccessAt: after(49), gateState: { lastSuccessAt: after(49) } }),
    );
    return { ...down, facts: new Map(facts.map((each) => [each.account, each])) };
  },

  'bot-state-stale': () => {
    const now = after(0);
    const answer = 'http://bot:8080/state: as_of is 2026-11-29T01:12:40Z, 47 minutes old; at most 300 s are accepted';
    const facts = factsOf([], {
      now,
      failure: {
        ...failureOf('internal_stale', 'internal', answer),
        remedy: 'Check the bot: it may be frozen. `as_of` must be the time at which it last verified its state.',
      },
      lastSuccessAt: after(-45),
      gateState: { lastSuccessAt: after(-45), consecutiveFailures: 3 },
    });
    return inputOf({ reasons: [threshold(answer)] }, facts, now);
  },

  'keeps-changing': () => {
    const now = after(0);
    const text =
      'BTC/USDT:USDT could not be confirmed in 3 runs in a row (it may be POSITION_SIZE_CHANGED): the values changed in every observation';
    return inputOf({ reasons: [reason('UNSETTLED', text)] }, factsOf([], { now }), now);
  },

  'not-compared': () => {
    const now = after(0);
    const text =
      'positions:linear FTM/USDT:USDT is no longer compared: bybit has no market FTM/USDT:USDT; it may have been renamed or delisted';
    return inputOf(
      { exchange: 'bybit', reasons: [reason('NOT_COMPARED', text)] },
      factsOf([], { now, exchange: 'bybit' }),
      now,
    );
  },

  'new-reason': () => {
    const later = drift({ positions: [position()], orders: [order({ id: '88', clientOrderId: null })] }, {});
    const now = after(14);
    const standing = later.standing.map((row) =>
      row.difference.orderId === '88' ? { ...row, openedAt: after(14) } : row,
    );
    const reasons = later.reasons.filter(({ action }) => action === 'ORDER_PLACED_EXTERNALLY');
    return inputOf({ occasion: 'reason', reasons }, factsOf(standing, { now, lastSuccessAt: after(14) }), now);
  },

  'reminder-after-2-hours': () => {
    const moved = drift({ positions: [position({ amount: '0.8' })] }, {});
    const now = after(120);
    const facts = factsOf(moved.standing, { now, lastSuccessAt: after(118), gateState: { lastSuccessAt: after(118) } });
    return inputOf({ occasion: 'reminder', reasons: DRIFT.reasons }, facts, now);
  },

  'acknowledged-while-it-stands': () => {
    const now = after(12);
    const facts = factsOf(DRIFT.standing, { now, lastSuccessAt: after(10), gateState: { openInterventions: 0 } });
    const answer = { by: 'ada', note: 'I opened it by hand, closing it now' };
    return inputOf({ occasion: 'acknowledged', reasons: DRIFT.reasons }, facts, now, { answer });
  },

  accepted: () => {
    const now = after(25);
    const accepted = { by: 'ada', note: 'hedge for the options desk', until: new Date('2026-11-29T18:00:00Z') };
    const standing = DRIFT.standing.map((row) => ({ ...row, accepted }));
    const facts = factsOf(standing, { now, lastSuccessAt: after(20), gateState: { openInterventions: 0 } });
    const answer = { by: 'ada', note: 'hedge for the options desk, accepted until tonight' };
    return inputOf({ occasion: 'acknowledged', reasons: DRIFT.reasons }, facts, now, { answer });
  },

  resolved: () => {
    const now = after(312);
    const facts = factsOf([], { now, lastSuccessAt: after(310), gateState: { lastSuccessAt: after(310) } });
    return inputOf({ occasion: 'resolved', reasons: DRIFT.reasons }, facts, now);
  },

  'hostile-symbols': () => {
    const symbol = 'CLAIM https://evil.example/\u202Egpj.exe\u0007\n\n@everyone/USDT:USDT';
    const found = drift(
      {
        positions: [position({ symbol, amount: '1000000' })],
        orders: [order({ symbol, id: '\u001b[2J17', clientOrderId: '<!channel>' })],
      },
      {},
    );
    return called(found, 'hyperliquid');
  },

  'order-canceled-not-urgent': () => {
    const found = drift({}, { orders: [order()] }, { ends: { 17: canceled } });
    const now = after(0);
    const gateState = { blockingDiscrepancies: 0, openInterventions: 0 };
    return inputOf({ severity: 'notify', reasons: found.reasons }, factsOf(found.standing, { now, gateState }), now);
  },

  'over-at-the-second-rung': () => {
    const now = after(10);
    const facts = factsOf([], { now, lastSuccessAt: after(8), gateState: { lastSuccessAt: after(8) } });
    return inputOf({ reasons: DRIFT.reasons }, facts, now);
  },

  'partly-over': () => {
    const now = after(60);
    const both = drift({ positions: [position(), position({ symbol: ETH, amount: '2' })] }, {});
    const facts = factsOf(DRIFT.standing, { now, lastSuccessAt: after(58), gateState: { lastSuccessAt: after(58) } });
    return inputOf({ occasion: 'reminder', reasons: both.reasons }, facts, now);
  },

  'ledger-away': () => inputOf({ occasion: 'reminder', reasons: DRIFT.reasons }, null, after(35)),

  'back-after-a-fix': () => {
    const [first] = DRIFT.reasons;
    const text = `${first?.text} (it is back: resolved at ${OPENED.toISOString()})`;
    return called({ ...DRIFT, reasons: [reason('POSITION_OPENED_EXTERNALLY', text)] });
  },
};
