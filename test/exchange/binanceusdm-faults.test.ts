import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FailureKind } from '../../src/domain/failure.js';
import type { ExchangeReader } from '../../src/exchange/exchange-reader.js';
import {
  orderRow,
  algoRow,
  EXCHANGE_INFO,
  PATHS,
  positionRow,
  serveAccount,
  serveFlatAccount,
} from './binanceusdm-fixtures.js';
import { failureOf } from './failures.js';
import { type Fault, WIRE_FAULTS } from './faults.js';
import { CREDENTIALS, readerOf } from './readers.js';
import { sendJson, WireServer } from './wire-server.js';

/** What each endpoint of a read answers when all is well, and which account makes the reader ask it. */
const ENDPOINTS: { path: string; healthy: unknown; serve: (wire: WireServer) => WireServer }[] = [
  { path: PATHS.exchangeInfo, healthy: EXCHANGE_INFO, serve: serveAccount },
  { path: PATHS.time, healthy: { serverTime: 1_764_000_000_000 }, serve: serveAccount },
  { path: PATHS.positions, healthy: [positionRow('BTCUSDT', '1')], serve: serveAccount },
  { path: PATHS.openOrders, healthy: [orderRow('BTCUSDT', 1)], serve: serveAccount },
  { path: PATHS.openAlgoOrders, healthy: [algoRow('BTCUSDT', 1)], serve: serveAccount },
  { path: PATHS.positionMode, healthy: { dualSidePosition: true }, serve: serveFlatAccount },
];

/** A server in Binance's format may leave out the time and the mode: dates and rows tell as much (a test of its own). */
function endpointsOf(fault: Fault): typeof ENDPOINTS {
  return ENDPOINTS.filter(({ path }) => fault.name !== '404' || (path !== PATHS.time && path !== PATHS.positionMode));
}

function refusal(code: number, msg: string, status: number, kind: FailureKind): Fault {
  return {
    name: `${status} with ${code} "${msg}"`,
    send: (response) => sendJson(response, { code, msg }, status),
    kind,
  };
}

const BINANCE_FAULTS: Fault[] = [200, 400].flatMap((status) => [
  refusal(-1000, 'An unknown error occurred while processing the request.', status, 'network'),
  refusal(-1001, 'Internal error; unable to process your request. Please try again.', status, 'network'),
  refusal(-1003, 'Too many requests; current limit is 2400 requests per minute.', status, 'rate_limited'),
  refusal(-1007, 'Timeout waiting for response from backend server.', status, 'timeout'),
  refusal(-1021, 'Timestamp for this request is outside of the recvWindow.', status, 'clock_skew'),
  refusal(-1022, 'Signature for this request is not valid.', status, 'authentication'),
  refusal(-2014, 'API-key format invalid.', status, 'authentication'),
  refusal(-2015, 'Invalid API-key, IP, or permissions for action.', status, 'authentication'),
  refusal(-4109, 'This account is inactive.', status, 'permission'),
  refusal(-9999, 'A code from tomorrow.', status, 'unreadable'),
]);

describe('every endpoint of a binanceusdm read x every fault', () => {
  const wires: WireServer[] = [];
  let cells = 0;
  afterEach(() => Promise.all(wires.splice(0).map((wire) => wire.stop())));
  afterAll(() => {
    process.stderr.write(
      `binanceusdm: ${cells} cells (${WIRE_FAULTS.length + BINANCE_FAULTS.length} faults x ${ENDPOINTS.length} endpoints), each a named failure\n`,
    );
  });

  it.each([...WIRE_FAULTS, ...BINANCE_FAULTS])('$name is $kind', async (fault) => {
    await Promise.all(
      endpointsOf(fault).map(async ({ path, healthy, serve }) => {
        cells += 1;
        const wire = serve(await WireServer.start());
        wires.push(wire);
        wire.route(path, (_request, response) => fault.send(response, JSON.stringify(healthy)));
        const deadlineSeconds = fault.kind === 'timeout' ? 1.5 : 10;
        const reader = await readerOf('binanceusdm', wire, { deadlineSeconds, maxBytes: 1_000_000 });
        const failure = await failureOf(reader.readState());
        expect(failure).toMatchObject({
          kind: fault.kind,
          side: 'exchange',
          where: expect.stringContaining(path),
          message: expect.stringContaining(path),
          retryAfterMs: fault.retryAfterMs ?? null,
        });
        expect(failure.remedy).not.toBe('');
        const text = JSON.stringify(failure);
        for (const secret of Object.values(CREDENTIALS)) expect(text).not.toContain(secret);
        expect(text).not.toMatch(/signature=|[0-9a-f]{64}/);
      }),
    );
  });

  it.each(ENDPOINTS.map(({ path }) => path))('a reader recovers when %s answers well again', async (path) => {
    const endpoint = ENDPOINTS.find((candidate) => candidate.path === path);
    const wire = (endpoint?.serve ?? serveAccount)(await WireServer.start());
    wires.push(wire);
    wire.route(path, (_request, response) => void response.writeHead(500).end());
    const reader = await readerOf('binanceusdm', wire);
    await failureOf(reader.readState());
    await failureOf(reader.readState());
    endpoint?.serve(wire);
    expect((await reader.readState()).scopes).toHaveLength(3);
  });
});

