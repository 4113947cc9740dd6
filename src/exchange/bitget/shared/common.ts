import { z } from 'zod';
import type { FailureKind } from '../../../domain/failure/failure.js';
import type { PositionMode } from '../../../domain/snapshot/snapshot.js';
import { timeMs, type Endpoint } from '../../transport/endpoint.js';
import type { RequestLimits } from '../../transport/request-limits.js';
import { fieldsOf, type ExactJson } from '../../../domain/text/exact-json.js';
import type { Market } from '../../profile/markets.js';
import type { Usage } from '../../budget/request-budget.js';
import type { Params, ReadSession } from '../../profile/read-session.js';
import { readAllPages } from '../../profile/paging.js';
import { timeOf } from '../../profile/rows.js';
import { rowsOf, UnreadRow, type ReadRow } from '../../profile/unread.js';

/** The envelope of every answer. */
export interface Envelope<Data> {
  data: Data;
}

/** The shape of an answer: the code of a success, and `data`. */
export function envelope<Data>(data: z.ZodType<Data>): z.ZodType<Envelope<Data>> {
  return z.object({ code: z.literal('00000'), data });
}

/** "" means that a time or a number is not reported. */
export const NOTHING = z.literal('');
export const optionalTime = z.union([timeMs, NOTHING]).nullish();
export const POS_MODE = z.enum(['one_way_mode', 'hedge_mode']);

export type TimeField = z.infer<typeof optionalTime>;

interface Times {
  cTime?: TimeField;
  uTime?: TimeField;
}

/** The last change. A row that never changed reports only its creation. */
export function changeTimeOf({ cTime, uTime }: Times): number | null {
  const reported = (time: Times['uTime']): number | null => (time === '' ? null : timeOf(time));
  return reported(uTime) ?? reported(cTime);
}

/**
 * Source: bitget.com/api-doc/contract/error-code/restapi, spot/error-code/restapi and uta/error-code/restapi; which codes mean
 * maintenance is said in common/faq (Q14), 40084, 40085 and 40099 in the texts of the refusals themselves.
 */
export const BITGET_CODES: Readonly<Record<string, FailureKind>> = {
  '429': 'rate_limited',
  '25000': 'maintenance',
  '25001': 'timeout',
  '25004': 'rate_limited',
  '25100': 'unsupported',
  '25200': 'unsupported',
  '25204': 'unsupported',
  '25245': 'unsupported',
  '25620': 'permission',
  '30007': 'rate_limited',
  '40001': 'authentication',
  '40002': 'authentication',
  '40003': 'authentication',
  '40004': 'clock_skew',
  '40005': 'clock_skew',
  '40006': 'authentication',
  '40008': 'clock_skew',
  '40009': 'authentication',
  '40010': 'timeout',
  '40011': 'authentication',
  '40012': 'authentication',
  '40013': 'permission',
  '40014': 'permission',
  '40015': 'maintenance',
  '40016': 'permission',
  '40018': 'permission',
  '40022': 'permission',
  '40023': 'permission',
  '40024': 'permission',
  '40025': 'permission',
  '40026': 'permission',
  '40031': 'permission',
  '40034': 'unsupported',
  '40036': 'authentication',
  '40037': 'authentication',
  '40038': 'permission',
  '40041': 'authentication',
  '40078': 'clock_skew',
  '40084': 'unsupported',
  '40085': 'unsupported',
  // "exchange environment is incorrect": a key of demo trading without its header, or the other way round.
  '40099': 'authentication',
  '40100': 'permission',
  '40101': 'permission',
  '40102': 'unsupported',
  '40103': 'permission',
  '40104': 'permission',
  '40109': 'unsupported',
  '40111': 'permission',
  '40200': 'maintenance',
  '40404': 'unsupported',
  '40725': 'maintenance',
  '40768': 'unsupported',
  '40808': 'maintenance',
  '40910': 'timeout',
  '43001': 'unsupported',
  '43025': 'unsupported',
  '45001': 'maintenance',
  '400172': 'unsupported',
};

/**
 * Private requests count per UID, public ones per address; the limit of 6,000 a minute and address has no code of its own. A
 * refusal that may mean either stops the key: if the address is limited, the next key gets its own refusal. Source:
 * bitget.com/api-doc/common/quick-start, "Access Restriction".
 */
export const BITGET_LIMITS: RequestLimits = {
  '429': { stops: 'asker' },
  '25004': { stops: 'asker' },
  '30007': { stops: 'asker' },
  'HTTP 429': { stops: 'asker' },
};

/** There is no such order. */
export const UNKNOWN_ORDER = ['25204', '40109', '40768', '43001', '43025'];

/** The code of a refusal; null for a success, and for a document without a code. */
export function bitgetCodeOf(document: ExactJson): string | null {
  const { code } = fieldsOf(document);
  return typeof code !== 'string' || code === '00000' ? null : code;
}

/**
 * How many requests to this endpoint are left in this second, for all users of the account. Source: common/faq (Q10, Q11): each
 * endpoint has its own limit, and the header reports the rest.
 */
export function bitgetUsageOf(headers: Headers): Usage | null {
  const left = headers.get('x-mbx-used-remain-limit');
  if (left === null || !/^\d+$/.test(left) || Number(left) > LEAST_LEFT) return null;
  return { used: 1, limit: 1, resetMs: 1_000 };
}

/** The account's bot always keeps one request. */
const LEAST_LEFT = 1;

/** One of Bitget's product types. A request for one never answers for another. */
export interface Product {
  productType: 'USDT-FUTURES' | 'USDC-FUTURES' | 'COIN-FUTURES';
  /** Path of its scopes. */
  path: string;
}

