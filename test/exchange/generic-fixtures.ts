import type { WireServer } from './wire-server.js';

/*
 * Markets, an empty account and an account with rows, in the formats that each exchange documents (known-questions.ts
 * names the pages).
 */

export const AT = 1_764_000_000_000;

export interface GenericExchange {
  id: string;
  credentials: Record<string, string>;
  /** Clock, markets and balances. */
  base: Record<string, object>;
  /** Each list of the account, by path: empty, and with rows. */
  lists: Record<string, { empty: object; rows: object }>;
  /** The position in `rows`, and the order. */
  position: { symbol: string; side: 'long' | 'short'; amount: string };
  order: { symbol: string; side: 'buy' | 'sell'; amount: string; price: string | null; id: string } | null;
  /** Scopes of an empty account besides balances. */
  scopes: readonly string[];
}

const KEYS = { apiKey: 'key-Planted+1$', secret: 'secret-Planted/2==' };

const bingx: GenericExchange = {
  id: 'bingx',
  credentials: KEYS,
  base: {
    '/openApi/swap/v2/server/time': { code: 0, msg: '', data: { serverTime: AT } },
    '/openApi/swap/v2/quote/contracts': {
      code: 0,
      msg: '',
      data: [
        {
          contractId: '100',
          symbol: 'LTC-USDT',
          size: '0.1',
          quantityPrecision: '1',
          pricePrecision: '2',
          currency: 'USDT',
          asset: 'LTC',
          status: '1',
          tradeMinQuantity: '0.1',
        },
      ],
    },
    '/openApi/cswap/v1/market/contracts': { code: 0, msg: '', timestamp: AT, data: [] },
    '/openApi/spot/v1/common/symbols': {
      code: 0,
      msg: '',
      data: {
        symbols: [
          { symbol: 'LTC-USDT', tickSize: 0.01, stepSize: 0.001, minNotional: 5, maxNotional: 20_000, status: 1 },
        ],
      },
    },
    '/openApi/spot/v1/account/balance': { code: 0, msg: '', data: { balances: [] } },
    '/openApi/swap/v2/user/balance': { code: 0, msg: '', data: [] },
    '/openApi/swap/v3/user/balance': { code: 0, msg: '', data: [] },
  },
  lists: {
    '/openApi/swap/v2/user/positions': {
      empty: { code: 0, msg: '', data: [] },
      rows: {
        code: 0,
        msg: '',
        data: [
          {
            positionId: '1700000000000000001',
            symbol: 'LTC-USDT',
            currency: 'USDT',
            positionAmt: '0.3',
            availableAmt: '0.1',
            positionSide: 'SHORT',
            isolated: false,
            avgPrice: '83.53',
            initialMargin: '1.3922',
            leverage: 6,
            unrealizedProfit: '-0.0009',
            realisedProfit: '-0.0042',
            liquidationPrice: 0,
          },
        ],
      },
    },
    '/openApi/swap/v2/trade/openOrders': {
      empty: { code: 0, msg: '', data: { orders: [] } },
      rows: {
        code: 0,
        msg: '',
        data: {
          orders: [
            {
              symbol: 'LTC-USDT',
              orderId: '1500000000000000002',
              side: 'BUY',
              positionSide: 'SHORT',
              type: 'STOP_MARKET',
              origQty: '0.3',
              price: '0.00',
              executedQty: '0.0',
              avgPrice: '0.00',
              cumQuote: '0',
              stopPrice: '91.50',
              status: 'NEW',
              time: AT - 60_000,
              updateTime: AT - 60_000,
              clientOrderID: '',
            },
          ],
        },
      },
    },
    '/openApi/spot/v1/trade/openOrders': {
      empty: { code: 0, msg: '', data: { orders: [] } },
      rows: { code: 0, msg: '', data: { orders: [] } },
    },
  },
  position: { symbol: 'LTC/USDT:USDT', side: 'short', amount: '0.3' },
  order: { symbol: 'LTC/USDT:USDT', side: 'buy', amount: '0.3', price: null, id: '1500000000000000002' },
  scopes: ['orders:conditional:linear', 'orders:regular:linear', 'orders:regular:spot', 'positions:linear'],
};

