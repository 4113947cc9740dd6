import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeInspector } from '../../../src/exchange/exchange-reader.js';
import {
  answer,
  BITGET_CREDENTIALS,
  entrusted,
  PATHS,
  refusal,
  serveAccount,
  SERVER_TIME,
  SPOT_PAIR,
  usdtContract,
} from '../bitget-fixtures.js';
import { serveUnified, UNIFIED_FLAT, UNIFIED_PATHS } from '../bitget-unified-fixtures.js';
import { failureOf } from '../failures.js';
import { readerOf } from '../readers.js';
import { WireServer, type WireRequest } from '../wire-server.js';
import type { ForeignAnswer, Reading } from './bitget-answers.js';
import { FOREIGN_CLASSIC } from './bitget-classic.js';
import { FOREIGN_UNIFIED } from './bitget-unified.js';
import { BLANK_ORDER, itIsLargeEnough } from './inspector-readings.js';

const FOREIGN = [...FOREIGN_CLASSIC, ...FOREIGN_UNIFIED];

let wire: WireServer | null = null;
const served: WireServer[] = [];
beforeEach(async () => {
  wire = await WireServer.start();
  served.push(wire);
});
afterAll(() => Promise.all(served.map((each) => each.stop())));

itIsLargeEnough(FOREIGN);

/** An account without anything, in the mode of the answer, that knows no order. */
function serveNothing(to: WireServer, { account, hedge }: ForeignAnswer): void {
  const [posMode, noPage] = [
    hedge === true ? 'hedge_mode' : 'one_way_mode',
    answer({ list: null, cursor: null }),
  ] as const;
  const spot = ['BTC', 'ETH', 'TRX'].map((baseCoin) => ({ ...SPOT_PAIR, symbol: `${baseCoin}USDT`, baseCoin }));
  if (account === 'unified') {
    serveUnified(to, { ...UNIFIED_FLAT, holdMode: posMode }).route(PATHS.symbols, answer(spot));
    const { detail, history, strategyHistory, subOrders, fills, records, fundingRecords } = UNIFIED_PATHS;
    to.route(detail, (_request, response) =>
      refusal('25204', 'Order does not exist', 'unsupported').send(response, ''),
    );
    for (const path of [history, strategyHistory, fills, records, fundingRecords]) to.route(path, noPage);
    for (const path of [subOrders, UNIFIED_PATHS.deposits, UNIFIED_PATHS.withdrawals]) to.route(path, answer([]));
    return;
  }
  const moreContracts = ['BLUR', 'BNB'].map(usdtContract);
  const none = { positions: {}, orders: {}, plans: {}, accounts: {}, spot: {}, spotPlans: [], assets: [] };
  serveAccount(to, { posMode, ...none, moreContracts }).route(PATHS.symbols, answer(spot));
  for (const path of [PATHS.detail, PATHS.spotDetail]) {
    to.route(path, (_request, response) => refusal('40109', 'cannot be found', 'unsupported').send(response, ''));
  }
  for (const path of [PATHS.history, PATHS.planHistory]) to.route(path, entrusted([]));
  to.route(PATHS.fills, answer({ fillList: null, endId: null })).route(PATHS.bills, answer({ bills: null }));
  for (const path of [PATHS.spotHistory, PATHS.spotFills, PATHS.spotBills]) to.route(path, answer([]));
  to.route(PATHS.spotPlanHistory, answer({ nextFlag: false, idLessThan: null, orderList: null }));
}

/** Lists that go on after their last row until a page is empty. */
const PAGED: Readonly<Record<string, object>> = {
  [PATHS.pending]: entrusted([]),
  [PATHS.plans]: entrusted([]),
  [PATHS.fills]: answer({ fillList: null, endId: null }),
  [PATHS.bills]: answer({ bills: null, endId: null }),
  [PATHS.spotOrders]: answer([]),
  [PATHS.spotFills]: answer([]),
  [UNIFIED_PATHS.pending]: answer({ list: [], cursor: null }),
  [UNIFIED_PATHS.fills]: answer({ list: [], cursor: null }),
};

function isAnswered({ query }: WireRequest, { path, question = {} }: ForeignAnswer): boolean {
  const isMore = PAGED[path] !== undefined && (query.has('idLessThan') || query.has('cursor') || query.has('status'));
  return !isMore && Object.entries(question).every(([name, value]) => query.get(name) === value);
}

function emptyOf({ path, account }: ForeignAnswer): object {
  return PAGED[path] ?? (account === 'unified' && !path.includes('strategy') ? answer({ list: null }) : answer([]));
}

/** What the reader makes of the answer, and what it is by the documentation. */
async function readingOf(reader: ExchangeInspector, reading: Reading): Promise<{ actual: object; expected: object }> {
  if ('missing' in reading) {
    const { missing, cause, filled, says = '' } = reading;
    const [explained] = await reader.explainMissingOrders([{ ...BLANK_ORDER, ...missing }]);
    const isSaid = explained?.source.includes(says);
    const expected = { cause, isSaid: true, ...(filled === undefined ? {} : { filled }) };
    return { actual: { ...explained, isSaid }, expected };
  }
  if ('actions' in reading) {
    const since = SERVER_TIME - 600_000;
    const question = { since, symbols: ['BTC/USDT:USDT'], currencies: ['USDT', 'BTC'] };
    return { actual: await reader.readVenueActions(question), expected: reading.actions };
  }
  if ('audit' in reading) return { actual: await reader.auditKey(), expected: reading.audit };
  const read = reader.readState({ balances: true });
  if ('failure' in reading) return { actual: await failureOf(read), expected: { kind: reading.failure } };
  const { gaps, unread = [], ...snapshot } = await read;
  const scopes = gaps.map(({ scope }) => scope).filter((scope) => scope.startsWith('balances'));
  const whole = 'unread' in reading ? {} : { unread: [] };
  return { actual: { ...snapshot, unread, gaps: scopes }, expected: { ...whole, ...reading } };
}

describe('a foreign answer of Bitget', () => {
  it.each(FOREIGN)('$account: $name', async (foreign) => {
    if (wire === null) throw new Error('no server');
    const { path, reading } = foreign;
    serveNothing(wire, foreign);
    wire.route(path, (request: WireRequest) => (isAnswered(request, foreign) ? foreign.answer : emptyOf(foreign)));
    const reader = await readerOf('bitget', wire, { credentials: BITGET_CREDENTIALS, now: () => SERVER_TIME });
    const { actual, expected } = await readingOf(reader, reading);
    expect(actual).toMatchObject(expected);
    expect(wire.paths).toContain(path);
  });
});