const USDT: Product = { productType: 'USDT-FUTURES', path: 'linear:USDT' };
const USDC: Product = { productType: 'USDC-FUTURES', path: 'linear:USDC' };
const COIN: Product = { productType: 'COIN-FUTURES', path: 'inverse' };
export const PRODUCTS: readonly Product[] = [USDT, USDC, COIN];

/** The product type that lists a contract. */
export function productOf({ kind, settleId }: Market): Product {
  if (kind === 'linear' && settleId === 'USDT') return USDT;
  return kind === 'linear' && settleId === 'USDC' ? USDC : COIN;
}

/** The position mode of each product type that has markets. */
export type Modes = Partial<Record<Product['productType'], PositionMode>>;

/**
 * Refuses a row in another position mode than its account: it is of another moment, because the mode cannot change while there
 * are positions or orders.
 */
export function checkMode(
  session: ReadSession,
  endpoint: Endpoint<unknown>,
  symbol: string,
  posMode: z.infer<typeof POS_MODE>,
  mode: PositionMode | undefined,
): void {
  if (mode === undefined || mode === modeOf(posMode)) return;
  throw session.refuseRow(endpoint, symbol, `reported ${symbol} in ${posMode} while the account is in ${mode} mode`);
}

export function modeOf(posMode: z.infer<typeof POS_MODE>): PositionMode {
  return posMode === 'hedge_mode' ? 'hedge' : 'one-way';
}

/** Symbols in answers may be in lower case; Bitget's ids are in upper case. */
export function idOf(symbol: string): string {
  return symbol.toUpperCase();
}

export interface Entrusted<Row> {
  entrustedList: Row[] | null;
  endId?: string | null | undefined;
}

/** The shape of a list of orders on futures, which is null without rows. */
export function entrusted<Row>(row: z.ZodType<Row>): z.ZodType<Envelope<Entrusted<Row>>> {
  return envelope(z.object({ entrustedList: z.array(row).nullable(), endId: z.string().nullish() }));
}

/** The rows of a list, each checked by itself. */
export function rowsIn<Row>(row: z.ZodType<Row>): z.ZodType<ReadRow<Row>> {
  return rowsOf(row, { symbol: 'symbol' });
}

export const PLAN_TYPE = z.enum([
  'normal_plan',
  'track_plan',
  'profit_plan',
  'loss_plan',
  'moving_plan',
  'pos_profit',
  'pos_loss',
]);
export type PlanType = z.infer<typeof PLAN_TYPE>;

/** The plan types of each request for plan orders. */
export const PLAN_QUESTIONS: Readonly<Record<string, readonly PlanType[]>> = {
  normal_plan: ['normal_plan'],
  track_plan: ['track_plan'],
  profit_loss: ['profit_plan', 'loss_plan', 'moving_plan', 'pos_profit', 'pos_loss'],
};

export interface SpotPlans<Row> {
  nextFlag: boolean;
  orderList: Row[] | null;
}

/** The shape of a page of plan orders on spot. */
export function spotPlans<Row>(row: z.ZodType<Row>): z.ZodType<Envelope<SpotPlans<Row>>> {
  return envelope(z.object({ nextFlag: z.boolean(), orderList: z.array(row).nullable() }));
}

/** A list of the mix endpoints: without rows, both are null. */
export interface IdPage<Row> {
  rows: Row[] | null;
  /** Id of the last row: the cursor of the next page. */
  endId: string | null | undefined;
}

export interface IdList<Row> {
  session: ReadSession;
  endpoint: Endpoint<unknown>;
  /** The field with the row's id. */
  idField: IdField;
  /** The page of rows older than an id, null for the newest. */
  ask: (idLessThan: string | null) => Promise<IdPage<Row>>;
}

type IdField = 'orderId' | 'tradeId' | 'execId';

/** The largest page of every list that is paged by ids. */
export const PAGE = 100;

/** Asks for the page of rows older than an id, null for the newest. */
export function pageParams(idLessThan: string | null): Params {
  return { limit: String(PAGE), ...(idLessThan === null ? {} : { idLessThan }) };
}

/** All rows of a list that is paged by "ids less than". An empty page is the end, and each page ends with its `endId`. */
export async function readByIds<Row extends object>({ session, endpoint, idField, ask }: IdList<Row>): Promise<Row[]> {
  return readAllPages<Row>({
    session,
    endpoint,
    pageSize: PAGE,
    idOf: (row) => idIn(row, idField) ?? '',
    ask: async (cursor) => {
      const { rows, endId } = await ask(cursor);
      const end = endId === undefined || endId === '' ? null : endId;
      const last = rows?.at(-1);
      if (rows === null && end !== null) {
        throw session.failure('incomplete', endpoint, `reported no rows, but the endId ${end}`);
      }
      if (last === undefined) return { rows: [], next: null };
      if (end !== null && !rows?.some((row) => idIn(row, idField) === end)) {
        throw session.failure('incomplete', endpoint, `reported the endId ${end}, which none of its rows has`);
      }
      const next = end ?? idIn(last, idField);
      if (next === null) throw session.failure('unreadable', endpoint, `ends a page with a row without ${idField}`);
      return { rows: rows ?? [], next };
    },
  });
}

/** The id of a row, also of one that cannot be read. */
export function idIn(row: object, field: IdField): string | null {
  if (row instanceof UnreadRow) return row.text(field);
  const id: unknown = (row as Partial<Record<IdField, unknown>>)[field];
  return typeof id === 'string' ? id : null;
}
