import { absoluteDecimal, negateDecimal, type DecimalText } from '../../../domain/decimal/decimal.js';
import type { CurrencyAct, PositionAct } from '../../../domain/explain/cause.js';
import type { OrderEnd } from '../../profile/missing-orders.js';
import type { ReadSession } from '../../profile/read-session.js';

/*
 * The words of Bitget's records that mean an act of the exchange, or money that came or went. Source: bitget.com/api-doc, pages
 * contract/trade/Get-Orders-History (tradeSide, orderSource), contract/account/Get-Account-Bill and
 * spot/account/Get-Account-Bills (businessType, groupType), and uta/enum (execType, type of financial records).
 */

/** Orders that the exchange itself places: a full or partial liquidation, a netting of legs. */
const LIQUIDATING_SIDE = /^(?:burst|reduce|offset)_/;
const DELEVERAGING_SIDE = /^dte_sys_adl_/;
const DELIVERING = /^delivery(?:_|$)/;
const LIQUIDATING = ['liquidation', 'reduce', 'offset'];

export interface OrderWords {
  tradeSide?: string | null | undefined;
  /** `orderSource` of classic accounts, `execType` of unified ones. */
  cause?: string | null | undefined;
}

/** Null for an order that the exchange did not place. */
export function positionActOf({ tradeSide, cause }: OrderWords): PositionAct | null {
  const side = tradeSide ?? '';
  if (DELEVERAGING_SIDE.test(side)) return 'deleveraging';
  if (LIQUIDATING_SIDE.test(side) || LIQUIDATING.includes(cause ?? '')) return 'liquidation';
  return DELIVERING.test(side) || DELIVERING.test(cause ?? '') ? 'settlement' : null;
}

/**
 * The change of a position by an order or a trade. In hedge mode `side` of classic accounts is that of the position;
 * `tradeSide` tells both.
 */
export function positionChange(
  amount: DecimalText,
  side: 'buy' | 'sell',
  tradeSide: string | null | undefined,
): DecimalText {
  const word = tradeSide ?? '';
  const isSold = word.endsWith('close_long') || (!word.endsWith('close_short') && side === 'sell');
  return isSold ? negateDecimal(amount) : amount;
}

/** Reasons of a cancellation that are more than a cancellation. All others are. */
const CANCEL_REASONS: Readonly<Record<string, OrderEnd>> = {
  fok_not_full_cancel: 'expired',
  ioc_not_full_cancel: 'expired',
  delivery_order_cancel: 'expired',
  post_only_fill_cancel: 'rejected',
  burst_cancel: 'liquidated',
  adl_cancel: 'liquidated',
};

export interface EndWords extends OrderWords {
  status?: string | null | undefined;
  force?: string | null | undefined;
  cancelReason?: string | null | undefined;
}

/** How an order ended, by the words of the order query and of the histories. */
export function endOfOrder({ status, force, cancelReason, tradeSide, cause }: EndWords): OrderEnd {
  if (status !== 'filled' && status !== 'canceled' && status !== 'cancelled') return 'open';
  const act = positionActOf({ tradeSide, cause });
  if (act === 'liquidation' || act === 'deleveraging') return 'liquidated';
  if (status === 'filled') return 'filled';
  const end = CANCEL_REASONS[cancelReason ?? ''];
  // An order that may not rest expires by its own terms.
  return end ?? (force === 'ioc' || force === 'fok' ? 'expired' : 'canceled');
}

const FUTURES_BILLS: Readonly<Record<string, CurrencyAct>> = {
  contract_settle_fee: 'funding',
  settle_interest: 'interest',
  user_exchange_buy: 'conversion',
  user_exchange_sell: 'conversion',
  risk_captital_user_transfer: 'transfer',
  bonus_issue: 'transfer',
  bonus_recycle: 'transfer',
  bonus_expired: 'transfer',
  cash_gift_issue: 'transfer',
  cash_gift_recycle: 'transfer',
};

/** What a bill of a futures account is; null for trades and for changes of margins. */
export function actOfFuturesBill(businessType: string): CurrencyAct | null {
  return /^trans_(?:from|to)_/.test(businessType) ? 'transfer' : (FUTURES_BILLS[businessType] ?? null);
}

const WALLET_GROUPS: Readonly<Record<string, CurrencyAct>> = {
  deposit: 'deposit',
  withdraw: 'withdrawal',
  convert: 'conversion',
};

/** What a bill of the spot account or of the funding wallet is; null for trades. Words come in both cases. */
export function actOfWalletBill(groupType: string, type: string): CurrencyAct | null {
  if (type.toUpperCase() === 'DEDUCTION_HANDLING_FEE') return 'fee';
  const group = groupType.toLowerCase();
  return group === 'transaction' ? null : (WALLET_GROUPS[group] ?? 'transfer');
}

const UNIFIED_RECORDS: readonly (readonly [RegExp, CurrencyAct])[] = [
  [/_SETTLE_FEE_/, 'funding'],
  [/^INTEREST_/, 'interest'],
  [/^(?:ORDER_PLF_FEE_|LIQ_FEE$)/, 'fee'],
  [/^(?:EXCHANGE|SMALL_ASSET|DELIST_MARGIN_TOKEN|REPAY|RISK|LIQ_CONVERT)_/, 'conversion'],
  [/(?:^|_)TRANSFER_/, 'transfer'],
  [/^(?:BORROW$|REPAYMENT$|PAPTRADING_|INS_LOAN_|LIQ_FUND_|LIQ_REPAYMENT$)/, 'transfer'],
];

/** What a financial record of a unified account is; null for trades. */
export function actOfRecord(type: string): CurrencyAct | null {
  const word = type.toUpperCase();
  return UNIFIED_RECORDS.find(([form]) => form.test(word))?.[1] ?? null;
}

const OUTGOING = /(?:_OUT|^WITHDRAW|^DEDUCTION)/;
const INCOMING = /(?:_IN$|-IN$|^DEPOSIT)/;

/** The signed change of a balance. Some pages show amounts without a sign; then the word of the record tells. */
export function signedChange(amount: DecimalText, type: string): DecimalText {
  const word = type.toUpperCase();
  if (OUTGOING.test(word)) return negateDecimal(absoluteDecimal(amount));
  return INCOMING.test(word) ? absoluteDecimal(amount) : amount;
}

/** Records are asked for at most this far back: a question may span 30 days. */
const LONGEST_MS = 29 * 24 * 60 * 60 * 1000;

/** The times of a question about records, milliseconds as text: from `since` until now, at most `LONGEST_MS`. */
export function windowOf(session: ReadSession, since: number): { startTime: string; endTime: string } {
  const now = session.exchangeTime();
  return { startTime: String(Math.max(since, now - LONGEST_MS)), endTime: String(Math.max(since, now)) };
}
