import type { FastifyReply, FastifyRequest } from 'fastify';
import { BinanceError, binanceErrorOf } from './binance/errors.js';
import { FUTURES_ACCOUNT } from './binance/futures-account.js';
import { FUTURES_MARKET_DATA } from './binance/futures-market-data.js';
import { FUTURES_ORDERS } from './binance/futures-orders.js';
import { symbolIdOf } from './binance/futures-rows.js';
import { marketIds, Parameters, type Route } from './binance/route.js';
import { checkCaller, parametersOf, type BinanceRequest } from './binance/security.js';
import { WALLET } from './binance/wallet.js';
import { RateWindow, type RateVerdict } from './rate-window.js';
import type { Wire, WireDependencies } from './wire.js';
import type { Engine } from '../engine/engine.js';
import { Rejection } from '../engine/rejection.js';
import { ANONYMOUS } from '../requests.js';

const MINUTE_MS = 60_000;
/** `REQUEST_WEIGHT` in "Exchange Information". */
const FUTURES_WEIGHT_PER_MINUTE = 2_400;
const WALLET_WEIGHT_PER_MINUTE = 12_000;

const ROUTES: Route[] = [...FUTURES_MARKET_DATA, ...FUTURES_ACCOUNT, ...FUTURES_ORDERS, ...WALLET];
const MARKETS = marketIds(symbolIdOf, (market) => market.kind === 'linear');

/**
 * Binance USD-M futures. Formats come from Binance's documentation, each page named where its rows are made:
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info and the pages below it.
 *
 * Binance counts linear contracts in base units, so all linear markets are listed with a contract size of one.
 */
export const binanceusdm: Wire = {
  id: 'binanceusdm',

  register(app, engine, dependencies) {
    const windowOf = (limit: number): RateWindow =>
      new RateWindow({ limit, windowMs: MINUTE_MS, now: dependencies.now });
    const [futures, wallet] = [windowOf(FUTURES_WEIGHT_PER_MINUTE), windowOf(WALLET_WEIGHT_PER_MINUTE)];
    for (const route of ROUTES) {
      const isWallet = route.path.startsWith('/sapi');
      const header = isWallet ? 'x-sapi-used-ip-weight-1m' : 'x-mbx-used-weight-1m';
      app.route({
        method: route.method,
        url: route.path,
        handler: (request, reply) =>
          answer(route, request, reply, { engine, dependencies, window: isWallet ? wallet : futures, header }),
      });
    }
    app.setNotFoundHandler(async (request, reply) => {
      const { pathname } = new URL(request.url, 'http://simulator');
      const path = pathname.slice(`/${binanceusdm.id}`.length);
      return reply.code(404).send({ code: -5000, msg: `Path ${path}, Method ${request.method} is invalid` });
    });
    return {
      setWeightPerMinute: (weight) => {
        futures.limit = weight;
      },
      reset: () => {
        futures.limit = FUTURES_WEIGHT_PER_MINUTE;
        futures.clear();
        wallet.clear();
      },
    };
  },

  tooManyRequestsBody: (kind, until) =>
    JSON.stringify(
      tooManyRequests(
        { verdict: kind === 'ban' ? 'banned' : 'limited', used: 0, until },
        FUTURES_WEIGHT_PER_MINUTE,
      ).body(),
    ),
};

interface Surroundings {
  engine: Engine;
  dependencies: WireDependencies;
  window: RateWindow;
  header: string;
}

async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, dependencies, window, header }: Surroundings,
): Promise<unknown> {
  const received = binanceRequestOf(request);
  const parameters = new Parameters(parametersOf(received));
  const weight = route.weight(parameters);
  const requester =
    received.apiKey === undefined ? ANONYMOUS : (engine.findKey(received.apiKey)?.account.id ?? ANONYMOUS);
  dependencies.requests.attribute(request, requester, weight);
  const verdict = window.take(weight);
  void reply.header(header, String(verdict.used));
  try {
    if (verdict.verdict !== 'ok') {
      void reply.header('retry-after', String(Math.max(1, Math.ceil((verdict.until - dependencies.now()) / 1_000))));
      throw tooManyRequests(verdict, window.limit);
    }
    const now = dependencies.now();
    const caller = checkCaller(received, route.security, engine, now);
    return route.answer({ engine, now, parameters, markets: MARKETS }, caller);
  } catch (error) {
    const shown = error instanceof Rejection ? binanceErrorOf(error) : error;
    if (!(shown instanceof BinanceError)) throw error;
    return reply.code(shown.status).send(shown.body());
  }
}

function binanceRequestOf(request: FastifyRequest): BinanceRequest {
  const apiKey = request.headers['x-mbx-apikey'];
  const query = request.url.indexOf('?');
  return {
    apiKey: typeof apiKey === 'string' ? apiKey : undefined,
    rawQuery: query === -1 ? '' : request.url.slice(query + 1),
    rawBody: typeof request.body === 'string' ? request.body : '',
  };
}

/** 429 when the minute's weight is used up, 418 for an address that kept on ("LIMITS" in general-info). */
function tooManyRequests(verdict: RateVerdict, limit: number): BinanceError {
  if (verdict.verdict === 'banned') {
    const text = `Way too many requests; IP banned until ${verdict.until}. Please use the websocket for live updates to avoid bans.`;
    return new BinanceError(418, -1003, text);
  }
  const text = `Too many requests; current limit is ${limit} requests per minute. Please use the websocket for live updates to avoid polling the API.`;
  return new BinanceError(429, -1003, text);
}