describe('rows that cannot be trusted', () => {
  let wire: WireServer;
  let reader: ExchangeReader;
  beforeAll(async () => {
    wire = await WireServer.start();
    reader = await readerOf('binanceusdm', wire);
  });
  beforeEach(() => void serveAccount(wire));
  afterAll(() => wire.stop());

  const position = positionRow('BTCUSDT', '1');
  const order = orderRow('BTCUSDT', 1);
  const algo = algoRow('BTCUSDT', 1);
  const WRONG: unknown[] = [null, {}, [], true, '', 'abc', '1,5', '0x10', 'NaN', 'Infinity', '1e99999'];

  /** Every field that is relied on, with every wrong value that is not a right one for it. */
  const rows: [string, object, string, unknown][] = [
    ...['symbol', 'positionSide', 'positionAmt'].flatMap((field) =>
      WRONG.map((value) => [PATHS.positions, position, field, value] as const),
    ),
    ...['symbol', 'orderId', 'side', 'type', 'status', 'price', 'origQty', 'executedQty'].flatMap((field) =>
      WRONG.map((value) => [PATHS.openOrders, order, field, value] as const),
    ),
    ...['symbol', 'algoId', 'side', 'orderType', 'quantity'].flatMap((field) =>
      WRONG.map((value) => [PATHS.openAlgoOrders, algo, field, value] as const),
    ),
  ].flatMap(([path, row, field, value]) =>
    (field === 'type' || field === 'orderType') && typeof value === 'string' && value !== ''
      ? []
      : [[path, row, field, value] as [string, object, string, unknown]],
  );

  it.each(rows.map(([path, row, field, value]) => ({ path, row, field, value })))(
    '$path with $field as $value is a failure',
    async ({ path, row, field, value }) => {
      wire.route(path, [{ ...row, [field]: value }]);
      const failure = await failureOf(reader.readState());
      expect(['unreadable', 'incomplete']).toContain(failure.kind);
      expect(failure.where).toContain(path);
    },
  );

  it.each([
    ['a regular order that is not open', PATHS.openOrders, [{ ...order, status: 'FILLED' }], 'unreadable'],
    [
      'a conditional order that has triggered',
      PATHS.openAlgoOrders,
      [{ ...algo, algoStatus: 'TRIGGERED' }],
      'unreadable',
    ],
    ['a conditional order without amount', PATHS.openAlgoOrders, [{ ...algo, quantity: '0' }], 'unreadable'],
    [
      'a LONG leg below zero',
      PATHS.positions,
      [{ ...position, positionSide: 'LONG', positionAmt: '-1' }],
      'unreadable',
    ],
    [
      'both position modes at once',
      PATHS.positions,
      [position, { ...position, symbol: 'ETHUSDT', positionSide: 'LONG' }],
      'incomplete',
    ],
    ['a position twice', PATHS.positions, [position, position], 'incomplete'],
    ['an order twice', PATHS.openOrders, [order, order], 'incomplete'],
    ['a conditional order twice', PATHS.openAlgoOrders, [algo, algo], 'incomplete'],
    ['a symbol that is no market', PATHS.positions, [positionRow('NEWUSDT', '1')], 'incomplete'],
  ])('%s is a failure', async (_name, path, rows, kind) => {
    serveFlatAccount(wire).route(path, rows);
    expect(await failureOf(reader.readState())).toMatchObject({ kind });
  });
});
