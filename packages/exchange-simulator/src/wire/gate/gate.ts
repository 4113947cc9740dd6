import type { FastifyReply, FastifyRequest } from 'fastify';
import { exactJson } from '../exact-body.js';
import { ACCOUNT_BOOK } from './account-book.js';
import { GateError, gateErrorOf, TOO_MANY_REQUESTS } from './errors.js';
import { FUTURES_ACCOUNT } from './futures-account.js';
import { FUTURES_ORDERS } from './futures-orders.js';
import { GENERAL } from './general.js';
import { MARKET_DATA } from './market-data.js';
import { PRICE_ORDERS } from './price-orders.js';
import { Parameters, type WireCall, type Route } from './route.js';
import { checkCaller, checkMayTrade, type GateRequest } from './security.js';
import { SPOT } from './spot.js';
import { TRAIL_ORDERS } from './trail-orders.js';
import { readJsonObject, type BodyObject } from '../json-body.js';
import { recordPrices } from '../../engine/candles.js';
import { RateWindow } from '../rate-window.js';
import type { Wire, WireDependencies } from '../wire.js';
import type { Engine } from '../../engine/engine.js';
import { Rejection } from '../../engine/rejection.js';
import { ANONYMOUS } from '../requests.js';

const ROUTES: Route[] = [
  ...GENERAL,
  ...MARKET_DATA,
  ...FUTURES_ACCOUNT,
  ...ACCOUNT_BOOK,
  ...FUTURES_ORDERS,
  ...PRICE_ORDERS,
  ...TRAIL_ORDERS,
  ...SPOT,
];
const PREFIX = '/api/v4';
const MINUTE_MS = 60_000;

/**
 * Gate's classic account, API v4: perpetual futures settled in USDT and BTC, and spot. Formats come from Gate's
 * documentation; each section is named where its rows are made: https://www.gate.com/docs/developers/apiv4/en/.
 *
 * Behaviour that is modelled because clients get it wrong:
 * - sizes are contracts with a sign; decimals are cut toward zero unless the header X-Gate-Size-Decimal asks for them
 * - a price order has its whole size in `initial.amount`; `initial.size` is an integer, with the header too
 * - positions list closed contracts, with a size of zero
 * - an order that ended without a fill is forgotten after 10 minutes
 * - trailing orders and price orders have separate lists
 * - without a wallet in the settle currency there is no futures account, which is an error
 */
export const gate: Wire = {
  id: 'gate',

  register(app, engine, dependencies) {
    const limits = new EndpointLimits(dependencies.now);
    recordPrices(engine);
    for (const route of ROUTES) {
      app.route({
        method: route.method,
        url: PREFIX + route.path,
        handler: (request, reply) => answer(route, request, reply, { engine, dependencies, limits }),
      });
    }
    app.setNotFoundHandler(async (_request, reply) =>
      reply.code(404).send(new GateError('NOT_FOUND', 'Request URL not exists', 404).body()),
    );
    return {
      setWeightPerMinute: (weight) => {
        limits.overall.limit = weight;
      },
      reset: () => limits.reset(),
    };
  },

  tooManyRequestsBody: () => JSON.stringify(TOO_MANY_REQUESTS.body()),
};

interface Surroundings {
  engine: Engine;
  dependencies: WireDependencies;
  limits: EndpointLimits;
}

async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, dependencies, limits }: Surroundings,
): Promise<unknown> {
  const received = gateRequestOf(request);
  const now = dependencies.now();
  const apiKey = received.headers['key'];
  const requester = typeof apiKey === 'string' ? (engine.findKey(apiKey)?.account.id ?? ANONYMOUS) : ANONYMOUS;
  dependencies.requests.attribute(request, requester, 1);
  const use = limits.take(route, `${received.path} ${requester}`);
  void reply.headers({
    'x-gate-ratelimit-limit': String(route.limit.requests),
    'x-gate-ratelimit-requests-remain': String(Math.max(0, use.remaining)),
    'x-gate-ratelimit-reset-timestamp': String(Math.ceil((use.isOver ? use.until : now) / 1_000)),
  });
  try {
    if (use.isOver) throw TOO_MANY_REQUESTS;
    const caller = route.needs === 'nothing' ? null : checkCaller(received, engine, now);
    if (route.method !== 'GET' && caller !== null) checkMayTrade(caller);
    const call: WireCall = {
      engine,
      now,
      parameters: parametersOf(request, received),
      answerHeaders: {},
      sizesAsText: received.headers['x-gate-size-decimal'] === '1',
    };
    const document = route.answer(call, caller);
    return await reply
      .code(route.status)
      .headers(call.answerHeaders)
      .type('application/json')
      .send(exactJson(document));
  } catch (error) {
    const shown = error instanceof Rejection ? gateErrorOf(error, route.product) : error;
    if (!(shown instanceof GateError)) throw error;
    return reply.code(shown.status).send(shown.body());
  }
}

function gateRequestOf(request: FastifyRequest): GateRequest {
  const query = request.url.indexOf('?');
  const path = query === -1 ? request.url : request.url.slice(0, query);
  return {
    method: request.method,
    path: path.slice(`/${gate.id}`.length),
    rawQuery: query === -1 ? '' : request.url.slice(query + 1),
    rawBody: typeof request.body === 'string' ? request.body : '',
    headers: request.headers,
  };
}

/** The path takes precedence over the query, and the query over the body. */
function parametersOf(request: FastifyRequest, { rawQuery, rawBody }: GateRequest): Parameters {
  const body = readJsonObject(rawBody);
  if (body === null) throw new GateError('INVALID_REQUEST_BODY', 'Invalid request body');
  return new Parameters({
    ...body,
    ...Object.fromEntries(new URLSearchParams(rawQuery)),
    ...(request.params as BodyObject),
  });
}

interface Use {
  remaining: number;
  isOver: boolean;
  /** When the window ends, milliseconds. */
  until: number;
}

/** The limit of each endpoint in its period, separate for each requester, and an overall limit that a test may set. */
class EndpointLimits {
  readonly overall: RateWindow;
  private readonly windows = new Map<string, { end: number; used: number }>();

  constructor(private readonly now: () => number) {
    this.overall = new RateWindow({
      limit: Number.POSITIVE_INFINITY,
      windowMs: MINUTE_MS,
      now,
      refusalsBeforeBan: Number.POSITIVE_INFINITY,
    });
  }

  take({ method, limit }: Route, key: string): Use {
    const overall = this.overall.take(1);
    const now = this.now();
    const windowMs = limit.seconds * 1_000;
    const name = `${method} ${key}`;
    const known = this.windows.get(name);
    const window = known === undefined || now >= known.end ? { end: now + windowMs, used: 0 } : known;
    window.used += 1;
    this.windows.set(name, window);
    const isOver = window.used > limit.requests;
    if (overall.verdict !== 'ok') return { remaining: 0, isOver: true, until: overall.until };
    return { remaining: limit.requests - window.used, isOver, until: window.end };
  }

  reset(): void {
    this.overall.limit = Number.POSITIVE_INFINITY;
    this.overall.clear();
    this.windows.clear();
  }
}
