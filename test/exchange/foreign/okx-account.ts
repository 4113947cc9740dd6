import { answer, balance, coin, config, marginRow, PATHS, positionRow } from '../okx-fixtures.js';
import { DOCS, HELP, JKORF, NAUTILUS } from './okx-sources.js';
import type { ForeignAnswer } from './served-answers.js';

const HEDGE = { [PATHS.config]: config({ posMode: 'long_short_mode' }) };

const positions: ForeignAnswer[] = [
  {
    name: 'an isolated margin long, whose debt is in the quote currency',
    source: `${DOCS}, "Get positions"`,
    path: PATHS.positions,
    answer: answer([
      {
        ...marginRow('0.00190433573', 'BTC', '-99.9998177776581948', 'USDT'),
        uTime: '1724742632153',
        avgPx: '62961.4',
      },
    ]),
    reading: {
      state: {
        positionMode: 'one-way',
        positions: [{ symbol: 'BTC/USDT', side: 'long', amount: '0.00190433573', changedAt: 1_724_742_632_153 }],
      },
    },
  },
  {
    name: 'a margin short, whose asset is in the quote currency',
    source: `${DOCS}, "Get positions" (posCcy, liab)`,
    path: PATHS.positions,
    answer: answer([marginRow('119.75', 'USDT', '-0.0019', 'BTC')]),
    reading: { state: { positions: [{ symbol: 'BTC/USDT', side: 'short', amount: '0.0019' }] } },
  },
  {
    name: 'a leg of a dated inverse contract, with its closing orders',
    source: `${JKORF}/Account/GetAccountPositions.txt`,
    path: PATHS.positions,
    besides: HEDGE,
    answer: answer([
      positionRow('ETH-USD-210430', '1', {
        posSide: 'long',
        mgnMode: 'isolated',
        avgPx: '2566.31',
        notionalUsd: '2276.2546609009605',
        closeOrderAlgo: [{ algoId: '123', slTriggerPx: '123', slTriggerPxType: 'mark', closeFraction: '0.6' }],
        uTime: '1619507761462',
      }),
    ]),
    reading: {
      state: {
        positionMode: 'hedge',
        positions: [{ symbol: 'ETH/USD:ETH-210430', side: 'long', amount: '10', changedAt: 1_619_507_761_462 }],
      },
    },
  },
  {
    name: 'half a contract of a long leg',
    source: `${NAUTILUS}/http_get_positions.json`,
    path: PATHS.positions,
    besides: HEDGE,
    answer: answer([positionRow('BTC-USDT-SWAP', '0.5', { posSide: 'long', mgnMode: 'isolated', posCcy: 'BTC' })]),
    reading: { state: { positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.005' }] } },
  },
  {
    name: 'an isolated position of nothing, into which margin was moved',
    source: `${DOCS}, "Get positions" (pos)`,
    path: PATHS.positions,
    answer: answer([positionRow('BTC-USDT-SWAP', '0', { mgnMode: 'isolated', avgPx: '', uTime: '' })]),
    reading: { state: { positions: [], unread: [] } },
  },
  {
    name: 'a net short',
    source: `${DOCS}, "Get positions" (posSide)`,
    path: PATHS.positions,
    answer: answer([positionRow('BTC-USD-SWAP', '-12', { ccy: 'BTC' })]),
    reading: { state: { positions: [{ symbol: 'BTC/USD:BTC', side: 'short', amount: '1200' }] } },
  },
  {
    name: 'a position under portfolio margin, hedged by spot',
    source: `${DOCS}, "Get positions" (spotInUseAmt)`,
    path: PATHS.positions,
    besides: { [PATHS.config]: config({ acctLv: '4' }) },
    answer: answer([
      positionRow('BTC-USDT-SWAP', '-30', { lever: '', spotInUseAmt: '0.3', spotInUseCcy: 'BTC', clSpotInUseAmt: '' }),
    ]),
    reading: { state: { positions: [{ symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.3' }] } },
  },
  {
    name: 'an option, which is named and not compared',
    source: `${DOCS}, "Get positions" (instType)`,
    path: PATHS.positions,
    answer: answer([positionRow('BTC-USD-261225-60000-C', '2', { instType: 'OPTION', optVal: '0.01' })]),
    reading: {
      gap: { scope: 'positions:option', reason: 'option contracts are not compared; the account holds 1' },
    },
  },
  {
    name: 'an event contract, which is named and not compared',
    source: `${DOCS}, "Get positions" (EVENTS)`,
    path: PATHS.positions,
    answer: answer([positionRow('BTC-UPDOWN-1', '5', { instType: 'EVENTS', posSide: 'yes' })]),
    reading: { gap: { scope: 'positions:event', reason: 'event contracts are not compared; the account holds 1' } },
  },
];

const balances: ForeignAnswer[] = [
  {
    name: 'the cash of a currency, not its equity',
    source: `${DOCS}, "Get balance"`,
    path: PATHS.balance,
    answer: balance([
      {
        ...coin('USDT', '4850.435693622894', '4992.890093622894'),
        upl: '-7.545600000000006',
        stgyEq: '150',
        liab: '0',
      },
    ]),
    reading: { state: { balances: [{ currency: 'USDT', total: '4850.435693622894' }] } },
  },
  {
    name: 'the cash beside an isolated position',
    source: `${NAUTILUS}/http_get_account_balance.json`,
    path: PATHS.balance,
    answer: balance([
      {
        ...coin('USDT', '94.42612990333333', '99.89469657000001'),
        isoEq: '5.468566666666667',
        frozenBal: '5.468566666666667',
      },
    ]),
    reading: { state: { balances: [{ currency: 'USDT', total: '94.42612990333333' }] } },
  },
  {
    name: 'three currencies, two of them leftovers',
    source: `${NAUTILUS}/ws_account.json`,
    path: PATHS.balance,
    answer: balance([coin('USDT', '100.52768569797846'), coin('BTC', '0.0000000051'), coin('ETH', '0.000000185')]),
    reading: {
      state: {
        balances: [
          { currency: 'USDT', total: '100.52768569797846' },
          { currency: 'BTC', total: '0.0000000051' },
          { currency: 'ETH', total: '0.000000185' },
        ],
      },
    },
  },
  {
    name: 'the cash of a demo account, with orders that freeze a part',
    source: 'ccxt/ccxt ts/src/test/static/response/okx.json (fetchBalance)',
    path: PATHS.balance,
    answer: balance([
      { ...coin('TUSD', '3000'), maxSpotInUse: '', rewardBal: '' },
      { ...coin('BTC', '1.06126645222'), availBal: '0.6612664522199999', frozenBal: '0.4', ordFrozen: '0.4' },
      { ...coin('JFI', '100'), liab: '0' },
    ]),
    reading: {
      state: {
        balances: [
          { currency: 'TUSD', total: '3000' },
          { currency: 'BTC', total: '1.06126645222' },
          { currency: 'JFI', total: '100' },
        ],
      },
    },
  },
  {
    name: 'a currency that was sold beyond what was held: cash below zero is the debt',
    source: `${HELP}, "Multi-currency margin mode: cross margin trading"`,
    path: PATHS.balance,
    besides: { [PATHS.config]: config({ acctLv: '3' }) },
    answer: balance([
      {
        ...coin('BTC', '-0.5095756', '-0.5096053'),
        availBal: '',
        liab: '0.5096053',
        crossLiab: '0.5095756',
        interest: '0.0000297',
      },
    ]),
    reading: { state: { balances: [{ currency: 'BTC', total: '-0.5095756' }] } },
  },
  {
    name: 'a balance with the fields of an older server',
    source: `${NAUTILUS}/http_balance_detail_old_fields.json`,
    path: PATHS.balance,
    answer: balance([{ ...coin('USDT', '100.0'), clSpotInUse: '35.0', maxSpotInUse: '75.0', spotInUse: '40.0' }]),
    reading: { state: { balances: [{ currency: 'USDT', total: '100' }] } },
  },
];

const account: ForeignAnswer[] = [
  {
    name: 'a key that may do everything, from two addresses',
    source: `${JKORF}/Account/GetAccountConfiguration.txt`,
    path: PATHS.config,
    answer: config({ acctLv: '3', perm: 'read_only,withdraw,trade', ip: '198.51.100.1,198.51.100.2', autoLoan: true }),
    reading: { key: { answer: 'told', canTrade: true, canWithdraw: true, ipRestricted: true } },
  },
  {
    name: 'a key that only reads, from anywhere',
    source: `${DOCS}, "Get account configuration"`,
    path: PATHS.config,
    answer: config({ acctLv: '2', perm: 'read_only', ip: '', enableSpotBorrow: false, stgyType: '0' }),
    reading: { key: { canTrade: false, canWithdraw: false, ipRestricted: false } },
  },
  {
    name: 'the funding account is not read',
    source: `${DOCS}, "Funding Account"`,
    path: PATHS.config,
    answer: config({ acctLv: '1' }),
    reading: { gap: { scope: 'balances:funding' } },
  },
  ...(
    [
      [
        '50011',
        'Rate limit reached. Please refer to API documentation and throttle requests accordingly',
        'rate_limited',
      ],
      ['50026', 'System error. Try again later', 'network'],
      ['50101', 'APIKey does not match current environment.', 'authentication'],
      ['50111', 'Invalid OK-ACCESS-KEY', 'authentication'],
      ['50110', "Your IP 198.51.100.1 is not included in your API key's IP whitelist.", 'permission'],
    ] as const
  ).map(([code, msg, kind]): ForeignAnswer => ({
    name: `the refusal ${code}`,
    source: `${DOCS}, "Error Code"`,
    path: PATHS.balance,
    answer: { code, msg, data: [] },
    reading: { failure: { kind } },
  })),
];

export const OKX_ACCOUNTS: readonly ForeignAnswer[] = [...positions, ...balances, ...account];
