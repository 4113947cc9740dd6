import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACCOUNT } from './account.js';
import { ALGO_ORDERS } from './algo-orders.js';
import { OkxError, okxErrorOf, type Envelope } from './errors.js';
import { CHARTS } from './charts.js';
import { MARGIN } from './margin.js';
import { MARKET_DATA } from './market-data.js';
import { ORDERS } from './orders.js';
import { Parameters, type Route } from './route.js';
import { apiKeyOf, checkCaller, type OkxRequest } from './security.js';
import { isObject, readJson, textsOf } from '../json-body.js';
import { RateWindow } from '../rate-window.js';
import type { Wire, WireDependencies } from '../wire.js';
import { recordPrices } from '../../engine/candles.js';
import type { Engine } from '../../engine/engine.js';
import { Rejection } from '../../engine/rejection.js';
import { ANONYMOUS } from '../requests.js';

const ROUTES: Route[] = [...MARKET_DATA, ...CHARTS, ...ACCOUNT, ...MARGIN, ...ORDERS, ...ALGO_ORDERS];
const TOO_MANY = 'Rate limit reached. Please refer to API documentation and throttle requests accordingly.';

/**
 * OKX's API v5: perpetual swaps, linear and inverse, and spot. Formats come from OKX's documentation; each section is
 * named where its rows are made: https://www.okx.com/docs-v5/en/.
 */
export const okx: Wire = {
  id: 'okx',

  register(app, engine, dependencies) {
    const { now } = dependencies;
    recordPrices(engine);
    const limits: Limits = { address: null, windows: new Map() };
    for (const route of ROUTES) {
      app.route({
        method: route.method,
        url: route.path,
        handler: (request, reply) => answer(route, request, reply, { engine, dependencies, limits }),
      });
    }
    app.setNotFoundHandler(async (_request, reply) =>
      reply.code(404).send({ code: '404', msg: 'Not Found', data: [] }),
    );
    return {
      setWeightPerMinute: (limit) => {
        limits.address = new RateWindow({ limit, windowMs: 60_000, now, refusalsBeforeBan: Number.POSITIVE_INFINITY });
      },
      reset: () => {
        limits.address = null;
        limits.windows.clear();
      },
    };
  },

  tooManyRequestsBody: () => JSON.stringify({ code: '50011', msg: TOO_MANY, data: [] }),
};

interface Limits {
  /** Null unless the control API sets one: OKX counts by endpoint. Every request has weight one. */
  address: RateWindow | null;
  /** By path, and by account if the endpoint requires one. */
  windows: Map<string, RateWindow>;
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
): Promise<Envelope> {
  try {
    const received = okxRequestOf(request);
    const apiKey = apiKeyOf(received);
    const requester = apiKey === undefined ? ANONYMOUS : (engine.findKey(apiKey)?.account.id ?? ANONYMOUS);
    dependencies.requests.attribute(request, requester, 1);
    if (limits.address !== null && limits.address.take(1).verdict !== 'ok') throw new OkxError('50011', TOO_MANY, 429);
    const now = dependencies.now();
    const caller = route.access === 'public' ? null : checkCaller(received, route.access, engine, now);
    countFor(caller?.account.id ?? '', route, limits, dependencies);
    const items = itemsOf(request, received);
    const [parameters = new Parameters(new Map())] = items;
    const result = route.answer({ engine, now, parameters, items }, caller);
    return isEnvelope(result) ? result : { code: '0', msg: '', data: result };
  } catch (error) {
    const shown = error instanceof Rejection ? okxErrorOf(error) : error;
    if (!(shown instanceof OkxError)) throw error;
    return reply.code(shown.status).send({ code: shown.code, msg: shown.message, data: [] });
  }
}

function isEnvelope(result: Envelope | readonly unknown[]): result is Envelope {
  return 'code' in result;
}

/** Above the limit of an endpoint the answer is 429 with code 50011; no header reports how much is left. */
function countFor(account: string, route: Route, limits: Limits, { now }: WireDependencies): void {
  const key = `${account} ${route.method} ${route.path}`;
  const window =
    limits.windows.get(key) ??
    new RateWindow({ limit: route.perTwoSeconds, windowMs: 2_000, now, refusalsBeforeBan: Number.POSITIVE_INFINITY });
  limits.windows.set(key, window);
  if (window.take(1).verdict !== 'ok') throw new OkxError('50011', TOO_MANY, 429);
}

function okxRequestOf(request: FastifyRequest): OkxRequest {
  return {
    headers: request.headers,
    method: request.method,
    path: request.url.slice(`/${okx.id}`.length),
    body: typeof request.body === 'string' ? request.body : '',
  };
}

/** The query of a GET; otherwise the object in the body, or each object of a list. */
function itemsOf(request: FastifyRequest, { body }: OkxRequest): Parameters[] {
  if (request.method === 'GET') return [new Parameters(new Map(new URL(request.url, 'http://simulator').searchParams))];
  const parsed = readJson(body);
  const items = Array.isArray(parsed) ? parsed : [parsed];
  if (items.length === 0) throw new OkxError('50000', 'Body for POST request cannot be empty.', 400);
  return items.map((item) => {
    if (!isObject(item)) throw new OkxError('50002', 'JSON syntax error', 400);
    return new Parameters(textsOf(item));
  });
}
