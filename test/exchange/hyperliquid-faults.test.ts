import { describeFaults, type FaultyEndpoint } from './fault-table.js';
import { describeRowFaults } from './row-faults.js';
import {
  answerTo,
  INFO,
  NO_ROWS,
  orderRow,
  positionRow,
  questionOf,
  serveAccount,
  WALLET,
  type AccountRows,
  type Question,
} from './hyperliquid-fixtures.js';
import { sendJson } from './wire-server.js';

/** One type of question: all share a path, and each owes a shape of its own. */
function endpoint(question: Question, more: Partial<FaultyEndpoint> = {}): FaultyEndpoint {
  return {
    path: INFO,
    when: (request) => {
      const asked = questionOf(request);
      return asked.type === question.type && asked.dex === question.dex;
    },
    named: `POST /info ${question.type}`,
    healthy: answerTo(question),
    serve: serveAccount,
    ...more,
  };
}

describeFaults({
  id: 'hyperliquid',
  credentials: WALLET,
  scopes: 6,
  refusals: [
    {
      name: '422 for a body it cannot take',
      send: (response) => void response.writeHead(422).end('Failed to deserialize the JSON body into the target type'),
      kind: 'unsupported',
    },
    { name: '429 of null', send: (response) => sendJson(response, 'null', 429), kind: 'rate_limited' },
    { name: '500 of null', send: (response) => sendJson(response, 'null', 500), kind: 'network' },
    {
      name: 'an error in a 200',
      send: (response) => sendJson(response, { status: 'err', response: 'something is wrong' }),
      kind: 'unreadable',
    },
  ],
  endpoints: [
    endpoint({ type: 'spotMeta' }),
    endpoint({ type: 'spotMetaAndAssetCtxs' }),
    endpoint({ type: 'metaAndAssetCtxs' }),
    endpoint({ type: 'metaAndAssetCtxs', dex: 'hyna' }),
    endpoint({ type: 'userRole' }),
    // An unknown word is an unknown mode.
    endpoint({ type: 'userAbstraction' }, { spared: ['a 200 of a bare string'] }),
    // What an exchange without builders' dexes answers.
    endpoint({ type: 'perpDexs' }, { spared: ['a 200 of [null]'] }),
    ...['clearinghouseState', 'frontendOpenOrders'].flatMap((type) => [
      endpoint({ type }),
      endpoint({ type, dex: 'xyz' }),
    ]),
    endpoint({ type: 'spotClearinghouseState' }),
  ],
});

const TWO_ROWS: AccountRows = {
  ...NO_ROWS,
  positions: { ...NO_ROWS.positions, xyz: [positionRow('xyz:XYZ100', '-0.0335'), positionRow('xyz:TSLA', '1.5')] },
  orders: { ...NO_ROWS.orders, xyz: [orderRow('xyz:XYZ100', 108), orderRow('xyz:TSLA', 109)] },
};

describeRowFaults({
  id: 'hyperliquid',
  credentials: WALLET,
  endpoints: ['clearinghouseState', 'frontendOpenOrders', 'spotClearinghouseState']
    .flatMap((type) => [{ type }, ...(type === 'spotClearinghouseState' ? [] : [{ type, dex: 'xyz' }])])
    .map((question: Question) =>
      endpoint(question, {
        healthy: answerTo(question, TWO_ROWS),
        serve: (wire) => serveAccount(wire, TWO_ROWS),
      }),
    ),
  harmless: {
    [INFO]: {
      oid: 'any whole number is an id',
      cloid: 'any text is an id, and an order may have none',
      token: 'only the name of the second of two tokens with one name',
      timestamp: 'zero where there is none',
      triggerCondition: 'any text but "Triggered" waits',
      isTrigger: 'only true and false are read',
      children: 'an order may have none',
      coin: 'a token may be unknown to ccxt, then it keeps its name',
    },
  },
});
