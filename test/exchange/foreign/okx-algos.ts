import { algoRow, answer, PATHS } from '../okx-fixtures.js';
import { DOCS, isAsking, JKORF, NAUTILUS } from './okx-sources.js';
import type { ForeignAnswer } from './served-answers.js';

type Fields = Record<string, unknown>;

function algo(
  name: string,
  source: string,
  row: { ordType: string; [field: string]: unknown },
  orders: object[],
): ForeignAnswer {
  const asked = ['conditional', 'oco'].includes(row.ordType) ? 'conditional,oco' : row.ordType;
  return {
    name,
    source,
    path: PATHS.algos,
    when: isAsking(asked),
    answer: answer([row]),
    reading: { state: { orders } },
  };
}

const algoOf = (instId: string, ordType: string, fields: Fields) => ({
  ...algoRow(instId, '71', ordType, fields),
  ordType,
});

export const OKX_ALGOS: readonly ForeignAnswer[] = [
  algo(
    'a take profit that buys for 10 USDT',
    `${DOCS}, "GET / Algo order list"`,
    algoOf('BTC-USDT', 'conditional', {
      side: 'buy',
      sz: '10',
      tgtCcy: 'quote_ccy',
      tpOrdPx: '-1',
      tpTriggerPx: '10000',
      algoClOrdId: '',
    }),
    [
      {
        id: '71',
        clientOrderId: null,
        type: 'conditional',
        side: 'buy',
        triggerPrice: '10000',
        price: null,
        amount: null,
      },
    ],
  ),
  algo(
    'a trigger order that buys at the market price: the quote currency is the default',
    `${JKORF}/Trading/GetAlgoOrderList.txt`,
    algoOf('BTC-USDT', 'trigger', {
      side: 'buy',
      sz: '10',
      ordPx: '-1',
      triggerPx: '100',
      tgtCcy: '',
      linkedOrd: { ordId: '98' },
    }),
    [{ id: '71', triggerPrice: '100', price: null, amount: null, conditional: true }],
  ),
  algo(
    'a trailing stop that buys: the price that moves is not given',
    `${JKORF}/Trading/GetAlgoOrder.txt`,
    algoOf('BTC-USDT', 'move_order_stop', {
      side: 'buy',
      sz: '10',
      callbackRatio: '0.05',
      moveTriggerPx: '53423.160',
      activePx: '',
    }),
    [{ id: '71', triggerPrice: null, price: null, amount: null }],
  ),
  algo(
    'a trigger order of one contract, of a server without stop fields',
    `${NAUTILUS}/http_get_orders_algo_pending.json`,
    {
      ...algoOf('BTC-USDT-SWAP', 'trigger', { side: 'buy', triggerPx: '40000', ordPx: '40000' }),
      slTriggerPx: undefined,
    },
    [{ id: '71', side: 'buy', triggerPrice: '40000', price: '40000', amount: '0.01' }],
  ),
  algo(
    'an OCO that was attached',
    `${NAUTILUS}/http_get_orders_algo_pending_attached_oco.json`,
    algoOf('ETH-USDT-SWAP', 'oco', {
      sz: '0.01',
      slTriggerPx: '39000',
      slOrdPx: '-1',
      tpTriggerPx: '41000',
      tpOrdPx: '-1',
      reduceOnly: 'true',
      algoClOrdId: 'O-attached-oco',
    }),
    [
      {
        id: '71',
        clientOrderId: 'O-attached-oco',
        type: 'oco',
        triggerPrice: '39000',
        secondTriggerPrice: '41000',
        amount: '0.001',
      },
    ],
  ),
  algo(
    'a stop of the whole position',
    `${NAUTILUS}/http_get_orders_algo_pending_close_fraction.json`,
    algoOf('BTC-USDT-SWAP', 'conditional', {
      sz: '',
      slTriggerPx: '50000',
      slOrdPx: '-1',
      reduceOnly: 'true',
      closeFraction: '1',
    }),
    [{ id: '71', triggerPrice: '50000', amount: null }],
  ),
  algo(
    'a take profit with a limit',
    `${DOCS}, "POST / Place algo order" (take profit)`,
    algoOf('BTC-USDT', 'conditional', { side: 'buy', sz: '2', tdMode: 'cross', tpTriggerPx: '15', tpOrdPx: '18' }),
    [{ id: '71', triggerPrice: '15', price: '18', amount: '2' }],
  ),
  algo(
    'a trailing stop of a contract',
    `${DOCS}, "POST / Place algo order" (trailing stop)`,
    algoOf('BTC-USDT-SWAP', 'move_order_stop', {
      side: 'buy',
      sz: '10',
      callbackRatio: '0.05',
      activePx: '20000',
      moveTriggerPx: '19000',
    }),
    [{ id: '71', triggerPrice: '20000', amount: '0.1', side: 'buy' }],
  ),
  algo(
    'a TWAP order',
    `${DOCS}, "POST / Place algo order" (TWAP)`,
    algoOf('BTC-USDT-SWAP', 'twap', {
      side: 'buy',
      sz: '10',
      szLimit: '10',
      pxLimit: '100',
      timeInterval: '10',
      pxSpread: '10',
    }),
    [{ id: '71', type: 'twap', price: '100', triggerPrice: null, amount: '0.1', conditional: false }],
  ),
  algo(
    'an iceberg order of the newer kind, which starts at a price',
    `${DOCS}, "POST / Place algo order" (iceberg)`,
    algoOf('BTC-USDT', 'smart_iceberg', {
      side: 'buy',
      sz: '100',
      szLimit: '10',
      lmtOrderNumber: '5',
      pxLimit: '95000',
      triggerParams: [{ triggerAction: 'start', triggerStrategy: 'price', triggerPx: '90000' }],
    }),
    [{ id: '71', type: 'smart_iceberg', price: '95000', amount: '100', conditional: false }],
  ),
  algo(
    'a chase order',
    `${DOCS}, "GET / Algo order list" (chaseType)`,
    algoOf('BTC-USDT-SWAP', 'chase', {
      sz: '3',
      chaseType: 'distance',
      chaseVal: '1',
      maxChaseType: '',
      maxChaseVal: '',
    }),
    [{ id: '71', type: 'chase', amount: '0.03', conditional: false }],
  ),
  {
    name: 'a trigger order with stops attached that have no id',
    source: `${DOCS}, "POST / Place algo order" (attachAlgoOrds)`,
    path: PATHS.algos,
    when: isAsking('trigger'),
    answer: answer([
      algoRow('BTC-USDT-SWAP', '72', 'trigger', {
        side: 'buy',
        triggerPx: '25920',
        ordPx: '-1',
        attachAlgoOrds: [
          { attachAlgoClOrdId: '', slTriggerPx: '100', slOrdPx: '600', tpTriggerPx: '25921', tpOrdPx: '2001' },
        ],
      }),
    ]),
    reading: {
      gap: {
        scope: 'orders:conditional:attached',
        reason: 'order 72 of BTC/USDT:USDT with a take profit or stop loss attached that OKX gives no id',
      },
    },
  },
];
