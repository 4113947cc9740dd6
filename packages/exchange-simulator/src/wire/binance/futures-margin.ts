import { BinanceError } from './errors.js';
import { symbolIdOf } from './futures-rows.js';
import { marketOf, signed, type Route, type SignedCall } from './route.js';
import { MarginSettings, type MarginSetting } from '../margin-settings.js';
import type { Market } from '../../engine/market.js';
import { isZero } from '@plumbline/primitives/decimal';

const HIGHEST_LEVERAGE = 125;

const SETTINGS = new MarginSettings({ leverage: 20, mode: 'cross' });

/**
 * Leverage and margin type. Pages under https://developers.binance.com/docs/derivatives/usds-margined-futures/: trade/rest-api/
 * Change-Initial-Leverage, Change-Margin-Type, account/rest-api/Get-Current-Multi-Assets-Mode.
 */
export const FUTURES_MARGIN: Route[] = [
  signed('POST', '/fapi/v1/leverage', 'TRADE', 1, changeLeverage),
  signed('POST', '/fapi/v1/marginType', 'TRADE', 1, changeMarginType),
  signed('GET', '/fapi/v1/multiAssetsMargin', 'USER_DATA', 30, () => ({ multiAssetsMargin: false })),
];

export function marginSettingOf({ account }: SignedCall, market: Market): MarginSetting {
  return SETTINGS.of(account, market.symbol);
}

function changeLeverage(call: SignedCall): unknown {
  const market = marketOf(call);
  const text = call.parameters.mandatory('leverage');
  const leverage = Number(text);
  if (!Number.isInteger(leverage) || leverage < 1 || leverage > HIGHEST_LEVERAGE) {
    throw new BinanceError(400, -4028, `Leverage ${text} is not valid`);
  }
  SETTINGS.set(call.account, market.symbol, { leverage });
  return { leverage, maxNotionalValue: '100000000', symbol: symbolIdOf(market) };
}

function changeMarginType(call: SignedCall): unknown {
  const market = marketOf(call);
  const asked = call.parameters.oneOf(
    'marginType',
    ['ISOLATED', 'CROSSED'],
    -1130,
    "Data sent for parameter 'marginType' is not valid.",
  );
  const mode = asked === 'ISOLATED' ? 'isolated' : 'cross';
  if (marginSettingOf(call, market).mode === mode) {
    throw new BinanceError(400, -4046, 'No need to change margin type.');
  }
  const isOfMarket = ({ symbol }: { symbol: string }): boolean => symbol === market.symbol;
  if (call.account.open().some(isOfMarket)) {
    throw new BinanceError(400, -4047, 'Margin type cannot be changed if there exists open orders.');
  }
  if (call.account.positions().some((position) => isOfMarket(position) && !isZero(position.amount))) {
    throw new BinanceError(400, -4048, 'Margin type cannot be changed if there exists position.');
  }
  SETTINGS.set(call.account, market.symbol, { mode });
  return { code: 200, msg: 'success' };
}
