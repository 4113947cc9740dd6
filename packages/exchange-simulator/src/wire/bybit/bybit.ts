import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACCOUNT } from './account.js';
import { CHARTS } from './charts.js';
import { BybitError, bybitErrorOf, envelope } from './errors.js';
import { MARGIN } from './margin.js';
import { MARKET_DATA } from './market-data.js';
import { ORDERS } from './orders.js';
import { TRANSACTION_LOG } from './transaction-log.js';
import { Parameters, type Route } from './route.js';
import { apiKeyOf, checkCaller, type BybitRequest } from './security.js';
import { readJsonObject, textsOf } from '../json-body.js';
import { RateWindow } from '../rate-window.js';
import type { Wire, WireDependencies } from '../wire.js';
import { recordPrices } from '../../engine/candles.js';
import type { Engine } from '../../engine/engine.js';
import { Rejection } from '../../engine/rejection.js';
import { ANONYMOUS } from '../requests.js';

/**
 * "HTTP IP limit" in https://bybit-exchange.github.io/docs/v5/rate-limit: above it the answer is 403 for at least ten
 * minutes.
 */
const ADDRESS_LIMIT = { limit: 600, windowMs: 5_000, refusalsBeforeBan: 0, banMs: 600_000 };
const TOO_MANY_VISITS = 'Too many visits. Exceeded the API Rate Limit.';
const TOO_FREQUENT = 'access too frequent';

const ROUTES: Route[] = [...MARKET_DATA, ...CHARTS, ...ACCOUNT, ...MARGIN, ...TRANSACTION_LOG, ...ORDERS];

/**
 * Bybit's API v5 with a unified account: USDT and USDC perpetuals, inverse perpetuals and spot. Formats come from
 * Bybit's documentation; each page is named where its rows are made: https://bybit-exchange.github.io/docs/v5/intro and
 * below it.
 */
export const bybit: Wire = {
  id: 'bybit',

  register(app, engine, dependencies) {
    const { now } = dependencies;
    recordPrices(engine);
    const limits: Limits = { address: new RateWindow({ ...ADDRESS_LIMIT, now }), byAccount: new Map() };
    for (const route of ROUTES) {
      app.route({
        method: route.method,
        url: route.path,
        handler: (request, reply) => answer(route, request, reply, { engine, dependencies, limits }),
      });
    }
    app.setNotFoundHandler(async (_request, reply) =>
      reply.code(404).send(envelope(10_017, 'Route not found.', {}, now())),
    );
    return {
      setWeightPerMinute: (limit) => {
        limits.address = new RateWindow({ limit, windowMs: 60_000, now, refusalsBeforeBan: Number.POSITIVE_INFINITY });
      },
      reset: () => {
        limits.address = new RateWindow({ ...ADDRESS_LIMIT, now });
        limits.byAccount.clear();
      },
    };
  },

  tooManyRequestsBody: (kind, until) =>
    JSON.stringify(
      envelope(kind === 'ban' ? 10_018 : 10_006, kind === 'ban' ? TOO_FREQUENT : TOO_MANY_VISITS, {}, until),
    ),
};

interface Limits {
  /** Every request has weight one. */
  address: RateWindow;
  /** The requests of a second, by account and path. */
  byAccount: Map<string, RateWindow>;
}

interface Surroundings {
  engine: Engine;
  dependencies: WireDependencies;
  limits: Limits;
}

async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, dependencies, limits }: Surroundings,
): Promise<unknown> {
  const now = dependencies.now();
  try {
    const received = bybitRequestOf(request);
    const apiKey = apiKeyOf(received);
    const requester = apiKey === undefined ? ANONYMOUS : (engine.findKey(apiKey)?.account.id ?? ANONYMOUS);
    dependencies.requests.attribute(request, requester, 1);
    const { verdict, until } = limits.address.take(1);
    if (verdict !== 'ok') {
      void reply.header('x-bapi-limit-reset-timestamp', String(until));
      throw new BybitError(10_018, TOO_FREQUENT, 403);
    }
    const caller = route.access === 'public' ? null : checkCaller(received, route.access, engine, now);
    if (caller !== null) countFor(caller.account.id, route, reply, limits, dependencies);
    const parameters = new Parameters(parametersOf(request.method, received.payload));
    const result = route.answer({ engine, now, parameters }, caller);
    return envelope(0, 'OK', result, now);
  } catch (error) {
    const shown = error instanceof Rejection ? bybitErrorOf(error) : error;
    if (!(shown instanceof BybitError)) throw error;
    return reply.code(shown.status).send(envelope(shown.code, shown.message, {}, now));
  }
}

/** The limit per account and endpoint, reported in every answer; above it the answer is 10006 with HTTP 200. */
function countFor(account: string, route: Route, reply: FastifyReply, limits: Limits, { now }: WireDependencies): void {
  const key = `${account} ${route.path}`;
  const window =
    limits.byAccount.get(key) ??
    new RateWindow({ limit: route.perSecond, windowMs: 1_000, now, refusalsBeforeBan: Number.POSITIVE_INFINITY });
  limits.byAccount.set(key, window);
  const { verdict, used, until } = window.take(1);
  void reply.headers({
    'x-bapi-limit': String(route.perSecond),
    'x-bapi-limit-status': String(Math.max(0, route.perSecond - used)),
    'x-bapi-limit-reset-timestamp': String(verdict === 'ok' ? now() : until),
  });
  if (verdict !== 'ok') throw new BybitError(10_006, TOO_MANY_VISITS);
}

function bybitRequestOf(request: FastifyRequest): BybitRequest {
  const query = request.url.indexOf('?');
  const rawQuery = query === -1 ? '' : request.url.slice(query + 1);
  const rawBody = typeof request.body === 'string' ? request.body : '';
  return { headers: request.headers, payload: request.method === 'GET' ? rawQuery : rawBody };
}

function parametersOf(method: string, payload: string): Map<string, string> {
  if (method === 'GET') return new Map(new URLSearchParams(payload));
  const body = readJsonObject(payload);
  if (body === null) throw new BybitError(10_001, 'Request parameter error.');
  return textsOf(body);
}
