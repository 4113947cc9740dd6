import { expect, it } from '@jest/globals';
import { callsAsSpans } from '../../src/activities/call-spans.js';
import type { EndedSpan } from '../../src/runtime/spans.js';

it.each([
  ['GET /fapi/v3/positionRisk (positions:linear)', 'GET /fapi/v3/positionRisk (positions:linear)'],
  ['POST /info openOrders', 'POST /info openOrders'],
  ['GET /api/v5/trade/orders-algo-pending', 'GET /api/v5/trade/orders-algo-pending'],
  ['GET /orders/{order_id}', 'GET /orders/{order_id}'],
  // The generic profile reports requested paths.
  ['GET /v1/accounts/8812345/orders', 'GET /v1/accounts/{id}/orders'],
  ['GET /v1/wallets/0x52908400098527886E0F7030069857D2E4169EE7', 'GET /v1/wallets/{id}'],
])('a request is a span by its endpoint, without ids: %s', (question, name) => {
  const spans: EndedSpan[] = [];
  const report = callsAsSpans({ within: async (_name, _attributes, work) => work(), add: (span) => spans.push(span) });
  report({ question, scope: 'positions:linear', weight: 5, startedAt: 1_000, endedAt: 1_250, failure: 'timeout' });
  expect(spans).toEqual([
    {
      name,
      attributes: { 'plumbline.weight': 5, 'plumbline.scope': 'positions:linear' },
      startedAt: 1_000,
      endedAt: 1_250,
      failure: 'timeout',
    },
  ]);
});
