import { spotTokens } from './account.js';
import { hlNumber, listedMarkets, sizeDecimalsOf } from './markets.js';
import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';

/**
 * The traded assets. Pages https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals
 * (`meta`, `metaAndAssetCtxs`, `perpDexs`) and .../info-endpoint/spot (`spotMeta`, `spotMetaAndAssetCtxs`).
 */
export function meta(engine: Engine): Record<string, unknown> {
  return {
    universe: listedMarkets(engine).map((market) => ({
      szDecimals: sizeDecimalsOf(market),
      name: market.base,
      maxLeverage: 20,
      marginTableId: 20,
    })),
    marginTables: [[20, { description: '', marginTiers: [{ lowerBound: '0.0', maxLeverage: 20 }] }]],
    collateralToken: 0,
  };
}

export function metaAndAssetContexts(engine: Engine): unknown[] {
  return [meta(engine), listedMarkets(engine).map((market) => assetContext(engine, market))];
}

function assetContext(engine: Engine, market: Market): Record<string, unknown> {
  const price = hlNumber(engine.price(market.symbol));
  return {
    funding: '0.0000125',
    openInterest: '0.0',
    prevDayPx: price,
    dayNtlVlm: '0.0',
    premium: '0.0',
    oraclePx: price,
    markPx: price,
    midPx: price,
    impactPxs: [price, price],
    dayBaseVlm: '0.0',
  };
}

/** Spot has tokens, for balances, and no pairs: the engine's spot markets belong to other exchanges. */
export function spotMeta(engine: Engine): Record<string, unknown> {
  return {
    tokens: spotTokens(engine).map((name, index) => ({
      name,
      szDecimals: 8,
      weiDecimals: 8,
      index,
      tokenId: `0x${index.toString(16).padStart(32, '0')}`,
      isCanonical: index === 0,
      evmContract: null,
      fullName: null,
    })),
    universe: [],
  };
}

export function allMids(engine: Engine): Record<string, string> {
  return Object.fromEntries(
    listedMarkets(engine).map((market) => [market.base, hlNumber(engine.price(market.symbol))]),
  );
}

export function orderBook(engine: Engine, coin: string): unknown {
  const market = listedMarkets(engine).find(({ base }) => base === coin);
  if (market === undefined) return null;
  const level = { px: hlNumber(engine.price(market.symbol)), sz: '100.0', n: 1 };
  return { coin, time: engine.now(), levels: [[level], [level]] };
}
