import type { FastifyReply, FastifyRequest } from 'fastify';
import { BinanceError } from './errors.js';
import { Parameters, type MarketIds, type Route } from './route.js';
import { checkCaller, parametersOf, type BinanceRequest } from './security.js';
import { RateWindow, type RateVerdict } from '../rate-window.js';
import type { Wire, WireDependencies } from '../wire.js';
import { recordPrices } from '../../engine/candles.js';
import type { Engine } from '../../engine/engine.js';
import { Rejection } from '../../engine/rejection.js';
import { ANONYMOUS } from '../requests.js';

const MINUTE_MS = 60_000;
/** Weight limit of the wallet endpoints (sapi), which are counted separately. */
const WALLET_WEIGHT_PER_MINUTE = 12_000;
/** Weight limit of the wallet endpoints that count by user instead of by address ("Weight(UID)"). */
const USER_WEIGHT_PER_MINUTE = 180_000;
const COUNTED_BY_USER: ReadonlySet<string> = new Set([
  '/sapi/v1/capital/withdraw/history',
  '/sapi/v1/convert/tradeFlow',
]);

/** One of Binance's APIs; their common behaviour is implemented here. */
export interface BinanceApi {
  /** ccxt's exchange id. */
  id: string;
  routes: readonly Route[];
  markets: MarketIds;
  /** `REQUEST_WEIGHT` of its "Exchange Information". */
  weightPerMinute: number;
  errorOf: (rejection: Rejection) => BinanceError;
  /** The refusal for too much weight: 429, and 418 for an address that continued. */
  tooManyRequests: (verdict: Pick<RateVerdict, 'verdict' | 'until'>, limit: number) => BinanceError;
}

/** Serves signatures, weights and their headers, refusals and error bodies, which all of Binance's APIs share. */
export function binanceWire(api: BinanceApi): Wire {
  return {
    id: api.id,

    register(app, engine, dependencies) {
      recordPrices(engine);
      const windowOf = (limit: number): RateWindow =>
        new RateWindow({ limit, windowMs: MINUTE_MS, now: dependencies.now });
      const [own, wallet] = [windowOf(api.weightPerMinute), windowOf(WALLET_WEIGHT_PER_MINUTE)];
      // One account uses the simulator at a time, so that one window is enough.
      const user = windowOf(USER_WEIGHT_PER_MINUTE);
      for (const route of api.routes) {
        const isWallet = route.path.startsWith('/sapi');
        const isOfUser = COUNTED_BY_USER.has(route.path);
        const walletHeader = isOfUser ? 'x-sapi-used-uid-weight-1m' : 'x-sapi-used-ip-weight-1m';
        const header = isWallet ? walletHeader : 'x-mbx-used-weight-1m';
        const window = isOfUser ? user : isWallet ? wallet : own;
        app.route({
          method: route.method,
          url: route.path,
          handler: (request, reply) => answer(route, request, reply, { api, engine, dependencies, window, header }),
        });
      }
      app.setNotFoundHandler(async (request, reply) => {
        const { pathname } = new URL(request.url, 'http://simulator');
        const path = pathname.slice(`/${api.id}`.length);
        return reply.code(404).send({ code: -5000, msg: `Path ${path}, Method ${request.method} is invalid` });
      });
      return {
        setWeightPerMinute: (weight) => {
          own.limit = weight;
        },
        reset: () => {
          own.limit = api.weightPerMinute;
          own.clear();
          wallet.clear();
          user.clear();
        },
      };
    },

    tooManyRequestsBody: (kind, until) =>
      JSON.stringify(
        api.tooManyRequests({ verdict: kind === 'ban' ? 'banned' : 'limited', until }, api.weightPerMinute).body(),
      ),
  };
}

interface Surroundings {
  api: BinanceApi;
  engine: Engine;
  dependencies: WireDependencies;
  window: RateWindow;
  header: string;
}

async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { api, engine, dependencies, window, header }: Surroundings,
): Promise<unknown> {
  const received = binanceRequestOf(request);
  const parameters = new Parameters(parametersOf(received));
  const weight = route.weight(parameters);
  const requester =
    received.apiKey === undefined ? ANONYMOUS : (engine.findKey(received.apiKey)?.account.id ?? ANONYMOUS);
  // Wallet endpoints have a limit of their own, which is not the exchange's.
  dependencies.requests.attribute(request, requester, route.path.startsWith('/sapi') ? 0 : weight);
  const verdict = window.take(weight);
  void reply.header(header, String(verdict.used));
  try {
    if (verdict.verdict !== 'ok') {
      void reply.header('retry-after', String(Math.max(1, Math.ceil((verdict.until - dependencies.now()) / 1_000))));
      throw api.tooManyRequests(verdict, window.limit);
    }
    const now = dependencies.now();
    const caller = checkCaller(received, route.security, engine, now);
    return route.answer({ engine, now, parameters, markets: api.markets }, caller);
  } catch (error) {
    const shown = error instanceof Rejection ? api.errorOf(error) : error;
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
