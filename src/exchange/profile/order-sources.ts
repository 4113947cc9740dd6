import { isZero } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { ExchangeFailure } from '../transport/error-kinds.js';
import type { Endpoint } from '../transport/endpoint.js';
import type {
  Known,
  OrderEnd,
  OrderQuestion,
  OrderSource,
  OwnTrade,
  ReportedOrder,
  SourceAnswer,
} from './missing-orders.js';
import type { Params } from './read-session.js';

/** A row about an order, with the ids that show whether it is the order that was asked about. */
export interface OrderRow {
  id: string;
  clientOrderId: string | null | undefined;
  /** The exchange's own id of its market. */
  market: string;
  says: Known;
}

/** An order query, or a page of a history of orders. */
export interface OrderSourceTable<Answer, Row> {
  name: string;
  when?: (question: OrderQuestion) => boolean;
  endpoint: Endpoint<Answer>;
  /** Several are asked in turn, until one knows the order. */
  params: (question: OrderQuestion) => Params | readonly Params[];
  rows: (answer: Answer) => readonly Row[];
  read: (row: Row, question: OrderQuestion) => OrderRow;
  /** What the exchange's error codes mean here: null for "there is no such order". */
  codes?: Readonly<Record<string, SourceAnswer>>;
  /** Set where the request names one order: then an answer about another order is a failure. */
  only?: true;
  /** Whether the page may have cut off the order. */
  full?: (answer: Answer, question: OrderQuestion) => boolean;
}

export function orderSource<Answer, Row>(table: OrderSourceTable<Answer, Row>): OrderSource {
  return { name: table.name, when: table.when, ask: async (question) => askForOrder(table, question) };
}

async function askForOrder<Answer, Row>(
  table: OrderSourceTable<Answer, Row>,
  question: OrderQuestion,
): Promise<SourceAnswer> {
  const { endpoint, codes = {} } = table;
  const { session } = question;
  let unread = false;
  for (const params of [table.params(question)].flat()) {
    let answer: Answer;
    try {
      answer = await session.ask(endpoint, params);
    } catch (error) {
      const code = error instanceof ExchangeFailure ? (error.exchangeCode ?? '') : '';
      const meant = Object.hasOwn(codes, code) ? codes[code] : undefined;
      if (meant === undefined) throw error;
      if (meant !== null) return meant;
      continue;
    }
    const read = table.rows(answer).map((row) => table.read(row, question));
    const own = read.find((row) => isAbout(row, question));
    if (own !== undefined) return checked(own, endpoint, question);
    const [other] = read;
    if (table.only === true && other !== undefined) {
      throw session.failure('incomplete', endpoint, `answered for another order (${other.market} ${other.id})`);
    }
    unread ||= table.full?.(answer, question) ?? false;
  }
  return unread ? 'unread' : null;
}

function isAbout(row: OrderRow, { order, market }: OrderQuestion): boolean {
  const same = order.id !== null ? row.id === order.id : row.clientOrderId === order.clientOrderId;
  return same && row.market === market.id;
}

/** Throws `unreadable` for an order that is reported as filled although nothing of it was. */
function checked({ id, says }: OrderRow, endpoint: Endpoint<unknown>, { session }: OrderQuestion): Known {
  const isFilled = 'end' in says && (says.end === 'filled' || says.isFilled === true);
  if (isFilled && says.filled !== null && isZero(says.filled)) {
    throw session.failure('unreadable', endpoint, `reported order ${id} as filled with nothing filled`);
  }
  return says;
}

/** One of the account's trades, as a list of them reports it. */
export interface TradeRow extends OwnTrade {
  orderId: string;
  market: string;
  /** Made by the exchange to liquidate or deleverage the position. */
  liquidates?: boolean;
}

export interface TradeSourceTable<Row> {
  name: string;
  /** The rows about one order, by its exchange id. */
  rows: (question: OrderQuestion, id: string) => Promise<readonly Row[]>;
  /** Null for a row that is no trade. */
  read: (row: Row) => TradeRow | null;
  inBase?: true;
}

/** Own trades, which are asked for by the exchange's id of the order. */
export function tradeSource<Row>({ name, rows, read, inBase }: TradeSourceTable<Row>): OrderSource {
  return {
    name,
    when: ({ order }) => order.id !== null,
    ask: async (question) => {
      const { id } = question.order;
      if (id === null) return null;
      const trades = (await rows(question, id)).flatMap((row) => read(row) ?? []);
      const own = trades.filter((trade) => trade.orderId === id && trade.market === question.market.id);
      if (own.length === 0) return null;
      const liquidated = own.some(({ liquidates }) => liquidates === true);
      return { trades: own, liquidated, ...(inBase === undefined ? {} : { inBase }) };
    },
  };
}

/** The parameter that names an order: by its exchange id, else by its client order id. */
export function namedBy(order: OpenOrder, idParam: string, clientIdParam: string): Params {
  return order.id !== null ? { [idParam]: order.id } : { [clientIdParam]: order.clientOrderId ?? '' };
}

/** Codes that mean "there is no such order". */
export function noSuchOrder(...codes: string[]): Readonly<Record<string, null>> {
  return Object.fromEntries(codes.map((code) => [code, null]));
}

export function isConditional({ order }: OrderQuestion): boolean {
  return order.conditional;
}

export function hasId({ order }: OrderQuestion): boolean {
  return order.id !== null;
}

/** An order that ended without a fill, or a conditional order that ended before it triggered. */
export function unfilled(end: OrderEnd, at: number | null, reason: string | null = null): ReportedOrder {
  return { end, filled: '0', averagePrice: null, at, reason };
}
