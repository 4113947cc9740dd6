import { Big } from 'big.js';
import { isDecimal, isZero, type DecimalText } from '../../domain/decimal/decimal.js';
import type { Market } from './markets.js';

/** Where both come from one row they agree to a rounding. A contract size never changes by less. */
const TOLERANCE = '0.02';

/** A position's own value and price, as its row reports them. */
export interface ReportedValue {
  contracts: DecimalText;
  /** In the settle currency. Its sign does not count. */
  value: string | null | undefined;
  price: string | null | undefined;
}

/**
 * What one contract is worth by the row itself, where that is not the market's contract size: the exchange has changed the size
 * since the markets were read, and amounts computed with the old one would be wrong. Null where the row agrees or does not tell.
 */
export function otherContractSize({ contracts, value, price }: ReportedValue, market: Market): DecimalText | null {
  if (!isNumber(value) || !isNumber(price) || isZero(contracts)) return null;
  const worth = new Big(value).div(contracts).abs();
  const implied = market.kind === 'inverse' ? worth.times(price) : worth.div(price);
  const off = implied.minus(market.contractSize).div(market.contractSize).abs();
  return off.lte(TOLERANCE) ? null : implied.prec(6).toFixed();
}

function isNumber(text: string | null | undefined): text is string {
  return typeof text === 'string' && isDecimal(text) && !isZero(text);
}
