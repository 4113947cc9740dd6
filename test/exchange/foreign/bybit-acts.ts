import { accountInfo, answer, PATHS } from '../bybit-fixtures.js';
import { CCXT, DOCS, execution, JKORF, list, logRow, NAUTILUS } from './bybit-rows.js';
import type { ForeignAnswer } from './served-answers.js';

const ENUMS = `${DOCS}, "Enums Definitions"`;
const log = (...rows: object[]) => answer({ nextPageCursor: '21963%3A1%2C14954%3A1', list: rows });

const ACTS: ForeignAnswer[] = [
  {
    name: 'funding and the fees of two trades',
    source: `${DOCS}, "Get Transaction Log"`,
    path: PATHS.log,
    when: (query) => !query.has('cursor'),
    answer: log(
      logRow('SETTLEMENT', 'USDT', '-0.003676', {
        symbol: 'XRPUSDT',
        side: 'Buy',
        funding: '-0.003676',
        cashFlow: '0',
      }),
      logRow('TRADE', 'USDT', '-0.0190872', { fee: '0.01908720', cashFlow: '0', transactionTime: '1672121182224' }),
      logRow('TRADE', 'USDT', '-0.0026028', { fee: '0.00260280', cashFlow: '0', transactionTime: '1672121182224' }),
    ),
    reading: {
      question: { currencies: ['USDT'] },
      actions: [
        { kind: 'funding', symbol: 'USDT', change: '-0.003676', at: 1_672_128_000_000 },
        { kind: 'fee', symbol: 'USDT', change: '-0.02169', at: 1_672_121_182_224 },
      ],
    },
  },
  {
    name: 'funding of a contract',
    source: `${CCXT} (fetchLedger)`,
    path: PATHS.log,
    when: (query) => !query.has('cursor'),
    answer: log(logRow('SETTLEMENT', 'USDT', '-0.0006935', { size: '0.1', qty: '0.1', bonusChange: '0' })),
    reading: { question: { currencies: ['USDT'] }, actions: [{ kind: 'funding', change: '-0.0006935' }] },
  },
  {
    name: 'what else moves a balance, and loans, which do not',
    source: `${ENUMS} (type(uta-translog))`,
    path: PATHS.log,
    when: (query) => !query.has('cursor'),
    answer: log(
      logRow('TRANSFER_IN', 'BTC', '0.5'),
      logRow('TRANSFER_OUT', 'BTC', '-0.2'),
      logRow('INTEREST', 'BTC', '-0.00001'),
      logRow('CURRENCY_SELL', 'BTC', '-0.1'),
      logRow('CONVERT', 'BTC', '0.03'),
      logRow('AIRDROP', 'BTC', '0.001'),
      logRow('FEE_REFUND', 'BTC', '0.0002'),
      logRow('FLEXIBLE_STAKING_SUBSCRIPTION', 'BTC', '-0.3'),
      logRow('BORROW', 'BTC', '1'),
      logRow('REPAY', 'BTC', '-1'),
      logRow('BONUS', 'BTC', '0'),
      logRow('TRANSFER_IN', 'USDT', '7'),
    ),
    reading: {
      question: { currencies: ['BTC'] },
      actions: [
        { kind: 'transfer', change: '0.5' },
        { kind: 'transfer', change: '-0.2' },
        { kind: 'interest', change: '-0.00001' },
        { kind: 'conversion', change: '-0.1' },
        { kind: 'conversion', change: '0.03' },
        { kind: 'deposit', change: '0.001' },
        { kind: 'fee', change: '0.0002' },
        { kind: 'transfer', change: '-0.3' },
      ],
    },
  },
  {
    name: 'a deleveraged position',
    source: `${NAUTILUS}/ws_account_execution_adl.json (as a position)`,
    path: PATHS.executions,
    answer: list(
      'linear',
      execution('BTCUSDT', 'a1', { execType: 'AdlTrade', side: 'Sell', execQty: '0.5', execPrice: '95850.0' }),
    ),
    reading: {
      question: { symbols: ['BTC/USDT:USDT'] },
      actions: [
        { kind: 'deleveraging', symbol: 'BTC/USDT:USDT', change: '-0.5', price: '95850', at: 1_672_282_722_429 },
      ],
    },
  },
  {
    name: 'a laddered liquidation, which trades in the market, and the takeover of the rest',
    source: `${ENUMS} (createType, execType)`,
    path: PATHS.executions,
    answer: list(
      'inverse',
      execution('BTCUSD', 'l2', {
        execType: 'BustTrade',
        createType: 'CreateByTakeOver_PassThrough',
        side: 'Sell',
        execQty: '70',
        execPrice: '50000',
      }),
      execution('BTCUSD', 'l1', { createType: 'CreateByLiq', side: 'Sell', execQty: '20', execPrice: '51000' }),
      execution('BTCUSD', 'l1', { createType: 'CreateByLiq', side: 'Sell', execQty: '10', execPrice: '51000' }),
      execution('BTCUSD', 'u1', { createType: 'CreateByUser', side: 'Buy', execQty: '100', execPrice: '60000' }),
    ),
    reading: {
      question: { symbols: ['BTC/USD:BTC'] },
      actions: [
        { kind: 'liquidation', symbol: 'BTC/USD:BTC', change: '-70', price: '50000' },
        { kind: 'liquidation', symbol: 'BTC/USD:BTC', change: '-30', price: '51000' },
      ],
    },
  },
  {
    name: 'the settlement of a dated contract',
    source: `${ENUMS} (execType)`,
    path: PATHS.executions,
    answer: list(
      'inverse',
      execution('BTCUSDZ26', 'd1', { execType: 'Settle', side: 'Sell', execQty: '120', execPrice: '61000' }),
    ),
    reading: {
      question: { symbols: ['BTC/USD:BTC-261225'] },
      actions: [{ kind: 'settlement', symbol: 'BTC/USD:BTC-261225', change: '-120', price: '61000' }],
    },
  },
  {
    name: 'funding is no act on a position',
    source: `${CCXT} (fetchFundingHistory, as a position)`,
    path: PATHS.executions,
    answer: list('linear', execution('LTCUSDT', 'f1', { execType: 'Funding', orderType: 'UNKNOWN', execQty: '0.1' })),
    reading: { question: { symbols: ['LTC/USDT:USDT'] }, actions: [] },
  },
];

