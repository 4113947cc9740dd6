import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answerTo, NO_ROWS, SERVER_TIME, serveWith, WALLET } from '../hyperliquid-fixtures.js';
import { readerOf } from '../readers.js';
import { WireServer } from '../wire-server.js';
import { FOREIGN, type ForeignAnswer } from './hyperliquid.js';
import { itIsLargeEnough, readAs } from './inspector-readings.js';

const coins = ['BTC', 'ETH', 'ATOM', 'MATIC', 'DYDX', 'BNB', 'ARB', 'INJ', 'SOL', 'HYPE'];
const ROWS = {
  ...NO_ROWS,
  universe: coins.map((name) => ({ name, szDecimals: 5, maxLeverage: 40, marginTableId: 40 })),
  positions: {},
  orders: {},
  balances: [],
};
const NOTHING: Record<string, unknown> = {
  orderStatus: { status: 'unknownOid' },
  historicalOrders: [],
  userFillsByTime: [],
  userFunding: [],
  userNonFundingLedgerUpdates: [],
};

let wire: WireServer;
beforeAll(async () => {
  wire = await WireServer.start();
});
afterAll(() => wire.stop());

itIsLargeEnough(FOREIGN);

const QUESTION = { since: SERVER_TIME - 100_000, symbols: ['ETH/USDC:USDC'], currencies: ['USDC', 'BTC'] };

describe('a foreign answer of Hyperliquid', () => {
  const serve = ({ question, answer, reading }: ForeignAnswer): void => {
    const [type, dex] = question.split('/');
    const abstraction = 'unified' in reading && (reading.unified ?? false) ? 'unifiedAccount' : 'default';
    serveWith(wire, (asked) => {
      if (asked.type === type && (asked.dex ?? undefined) === dex) return answer;
      return NOTHING[asked.type] ?? answerTo(asked, { ...ROWS, abstraction });
    });
  };
  const reader = () => readerOf('hyperliquid', wire, { credentials: WALLET, now: () => SERVER_TIME });

  it.each(FOREIGN)('$name', async (foreign) => {
    serve(foreign);
    const { reading } = foreign;
    expect(await readAs(await reader(), reading, QUESTION)).toMatchObject({ unread: [], ...reading });
  });
});
