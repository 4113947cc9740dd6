import { describeFaults, type FaultyEndpoint } from './fault-table.js';
import { answerTo, INFO, questionOf, serveAccount, WALLET, type Question } from './hyperliquid-fixtures.js';
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
    // What an exchange without builders' dexes answers.
    endpoint({ type: 'perpDexs' }, { spared: ['a 200 of [null]'] }),
    ...['clearinghouseState', 'frontendOpenOrders'].flatMap((type) => [
      endpoint({ type }),
      endpoint({ type, dex: 'xyz' }),
    ]),
    endpoint({ type: 'spotClearinghouseState' }),
  ],
});