const KEY = { id: '1', note: 'readwrite api key', apiKey: 'XXXXXX', readOnly: 0, secret: '', type: 1, uta: 1 };
const PERMISSIONS = {
  ContractTrade: ['Order', 'Position'],
  Spot: ['SpotTrade'],
  Wallet: ['AccountTransfer'],
  Derivatives: [],
};

const ACCOUNT: ForeignAnswer[] = [
  {
    name: 'a key that only reads, bound to addresses, with groups of tomorrow',
    source: `${NAUTILUS}/http_get_user_query_api.json`,
    path: PATHS.apiKey,
    answer: answer({
      ...KEY,
      readOnly: 1,
      ips: ['198.51.100.1', '198.51.100.2'],
      permissions: { ...PERMISSIONS, Earn: ['Earn'], ByXPost: ['ByXPost'] },
    }),
    reading: { key: { answer: 'told', canTrade: false, canWithdraw: false, ipRestricted: true } },
  },
  {
    name: 'a key that trades from anywhere',
    source: `${JKORF}/Endpoints/V5Api/Account/GetApiKeyInfo.txt`,
    path: PATHS.apiKey,
    answer: answer({ ...KEY, ips: ['*'], permissions: PERMISSIONS }),
    reading: { key: { canTrade: true, canWithdraw: false, ipRestricted: false } },
  },
  {
    name: 'a unified account 1.0',
    source: `${DOCS}, "Get Account Info"`,
    path: PATHS.accountInfo,
    answer: accountInfo(4),
    reading: { gap: { scope: 'balances:derivatives' } },
  },
  ...(
    [
      [10_002, 'invalid request, please check your server timestamp or recv_window param.', 'clock_skew'],
      [10_003, 'API key is invalid.', 'authentication'],
      [10_006, 'Too many visits. Exceeded the API Rate Limit.', 'rate_limited'],
      [10_010, "Unmatched IP, please check your API key's bound IP addresses.", 'permission'],
      [10_016, 'Server error.', 'network'],
    ] as const
  ).map(([retCode, retMsg, kind]): ForeignAnswer => ({
    name: `the refusal ${retCode}`,
    source: `${DOCS}, "Error Codes"`,
    path: PATHS.wallet,
    answer: { retCode, retMsg, result: {}, retExtInfo: {}, time: 1_672_284_884_285 },
    reading: { failure: { kind } },
  })),
];

export const BYBIT_ACTS: readonly ForeignAnswer[] = [...ACTS, ...ACCOUNT];
