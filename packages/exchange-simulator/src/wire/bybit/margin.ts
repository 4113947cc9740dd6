import { BybitError, parameterError } from './errors.js';
import {
  chosenMarkets,
  marketById,
  open,
  symbolIdOf,
  trade,
  type Route,
  type SignedCall,
  type WireCall,
} from './route.js';
import { MarginSettings } from '../margin-settings.js';
import type { Account } from '../../engine/account.js';
import type { Market } from '../../engine/market.js';

const HIGHEST_LEVERAGE = 100;
const MARGIN_MODES = ['ISOLATED_MARGIN', 'REGULAR_MARGIN', 'PORTFOLIO_MARGIN'] as const;
type MarginMode = (typeof MARGIN_MODES)[number];

const LEVERAGES = new MarginSettings({ leverage: 10, mode: 'cross' });
/** A unified account has one mode for all its positions. */
const MODES = new WeakMap<Account, MarginMode>();

/**
 * Leverage and margin mode. The engine has no margin: the values are only stored and returned. Pages under
 * https://bybit-exchange.github.io/docs/v5/: market/risk-limit, position/leverage, account/set-margin-mode.
 */
export const MARGIN: Route[] = [
  open('/v5/market/risk-limit', riskLimits),
  trade('/v5/position/set-leverage', 10, setLeverage),
  trade('/v5/account/set-margin-mode', 5, setMarginMode),
];

export function leverageOf(account: Account, market: Market): string {
  return String(LEVERAGES.of(account, market.symbol).leverage);
}

export function marginModeOf(account: Account): MarginMode {
  return MODES.get(account) ?? 'REGULAR_MARGIN';
}

/** One level for each symbol; all fit on one page. */
function riskLimits(call: WireCall): unknown {
  const category = call.parameters.oneOf('category', ['linear', 'inverse']);
  const list = chosenMarkets(call, category, false).map((market, index) => ({
    id: index + 1,
    symbol: symbolIdOf(market),
    riskLimitValue: '100000000',
    maintenanceMargin: '0.005',
    initialMargin: '0.01',
    isLowestRisk: 1,
    maxLeverage: `${HIGHEST_LEVERAGE}.00`,
    mmDeduction: '',
  }));
  return { category, list, nextPageCursor: '' };
}

function setLeverage(call: SignedCall): unknown {
  const { parameters, account } = call;
  const category = parameters.oneOf('category', ['linear', 'inverse']);
  const market = marketById(call, category, parameters.mandatory('symbol'));
  const [buy, sell] = ['buyLeverage', 'sellLeverage'].map((name) => Number(parameters.mandatory(name)));
  if (buy === undefined || buy !== sell) throw parameterError('buy leverage not equal sell leverage');
  if (!(buy >= 1 && buy <= HIGHEST_LEVERAGE)) {
    throw new BybitError(110_013, 'Cannot set leverage due to risk limit level');
  }
  if (LEVERAGES.of(account, market.symbol).leverage === buy) throw new BybitError(110_043, 'leverage not modified');
  LEVERAGES.set(account, market.symbol, { leverage: buy });
  return {};
}

/** Setting the mode that is already set succeeds. */
function setMarginMode({ parameters, account }: SignedCall): unknown {
  MODES.set(account, parameters.oneOf('setMarginMode', MARGIN_MODES));
  return { reasons: [] };
}
