import { emptyParameter, OkxError } from './errors.js';
import {
  chosenMarkets,
  instrumentTypeOf,
  INSTRUMENT_TYPES,
  marketById,
  open,
  read,
  trade,
  type Parameters,
  type Route,
  type SignedCall,
  type WireCall,
} from './route.js';
import { MarginSettings } from '../margin-settings.js';

const HIGHEST_LEVERAGE = 100;
/** Contracts. */
const LARGEST_POSITION = '100000000';
const MARGIN_MODES = ['isolated', 'cross'] as const;
const SIDES = ['net', 'long', 'short'] as const;

const LEVERAGES = new MarginSettings({ leverage: 10, mode: 'cross' });

/**
 * Leverage. The engine has no margin: the value is only stored and returned. https://www.okx.com/docs-v5/en/:
 * #public-data-rest-api-get-position-tiers, #trading-account-rest-api-set-leverage, -get-leverage.
 */
export const MARGIN: Route[] = [
  open('/api/v5/public/position-tiers', 10, positionTiers),
  trade('/api/v5/account/set-leverage', 40, setLeverage),
  read('/api/v5/account/leverage-info', 40, leverageInfo),
];

/** One tier for each family. */
function positionTiers(call: WireCall): readonly unknown[] {
  const { parameters } = call;
  parameters.oneOf('instType', INSTRUMENT_TYPES);
  parameters.oneOf('tdMode', MARGIN_MODES);
  const family = parameters.text('instFamily') ?? parameters.text('uly');
  const isOfSwaps = parameters.text('instType') === 'SWAP';
  if (isOfSwaps && family === undefined) throw emptyParameter('instFamily');
  return chosenMarkets(call)
    .filter((market) => isOfSwaps && instrumentTypeOf(market) === 'SWAP')
    .map(() => ({
      baseMaxLoan: '',
      imr: '0.01',
      instFamily: family ?? '',
      instId: '',
      maxLever: String(HIGHEST_LEVERAGE),
      maxSz: LARGEST_POSITION,
      minSz: '0',
      mmr: '0.004',
      optMgnFactor: '0',
      quoteMaxLoan: '',
      tier: '1',
      uly: family ?? '',
    }));
}

function setLeverage(call: SignedCall): readonly unknown[] {
  const { parameters, account } = call;
  const asked = askedLeverage(call, parameters);
  const lever = parameters.mandatory('lever');
  const leverage = Number(lever);
  if (!(leverage >= 1 && leverage <= HIGHEST_LEVERAGE)) {
    throw new OkxError('59102', 'Leverage exceeds the maximum limit. Please lower the leverage.');
  }
  LEVERAGES.set(account, keyOf(asked), { leverage });
  return [{ ...asked, lever }];
}

function leverageInfo(call: SignedCall): readonly unknown[] {
  const { parameters, account } = call;
  return parameters
    .mandatory('instId')
    .split(',')
    .flatMap((instId) => {
      marketById(call.engine, instId);
      const mgnMode = parameters.oneOf('mgnMode', MARGIN_MODES);
      const sides = account.positionMode === 'hedge' ? (['long', 'short'] as const) : (['net'] as const);
      return sides.map((posSide) => {
        const asked = { instId, mgnMode, posSide };
        return { ...asked, ccy: '', lever: String(LEVERAGES.of(account, keyOf(asked)).leverage) };
      });
    });
}

interface Asked {
  instId: string;
  mgnMode: string;
  posSide: string;
}

/** Only by instrument: leverage of a currency's margin is not modelled. Both sides of a cross position have one leverage. */
function askedLeverage({ engine }: SignedCall, parameters: Parameters): Asked {
  const instId = parameters.mandatory('instId');
  marketById(engine, instId);
  const mgnMode = parameters.oneOf('mgnMode', MARGIN_MODES);
  const posSide = parameters.text('posSide') === undefined ? 'net' : parameters.oneOf('posSide', SIDES);
  return { instId, mgnMode, posSide };
}

function keyOf({ instId, mgnMode, posSide }: Asked): string {
  return `${instId} ${mgnMode} ${mgnMode === 'cross' ? '' : posSide}`;
}
