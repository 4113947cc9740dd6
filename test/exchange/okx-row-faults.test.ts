import {
  algoRow,
  answer,
  CREDENTIALS,
  NO_ROWS,
  orderRow,
  PATHS,
  serveAccount,
  type AccountRows,
} from './okx-fixtures.js';
import { describeRowFaults } from './row-faults.js';
import type { WireServer } from './wire-server.js';

/** Only the first page has a bad row; the second one is the end. */
const isFirst = ({ query }: { query: URLSearchParams }): boolean => !query.has('after');
const isAsking = (ordType: string) => (request: { query: URLSearchParams }) =>
  isFirst(request) && request.query.get('ordType') === ordType;

const NO_TIME = 'a time that is not reported is allowed: the grace then begins with the observation';
const ANY_TEXT = 'any text is an id';

const ATTACHED = {
  attachAlgoId: '901',
  attachAlgoClOrdId: 'sl1',
  slTriggerPx: '50000',
  slOrdPx: '-1',
  tpTriggerPx: '',
  tpOrdPx: '',
  sz: '',
};

/** At least two rows in each list: a list without any name fails as a whole. */
const ROWS: AccountRows = {
  ...NO_ROWS,
  orders: [
    orderRow('BTC-USDT-SWAP', '109', {
      state: 'partially_filled',
      accFillSz: '0.4',
      attachAlgoOrds: [ATTACHED],
      linkedAlgoOrd: { algoId: '' },
      isTpLimit: 'false',
    }),
    ...NO_ROWS.orders.slice(1),
  ],
  algos: {
    ...NO_ROWS.algos,
    trigger: [
      algoRow('ETH-USDT-SWAP', '205', 'trigger', { triggerPx: '2500', ordPx: '2490', sz: '30', attachAlgoOrds: [] }),
      algoRow('BTC-USDT-SWAP', '299', 'trigger', { triggerPx: '70000', ordPx: '-1' }),
    ],
    move_order_stop: [
      algoRow('BTC-USDT-SWAP', '204', 'move_order_stop', { activePx: '65000', moveTriggerPx: '61234.5' }),
      algoRow('ETH-USDT-SWAP', '298', 'move_order_stop', { moveTriggerPx: '2345', callbackRatio: '0.05' }),
    ],
    iceberg: [
      algoRow('BTC-USDT-SWAP', '202', 'iceberg', { sz: '500', pxLimit: '62000', szLimit: '10' }),
      algoRow('BTC-USDT-SWAP', '297', 'iceberg', { sz: '500', pxLimit: '62000', szLimit: '10' }),
    ],
  },
};

const serve = (wire: WireServer) => serveAccount(wire, ROWS);

describeRowFaults({
  id: 'okx',
  credentials: CREDENTIALS,
  endpoints: [
    { path: PATHS.positions, healthy: answer(ROWS.positions), serve },
    { path: PATHS.orders, when: isFirst, healthy: answer(ROWS.orders), serve },
    ...['conditional,oco', 'trigger', 'move_order_stop', 'iceberg'].map((ordType) => ({
      path: PATHS.algos,
      when: isAsking(ordType),
      healthy: answer(ROWS.algos[ordType]),
      serve,
    })),
  ],
  harmless: {
    [PATHS.positions]: { uTime: NO_TIME },
    [PATHS.orders]: { uTime: NO_TIME, ordId: ANY_TEXT, clOrdId: ANY_TEXT, attachAlgoOrds: 'none are attached then' },
    [PATHS.algos]: {
      uTime: NO_TIME,
      algoId: ANY_TEXT,
      algoClOrdId: ANY_TEXT,
      activePx: 'a trailing stop may be active at once',
      pxLimit: 'a working order may have no limit',
    },
  },
});
