import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACCOUNT } from './account.js';
import { BILLS } from './bills.js';
import { BitgetError, bitgetErrorOf, TOO_MANY_REQUESTS, verificationFailed } from './shared/errors.js';
import { MARKET_DATA } from './market-data.js';
import { ORDERS } from './orders.js';
import { PLANS } from './plans.js';
import { PRICES } from './prices.js';
import { Parameters, type Route } from './shared/route.js';
import { checkAccountMode, checkCaller, checkMayTrade, type BitgetRequest } from './shared/security.js';
import { SPOT } from './spot.js';
import { UNIFIED_ACCOUNT } from './unified/account.js';
import { UNIFIED_MARKET_DATA } from './unified/market-data.js';
import { UNIFIED_ORDERS } from './unified/orders.js';
import { UNIFIED_RECORDS } from './unified/records.js';
import { UNIFIED_STRATEGIES } from './unified/strategies.js';
import { recordPrices } from '../../engine/candles.js';
import { readJsonObject } from '../json-body.js';
import { RateWindow } from '../rate-window.js';
import type { Wire, WireDependencies } from '../wire.js';
import type { Engine } from '../../engine/engine.js';
import { Rejection } from '../../engine/rejection.js';
import { ANONYMOUS } from '../requests.js';

/** "The overall rate limit is 6000/IP/Min": https://www.bitget.com/api-doc/common/quick-start */
const REQUESTS_PER_MINUTE = 6_000;
const MINUTE_MS = 60_000;
/** "After the rate limit is triggered, it takes 5 minutes to recover": https://www.bitget.com/api-doc/common/faq */
const RECOVERY_MS = 300_000;

const CLASSIC: Route[] = [...MARKET_DATA, ...PRICES, ...ACCOUNT, ...BILLS, ...ORDERS, ...PLANS, ...SPOT];
const UNIFIED: Route[] = [
  ...UNIFIED_MARKET_DATA,
  ...UNIFIED_ACCOUNT,
  ...UNIFIED_ORDERS,
  ...UNIFIED_STRATEGIES,
  ...UNIFIED_RECORDS,
];
const ROUTES: Route[] = [...CLASSIC, ...UNIFIED];

/**
 * Bitget's classic account, API v2, and the unified account, API v3: futures and spot. The passphrase decides which of
 * the two an account is (`UNIFIED_SUFFIX`); the private endpoints of the other kind are refused. Formats come from
 * Bitget's documentation; each page is named where its rows are made: https://www.bitget.com/api-doc/common/intro and
 * the pages below it.
 *
 * Behaviour that is modelled because clients get it wrong:
 * - an empty list of orders is null
 * - trigger orders need three requests, one for each kind
 * - in hedge mode `side` is the position's side
 * - a futures list covers the last 90 days by default
 * - on unified accounts `side` is the order's own side, and coin-margined contracts count in the quote coin
 */
export const bitget: Wire = {
  id: 'bitget',

  register(app, engine, dependencies) {
    const { now } = dependencies;
    recordPrices(engine);
    const overall = new RateWindow({
      limit: REQUESTS_PER_MINUTE,
      windowMs: MINUTE_MS,
      now,
      refusalsBeforeBan: 0,
      banMs: RECOVERY_MS,
    });
    const perSecond = new SecondLimits(now);
    for (const route of ROUTES) {
      app.route({
        method: route.method,
        url: route.path,
        handler: (request, reply) => answer(route, request, reply, { engine, dependencies, overall, perSecond }),
      });
    }
    app.setNotFoundHandler(async (_request, reply) =>
      reply.code(404).send(new BitgetError('40404', 'Request URL NOT FOUND', 404).body(now())),
    );
    return {
      setWeightPerMinute: (weight) => {
        overall.limit = weight;
        // If the total limit is raised above the documented one, the limit per endpoint is raised with it.
        perSecond.raisedBy = Math.max(1, weight / REQUESTS_PER_MINUTE);
      },
      reset: () => {
        overall.limit = REQUESTS_PER_MINUTE;
        overall.clear();
        perSecond.raisedBy = 1;
        perSecond.clear();
      },
    };
  },

  tooManyRequestsBody: () => JSON.stringify(TOO_MANY_REQUESTS.body(Date.now())),
};

interface Surroundings {
  engine: Engine;
  dependencies: WireDependencies;
  overall: RateWindow;
  perSecond: SecondLimits;
}

async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, dependencies, overall, perSecond }: Surroundings,
): Promise<unknown> {
  const received = bitgetRequestOf(request);
  const now = dependencies.now();
  const apiKey = received.headers['access-key'];
  const requester = typeof apiKey === 'string' ? (engine.findKey(apiKey)?.account.id ?? ANONYMOUS) : ANONYMOUS;
  dependencies.requests.attribute(request, requester, 1);
  try {
    if (overall.take(1).verdict !== 'ok') throw TOO_MANY_REQUESTS;
    const remaining = perSecond.take(route, route.needs === 'nothing' ? ANONYMOUS : requester);
    void reply.header('x-mbx-used-remain-limit', String(Math.max(0, remaining)));
    if (remaining < 0) throw TOO_MANY_REQUESTS;
    const caller = route.needs === 'nothing' ? null : checkCaller(received, engine, now);
    if (caller !== null) checkAccountMode(received, caller);
    if (route.needs === 'trade' && caller !== null) checkMayTrade(caller);
    const data = route.answer({ engine, now, parameters: parametersOf(received) }, caller);
    return { code: '00000', msg: 'success', requestTime: now, data };
  } catch (error) {
    const shown = error instanceof Rejection ? bitgetErrorOf(error) : error;
    if (!(shown instanceof BitgetError)) throw error;
    return reply.code(shown.status).send(shown.body(now));
  }
}

function bitgetRequestOf(request: FastifyRequest): BitgetRequest {
  const query = request.url.indexOf('?');
  const path = query === -1 ? request.url : request.url.slice(0, query);
  return {
    method: request.method,
    path: path.slice(`/${bitget.id}`.length),
    rawQuery: query === -1 ? '' : request.url.slice(query + 1),
    rawBody: typeof request.body === 'string' ? request.body : '',
    headers: request.headers,
  };
}

function parametersOf({ method, rawQuery, rawBody }: BitgetRequest): Parameters {
  if (method === 'GET') return new Parameters(Object.fromEntries(new URLSearchParams(rawQuery)));
  const body = readJsonObject(rawBody);
  if (body === null) throw verificationFailed('body');
  return new Parameters(body);
}

/** The limit of each endpoint per second, separate for each requester. */
class SecondLimits {
  /** The factor by which the limits are raised. */
  raisedBy = 1;
  private second = 0;
  private used = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** How many are left in this second after this request; negative if it is one too many. */
  take(route: Route, requester: string): number {
    const second = Math.floor(this.now() / 1_000);
    if (second !== this.second) this.clear();
    this.second = second;
    const key = `${route.method} ${route.path} ${requester}`;
    const used = (this.used.get(key) ?? 0) + 1;
    this.used.set(key, used);
    return Math.floor(route.perSecond * this.raisedBy) - used;
  }

  clear(): void {
    this.used.clear();
  }
}
