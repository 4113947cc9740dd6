import { accountLog } from './account-log.js';
import { KrakenError } from './errors.js';
import { accountUuid } from './ids.js';
import { orderEvents, triggerEvents, executionEvents, type HistoryEvent } from './history-events.js';
import { optionalMarketOf } from './markets.js';
import { history, type Answer, type Route, type SignedCall } from './route.js';
import { timeOf } from './rows.js';
import { symbolIdOf } from './markets.js';

/** "The upper bound is determined by a global limit"; no page states its value. */
const MOST_PER_PAGE = 1_000;

/**
 * The history of an account, in pages. Documentation under https://docs.kraken.com/api/docs/futures-api/history/:
 * get-order-events, get-execution-events, get-trigger-events.
 *
 * A page that is not the last contains `continuationToken`, also in the header `Next-Continuation-Token`. It is Base64
 * and is sent back as `continuation_token` with the same `sort`. The engine keeps the result of an order and not each
 * step: an amended order is reported with its last terms from the beginning.
 */
export const HISTORY: Route[] = [
  ...history('orders', (call) => page(call, orderEvents(call))),
  ...history('executions', (call) => page(call, executionEvents(call))),
  ...history('triggers', (call) => page(call, triggerEvents(call))),
  ...history('account-log', accountLog),
];

function page(call: SignedCall, events: readonly HistoryEvent[]): Answer {
  const { parameters, now, account } = call;
  const sort = parameters.text('sort') === undefined ? 'desc' : parameters.oneOf('sort', ['asc', 'desc']);
  const count = Math.min(parameters.integer('count') ?? MOST_PER_PAGE, MOST_PER_PAGE);
  if (count < 1) throw new KrakenError('invalidArgument');
  const wanted = events.filter((event) => isWanted(call, event)).toSorted((a, b) => a.timestamp - b.timestamp);
  const ordered = sort === 'asc' ? wanted : wanted.toReversed();
  const start = startAfter(ordered, sort, parameters.text('continuation_token'));
  const elements = ordered.slice(start, start + count);
  const last = elements.at(-1);
  const more = start + count < ordered.length && last !== undefined;
  const token = more ? Buffer.from(`${sort}:${last.uid}`).toString('base64') : null;
  return {
    body: {
      accountUid: accountUuid(account.id),
      len: elements.length,
      serverTime: timeOf(now),
      elements: elements.map(({ uid, timestamp, event }) => ({ uid, timestamp, event })),
      ...(token === null ? {} : { continuationToken: token }),
    },
    ...(token === null ? {} : { headers: { 'next-continuation-token': token } }),
  };
}

function isWanted(call: SignedCall, { timestamp, tradeable, stage }: HistoryEvent): boolean {
  const { parameters } = call;
  const market = optionalMarketOf(call, 'tradeable');
  return (
    timestamp >= (parameters.integer('since') ?? 0) &&
    timestamp <= (parameters.integer('before') ?? Number.POSITIVE_INFINITY) &&
    (market === null || tradeable === symbolIdOf(market)) &&
    !(stage === 'opened' && parameters.flag('opened') === false) &&
    !(stage === 'closed' && parameters.flag('closed') === false)
  );
}

function startAfter(ordered: readonly HistoryEvent[], sort: string, token: string | undefined): number {
  if (token === undefined) return 0;
  const [sortOfToken, uid] = Buffer.from(token, 'base64').toString('utf8').split(':');
  const index = ordered.findIndex((event) => event.uid === uid);
  if (sortOfToken !== sort || index === -1) throw new KrakenError('invalidArgument');
  return index + 1;
}