const coinexMarket = { taker_fee_rate: '0.001', maker_fee_rate: '0.001', base_ccy: 'BTC', base_ccy_precision: 8 };
const coinex: GenericExchange = {
  id: 'coinex',
  credentials: KEYS,
  base: {
    '/v2/time': { code: 0, data: { timestamp: AT }, message: 'OK' },
    '/v2/spot/market': {
      code: 0,
      data: [
        {
          ...coinexMarket,
          market: 'BTCUSDT',
          quote_ccy: 'USDT',
          quote_ccy_precision: 2,
          min_amount: '0.0001',
          is_api_trading_available: true,
        },
      ],
      message: 'OK',
    },
    '/v2/futures/market': {
      code: 0,
      data: [
        {
          ...coinexMarket,
          market: 'BTCUSDT',
          quote_ccy: 'USDT',
          quote_ccy_precision: 2,
          min_amount: '0.0001',
          contract_type: 'linear',
          leverage: ['1', '3'],
        },
        {
          ...coinexMarket,
          market: 'BTCUSD',
          quote_ccy: 'USD',
          quote_ccy_precision: 2,
          base_ccy_precision: 0,
          min_amount: '10',
          contract_type: 'inverse',
          leverage: ['1', '3'],
        },
      ],
      message: 'OK',
    },
    '/v2/assets/spot/balance': { code: 0, data: [], message: 'OK' },
  },
  lists: {
    '/v2/futures/pending-position': {
      empty: { code: 0, data: [], message: 'OK', pagination: { has_next: false } },
      rows: {
        code: 0,
        data: [
          {
            position_id: 300000001,
            market: 'BTCUSDT',
            market_type: 'FUTURES',
            side: 'long',
            margin_mode: 'cross',
            // An order that closes the whole position rests: nothing more can be closed.
            open_interest: '0.0002',
            close_avbl: '0',
            unrealized_pnl: '0',
            realized_pnl: '-0.003',
            avg_entry_price: '62336.8',
            created_at: AT - 100_000,
            updated_at: AT - 90_000,
            take_profit_price: '0',
            stop_loss_price: '0',
            leverage: '3',
            margin_avbl: '2.07',
            liq_price: '0',
          },
        ],
        message: 'OK',
        pagination: { has_next: false },
      },
    },
    '/v2/futures/pending-order': {
      empty: { code: 0, data: [], message: 'OK', pagination: { total: 0, has_next: false } },
      rows: {
        code: 0,
        data: [
          {
            order_id: 137319868771,
            market: 'BTCUSDT',
            market_type: 'FUTURES',
            side: 'sell',
            type: 'limit',
            amount: '0.0002',
            price: '70000',
            client_id: '',
            unfilled_amount: '0.0002',
            filled_amount: '0',
            filled_value: '0',
            fee: '0',
            fee_ccy: 'USDT',
            maker_fee_rate: '0',
            taker_fee_rate: '0.0005',
            last_filled_amount: '0',
            last_filled_price: '0',
            realized_pnl: '0',
            created_at: AT - 60_000,
            updated_at: AT - 60_000,
          },
        ],
        message: 'OK',
        pagination: { total: 1, has_next: false },
      },
    },
    ...Object.fromEntries(
      ['/v2/futures/pending-stop-order', '/v2/spot/pending-order', '/v2/spot/pending-stop-order'].map((path) => [
        path,
        {
          empty: { code: 0, data: [], message: 'OK', pagination: { has_next: false } },
          rows: { code: 0, data: [], message: 'OK' },
        },
      ]),
    ),
  },
  position: { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.0002' },
  order: { symbol: 'BTC/USDT:USDT', side: 'sell', amount: '0.0002', price: '70000', id: '137319868771' },
  scopes: [
    'orders:conditional:inverse',
    'orders:conditional:linear',
    'orders:conditional:spot',
    'orders:regular:inverse',
    'orders:regular:linear',
    'orders:regular:spot',
    'positions:inverse',
    'positions:linear',
  ],
};

const rpc = (result: unknown): object => ({
  jsonrpc: '2.0',
  result,
  usIn: AT * 1000,
  usOut: AT * 1000 + 5,
  usDiff: 5,
  testnet: false,
});
const deribit: GenericExchange = {
  id: 'deribit',
  credentials: KEYS,
  base: {
    '/api/v2/public/get_time': rpc(AT),
    '/api/v2/public/get_instruments': rpc([
      {
        tick_size: 0.5,
        settlement_period: 'perpetual',
        settlement_currency: 'BTC',
        quote_currency: 'USD',
        min_trade_amount: 10,
        kind: 'future',
        is_active: true,
        instrument_name: 'BTC-PERPETUAL',
        expiration_timestamp: 32_503_708_800_000,
        counter_currency: 'USD',
        contract_size: 10,
        base_currency: 'BTC',
        taker_commission: 0.0005,
        maker_commission: 0,
      },
      {
        tick_size: 0.01,
        settlement_period: 'perpetual',
        settlement_currency: 'USDC',
        quote_currency: 'USDC',
        min_trade_amount: 0.001,
        kind: 'future',
        is_active: true,
        instrument_name: 'ETH_USDC-PERPETUAL',
        expiration_timestamp: 32_503_708_800_000,
        counter_currency: 'USDC',
        contract_size: 0.001,
        base_currency: 'ETH',
        taker_commission: 0.0005,
        maker_commission: 0,
      },
    ]),
    '/api/v2/private/get_account_summary': rpc({
      currency: 'BTC',
      balance: 0,
      equity: 0,
      available_funds: 0,
      maintenance_margin: 0,
    }),
    '/api/v2/private/get_account_summaries': rpc({ summaries: [] }),
  },
  lists: {
    '/api/v2/private/get_positions': {
      empty: rpc([]),
      rows: rpc([
        {
          average_price: 60_000.5,
          delta: -0.1,
          direction: 'sell',
          estimated_liquidation_price: 0,
          floating_profit_loss: 0,
          index_price: 60_000,
          initial_margin: 0.01,
          instrument_name: 'BTC-PERPETUAL',
          leverage: 50,
          kind: 'future',
          maintenance_margin: 0.005,
          mark_price: 60_000,
          open_orders_margin: 0,
          realized_profit_loss: 0,
          settlement_price: 60_000,
          size: -6000,
          size_currency: -0.1,
          total_profit_loss: 0,
        },
        {
          average_price: 0,
          direction: 'zero',
          initial_margin: 0,
          instrument_name: 'ETH_USDC-PERPETUAL',
          leverage: 50,
          kind: 'future',
          maintenance_margin: 0,
          size: 0,
          size_currency: 0,
        },
      ]),
    },
    '/api/v2/private/get_open_orders_by_currency': { empty: rpc([]), rows: rpc([]) },
  },
  position: { symbol: 'BTC/USD:BTC', side: 'short', amount: '6000' },
  order: null,
  scopes: [
    'orders:conditional:inverse:BTC',
    'orders:conditional:linear:USDC',
    'orders:regular:inverse:BTC',
    'orders:regular:linear:USDC',
    'positions:inverse',
    'positions:linear',
  ],
};

const mexc: GenericExchange = {
  id: 'mexc',
  credentials: KEYS,
  base: {
    '/api/v3/time': { serverTime: AT },
    '/api/v3/exchangeInfo': { timezone: 'CST', serverTime: AT, rateLimits: [], exchangeFilters: [], symbols: [] },
    '/api/v1/contract/detail': {
      success: true,
      code: 0,
      data: [
        {
          symbol: 'BTC_USDT',
          displayName: 'BTC_USDT',
          baseCoin: 'BTC',
          quoteCoin: 'USDT',
          settleCoin: 'USDT',
          contractSize: 0.0001,
          priceUnit: 0.5,
          volUnit: 1,
          minVol: 1,
          maxVol: 1_000_000,
          state: 0,
          takerFeeRate: 0.0006,
          makerFeeRate: 0.0002,
        },
        {
          symbol: 'BTC_USD',
          displayName: 'BTC_USD',
          baseCoin: 'BTC',
          quoteCoin: 'USD',
          settleCoin: 'BTC',
          contractSize: 100,
          priceUnit: 0.5,
          volUnit: 1,
          minVol: 1,
          maxVol: 1_000_000,
          state: 0,
          takerFeeRate: 0.0006,
          makerFeeRate: 0.0002,
        },
      ],
    },
    '/api/v3/account': { canTrade: false, balances: [] },
  },
  lists: {
    '/api/v1/private/position/open_positions': {
      empty: { success: true, code: 0, data: [] },
      rows: {
        success: true,
        code: 0,
        data: [
          {
            positionId: 1_394_650,
            symbol: 'BTC_USD',
            positionType: 2,
            openType: 1,
            state: 1,
            holdVol: 13,
            frozenVol: 0,
            closeVol: 0,
            holdAvgPrice: 61_217.3,
            openAvgPrice: 61_217.3,
            closeAvgPrice: 0,
            liquidatePrice: 81_211.2,
            oim: 0.129,
            im: 0.129,
            holdFee: 0,
            realised: -0.0073,
            leverage: 10,
            createTime: AT - 100_000,
            updateTime: AT - 90_000,
            autoAddIm: false,
          },
        ],
      },
    },
    '/api/v1/private/order/list/open_orders': {
      empty: { success: true, code: 0, data: [] },
      rows: {
        success: true,
        code: 0,
        data: [
          {
            orderId: '264995729269765121',
            symbol: 'BTC_USDT',
            positionId: 0,
            price: 58_000.5,
            vol: 15,
            leverage: 20,
            side: 1,
            category: 1,
            orderType: 1,
            dealAvgPrice: 0,
            dealVol: 5,
            openType: 1,
            state: 2,
            externalOid: '_m_0e9520c256744d64b942985189026d21',
            errorCode: 0,
            createTime: AT - 60_000,
            updateTime: AT - 50_000,
          },
        ],
      },
    },
  },
  position: { symbol: 'BTC/USD:BTC', side: 'short', amount: '1300' },
  order: { symbol: 'BTC/USDT:USDT', side: 'buy', amount: '0.0015', price: '58000.5', id: '264995729269765121' },
  scopes: ['orders:regular:inverse', 'orders:regular:linear', 'positions:inverse', 'positions:linear'],
};

const wooMarket = {
  status: 'TRADING',
  baseAssetMultiplier: 1,
  quoteTick: '0.01',
  quoteMin: '0',
  quoteMax: '100000',
  baseMax: '5000',
  minNotional: '1',
};
const woo: GenericExchange = {
  id: 'woo',
  credentials: KEYS,
  base: {
    '/v3/public/systemInfo': {
      success: true,
      data: { status: 0, msg: 'System is functioning properly.', estimatedEndTime: 0 },
      timestamp: AT,
    },
    '/v3/public/instruments': {
      success: true,
      data: {
        rows: [
          {
            ...wooMarket,
            symbol: 'SPOT_LTC_USDT',
            baseAsset: 'LTC',
            quoteAsset: 'USDT',
            baseMin: '0.005',
            baseTick: '0.0001',
          },
          {
            ...wooMarket,
            symbol: 'PERP_LTC_USDT',
            baseAsset: 'LTC',
            quoteAsset: 'USDT',
            baseMin: '0.01',
            baseTick: '0.01',
          },
        ],
      },
      timestamp: AT,
    },
    '/v3/asset/balances': { success: true, data: { holding: [] }, timestamp: AT },
  },
  lists: {
    '/v3/futures/positions': {
      empty: { success: true, data: { positions: [] }, timestamp: AT },
      rows: {
        success: true,
        data: {
          positions: [
            {
              symbol: 'PERP_LTC_USDT',
              holding: '-0.7',
              pendingLongQty: '0',
              pendingShortQty: '0',
              settlePrice: '96.87',
              averageOpenPrice: '96.87',
              markPrice: '96.83793449',
              estLiqPrice: '0',
              timestamp: AT - 90_000,
              adlQuantile: 2,
              positionSide: 'BOTH',
              marginMode: 'CROSS',
              leverage: 10,
            },
          ],
        },
        timestamp: AT,
      },
    },
    '/v3/trade/orders': {
      empty: {
        success: true,
        data: { rows: [], meta: { total: 0, recordsPerPage: 500, currentPage: 1 } },
        timestamp: AT,
      },
      rows: {
        success: true,
        data: {
          rows: [
            {
              orderId: 60_780_315_704,
              clientOrderId: 0,
              symbol: 'SPOT_LTC_USDT',
              orderTag: 'default',
              side: 'BUY',
              quantity: 0.1,
              amount: null,
              type: 'LIMIT',
              status: 'NEW',
              price: 60,
              executed: 0,
              visible: 0.1,
              averageExecutedPrice: 0,
              createdTime: '1752049062.496',
              reduceOnly: false,
              positionSide: 'BOTH',
            },
          ],
          meta: { total: 1, recordsPerPage: 500, currentPage: 1 },
        },
        timestamp: AT,
      },
    },
    '/v3/trade/algoOrders': {
      empty: { success: true, data: { rows: [] }, timestamp: AT },
      rows: { success: true, data: { rows: [] }, timestamp: AT },
    },
  },
  position: { symbol: 'LTC/USDT:USDT', side: 'short', amount: '0.7' },
  order: { symbol: 'LTC/USDT', side: 'buy', amount: '0.1', price: '60', id: '60780315704' },
  scopes: [
    'orders:conditional:linear',
    'orders:conditional:spot',
    'orders:regular:linear',
    'orders:regular:spot',
    'positions:linear',
  ],
};

export const GENERIC: readonly GenericExchange[] = [bingx, coinex, deribit, mexc, woo];

export function serveGeneric(wire: WireServer, { base, lists }: GenericExchange, kind: 'empty' | 'rows'): WireServer {
  for (const [path, answer] of Object.entries(base)) wire.route(path, answer);
  for (const [path, answers] of Object.entries(lists)) wire.route(path, answers[kind]);
  return wire;
}
