import type { FastifyReply, FastifyRequest } from 'fastify';
import { exactJson } from '../exact-body.js';
import { ACCOUNT } from './account.js';
import { CHARTS } from './charts.js';
import { errorBody, KrakenError, REFUSALS } from './errors.js';
import { HISTORY } from './history.js';
import { orderUuid } from './ids.js';
import { MARKET_DATA } from './market-data.js';
import { VENUE } from './markets.js';
import { ORDERS } from './orders.js';
import { Parameters, type Route } from './route.js';
import { checkCaller, type KrakenRequest } from './security.js';
import { recordPrices } from '../../engine/candles.js';
import { RateWindow } from '../rate-window.js';
import type { Wire, WireDependencies } from '../wire.js';
import type { Engine } from '../../engine/engine.js';
import { Rejection } from '../../engine/rejection.js';
import { ANONYMOUS } from '../requests.js';

/** https://docs.kraken.com/exchange/guides/futures/ratelimits: 500 every 10 s; for history a pool of 100 every 10 min. */
const DERIVATIVES = { limit: 500, windowMs: 10_000 };
const HISTORY_POOL = { limit: 100, windowMs: 600_000 };
const WINDOWS_PER_MINUTE = 60_000 / DERIVATIVES.windowMs;

const ROUTES: Route[] = [...MARKET_DATA, ...CHARTS, ...ACCOUNT, ...ORDERS, ...HISTORY];

interface Surroundings {
  engine: Engine;
  dependencies: WireDependencies;
  windows: { derivatives: RateWindow; history: RateWindow };
}

/**
 * Kraken Futures (derivatives/api, api/history and api/charts). Formats come from Kraken's documentation; each page is named
 * where its rows are made: https://docs.kraken.com/api/docs/futures-api/trading/market-data and the pages beside it.
 *
 * Numbers are JSON numbers under /derivatives and texts under /history. Errors have HTTP status 200. Accounts are in
 * one-way mode only. Not modelled: batch orders, the dead man's switch, transfers, subaccounts, maturing contracts.
 */
export const krakenfutures: Wire = {
  id: VENUE,

  register(app, engine, dependencies) {
    recordPrices(engine);
    // Kraken does not ban for too many requests; it keeps refusing.
    const windowOf = (options: { limit: number; windowMs: number }): RateWindow =>
      new RateWindow({ ...options, refusalsBeforeBan: Number.POSITIVE_INFINITY, now: dependencies.now });
    const windows = { derivatives: windowOf(DERIVATIVES), history: windowOf(HISTORY_POOL) };
    for (const route of ROUTES) {
      app.route({
        method: route.method,
        url: route.path,
        handler: async (request, reply) => answer(route, request, reply, { engine, dependencies, windows }),
      });
    }
    app.setNotFoundHandler(async (_request, reply) => send(reply.code(404), errorBody('notFound', dependencies.now())));
    return {
      setWeightPerMinute: (weight) => {
        windows.derivatives.limit = Math.floor(weight / WINDOWS_PER_MINUTE);
      },
      reset: () => {
        windows.derivatives.limit = DERIVATIVES.limit;
        windows.derivatives.clear();
        windows.history.clear();
      },
    };
  },

  orderIdOf: orderUuid,

  tooManyRequestsBody: (_kind, until) => exactJson(errorBody('apiLimitExceeded', until)),
};

async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, dependencies, windows }: Surroundings,
): Promise<unknown> {
  const now = dependencies.now();
  const received = krakenRequestOf(request);
  const inPath = Object.entries(request.params as Record<string, string>);
  const sent = new URLSearchParams(`${received.rawQuery}&${received.rawBody}`);
  const parameters = new Parameters(new URLSearchParams([...inPath, ...sent]));
  const cost = route.cost(parameters);
  const owner = received.apiKey === undefined ? undefined : engine.findKey(received.apiKey)?.account.id;
  dependencies.requests.attribute(request, owner ?? ANONYMOUS, cost);
  try {
    if (route.budget !== 'free' && windows[route.budget].take(cost).verdict !== 'ok') {
      throw new KrakenError('apiLimitExceeded');
    }
    const caller = route.access === 'public' ? null : checkCaller(received, route.access, engine);
    const { body, headers = {} } = route.answer({ engine, now, parameters }, caller);
    const isEnveloped = route.path.startsWith('/derivatives/');
    const envelope = isEnveloped ? { result: 'success', serverTime: new Date(now).toISOString() } : {};
    return await send(reply.headers(headers), { ...envelope, ...body });
  } catch (error) {
    return send(reply, errorBody(codeOf(error), now));
  }
}

function codeOf(error: unknown): KrakenError['code'] {
  if (error instanceof KrakenError) return error.code;
  const refusal = error instanceof Rejection ? REFUSALS[error.reason] : null;
  if (refusal === null) throw error;
  return 'error' in refusal ? refusal.error : 'invalidArgument';
}

async function send(reply: FastifyReply, body: unknown): Promise<FastifyReply> {
  return reply.type('application/json; charset=utf-8').send(exactJson(body));
}

function krakenRequestOf(request: FastifyRequest): KrakenRequest {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [path = '', ...query] = request.url.split('?');
  return {
    apiKey: header('apikey'),
    authent: header('authent'),
    nonce: header('nonce'),
    path: path.slice(`/${VENUE}`.length),
    rawQuery: query.join('?'),
    rawBody: typeof request.body === 'string' ? request.body : '',
  };
}
