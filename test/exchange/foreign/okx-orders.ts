import { answer, orderRow, PATHS } from '../okx-fixtures.js';
import { DOCS, GCT, isFirst, JKORF, NAUTILUS } from './okx-sources.js';
import type { ForeignAnswer } from './served-answers.js';

type Fields = Record<string, unknown>;

function regular(name: string, source: string, row: object, orders: object[]): ForeignAnswer {
  return { name, source, path: PATHS.orders, when: isFirst, answer: answer([row]), reading: { state: { orders } } };
}

const attached = (id: string, clientId: string, fields: Fields) => ({
  attachAlgoId: id,
  attachAlgoClOrdId: clientId,
  slTriggerPx: '',
  slOrdPx: '',
  slTriggerPxType: '',
  tpTriggerPx: '',
  tpOrdPx: '',
  tpTriggerPxType: '',
  ...fields,
});

const regulars: ForeignAnswer[] = [
  regular(
    'a post-only order on spot',
    `${DOCS}, "GET / Order List"`,
    orderRow('BTC-USDT', '51', {
      ordType: 'post_only',
      px: '13013.5',
      sz: '0.001',
      tdMode: 'cash',
      clOrdId: '',
      uTime: '1724733617998',
    }),
    [
      {
        id: '51',
        clientOrderId: null,
        symbol: 'BTC/USDT',
        side: 'buy',
        type: 'post_only',
        price: '13013.5',
        amount: '0.001',
        filled: '0',
        conditional: false,
        changedAt: 1_724_733_617_998,
      },
    ],
  ),
  regular(
    'a cross margin order on spot, of a server without newer fields',
    `${JKORF}/Trading/GetOrders.txt`,
    {
      ...orderRow('BTC-USDT', '52', {
        px: '59200',
        tdMode: 'cross',
        lever: '5.6',
        slTriggerPxType: 'last',
        tpTriggerPxType: 'last',
      }),
      cancelSource: undefined,
      linkedAlgoOrd: undefined,
    },
    [{ id: '52', symbol: 'BTC/USDT', price: '59200', amount: '1' }],
  ),
  regular(
    'a tenth of a contract',
    `${NAUTILUS}/http_get_orders_pending.json`,
    orderRow('BTC-USDT-SWAP', '53', {
      px: '103500',
      sz: '0.10',
      posSide: 'long',
      avgPx: '0',
      fillPx: '0',
      fillTime: '0',
      tradeId: '0',
    }),
    [{ id: '53', symbol: 'BTC/USDT:USDT', price: '103500', amount: '0.001' }],
  ),
  regular(
    'an order with a stop loss and a take profit attached',
    `${NAUTILUS}/http_get_orders_pending_with_attached_tp_sl.json`,
    orderRow('ETH-USDT-SWAP', '54', {
      px: '2300',
      sz: '0.01',
      posSide: 'long',
      attachAlgoOrds: [
        attached('901', 'O-attached-sl', { slTriggerPx: '1500', slOrdPx: '-1', slTriggerPxType: 'last' }),
        attached('902', 'O-attached-tp', { tpTriggerPx: '2600', tpOrdPx: '-1', tpTriggerPxType: 'last' }),
      ],
    }),
    [
      { id: '54', amount: '0.001', conditional: false },
      {
        id: '901',
        clientOrderId: 'O-attached-sl',
        parent: '54',
        side: 'sell',
        triggerPrice: '1500',
        conditional: true,
      },
      { id: '902', clientOrderId: 'O-attached-tp', parent: '54', side: 'sell', triggerPrice: '2600', price: null },
    ],
  ),
  regular(
    'a market sell for 10 USDT, which has no base amount',
    GCT,
    orderRow('BTC-USDT', '55', { ordType: 'market', side: 'sell', px: '', sz: '10', tgtCcy: 'quote_ccy', avgPx: '0' }),
    [{ id: '55', side: 'sell', type: 'market', price: null, amount: null }],
  ),
  regular(
    'that market sell with a part filled, in the base currency',
    `${GCT} (second message)`,
    orderRow('BTC-USDT', '55', {
      ordType: 'market',
      side: 'sell',
      px: '',
      sz: '10',
      tgtCcy: 'quote_ccy',
      state: 'partially_filled',
      accFillSz: '0.00038128',
      avgPx: '26228.1',
    }),
    [{ id: '55', amount: null, filled: '0.00038128' }],
  ),
  regular(
    'a margin buy at the market price, whose size is in the quote currency',
    `${DOCS}, "POST / Place order" (sz)`,
    orderRow('BTC-USDT', '56', { instType: 'MARGIN', ordType: 'market', px: '', sz: '100', tdMode: 'isolated' }),
    [{ id: '56', amount: null }],
  ),
  regular(
    'a market order of a contract, whose size is in contracts',
    `${DOCS}, "POST / Place order" (optimal_limit_ioc)`,
    orderRow('BTC-USDT-SWAP', '57', { ordType: 'optimal_limit_ioc', px: '', sz: '2' }),
    [{ id: '57', amount: '0.02', price: null }],
  ),
  regular(
    'the take profit of an OCO that rests as a limit order',
    `${DOCS}, "GET / Order List" (linkedAlgoOrd)`,
    orderRow('BTC-USDT-SWAP', '58', { side: 'sell', px: '70000', isTpLimit: 'true', linkedAlgoOrd: { algoId: '71' } }),
    [{ id: '58', parent: '71', price: '70000', conditional: false }],
  ),
  regular(
    'an order of an option is left out',
    `${DOCS}, "GET / Order List" (instType)`,
    orderRow('BTC-USD-261225-60000-C', '59', { instType: 'OPTION', ordType: 'mmp', pxUsd: '10', pxType: 'usd' }),
    [],
  ),
];

export const OKX_ORDERS: readonly ForeignAnswer[] = regulars;
