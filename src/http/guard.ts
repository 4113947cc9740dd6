import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TokenRole } from '../config/serve-schema.js';
import { refusePage, wantsPage } from './pages/refusals.js';
import { isFromOwnPage, type Sessions } from './sessions.js';
import { bearerOf, identify, type Identity, type KnownToken } from './tokens.js';

/**
 * What a route needs. `nothing`: it is open to everyone. `link`: the capability in its path. `token`: a token that may read
 * something. The others need a role. `page`, `stream` and `form` also take a browser's session; a form must come from a page of
 * this server.
 */
export type Need =
  'nothing' | 'link' | 'token' | 'gate' | 'read' | 'metrics' | 'act' | 'push' | 'page' | 'stream' | 'form' | 'codec';

declare module 'fastify' {
  interface FastifyRequest {
    /** The token's bearer; null if there are no tokens, or the route needs none. */
    bearer: Identity | null;
  }
}

const ROLES: Readonly<Record<Exclude<Need, 'nothing' | 'link'>, readonly TokenRole[]>> = {
  token: ['gate-only', 'viewer', 'operator'],
  gate: ['gate-only', 'viewer', 'operator'],
  read: ['viewer', 'operator'],
  metrics: ['viewer', 'operator'],
  act: ['operator'],
  push: ['push'],
  codec: ['viewer', 'operator'],
  page: ['viewer', 'operator'],
  stream: ['viewer', 'operator'],
  form: ['operator'],
};
/** The roles that see pages. */
export const READERS = ROLES.page;
const TAKES_SESSION: ReadonlySet<Need> = new Set(['page', 'stream', 'form', 'codec']);
/** What `readWithoutToken` opens to requests without a token. */
const READS: ReadonlySet<Need> = new Set(['token', 'gate', 'read', 'metrics', 'page', 'stream']);
/** Only people with a browser get a page as the answer to an error. */
const ANSWERS_PAGES: ReadonlySet<Need> = new Set(['page', 'form']);

/** What each route needs, by method and path. A route that is missing here needs the right to act. */
const NEEDS: Readonly<Record<string, Need>> = {
  // For programs the list of paths, which is open to everyone.
  'GET /': 'page',
  'GET /accounts/:account': 'page',
  'POST /accounts/:account': 'form',
  'GET /accounts/:account/runs': 'page',
  'GET /accounts/:account/runs/:run': 'page',
  'GET /login': 'nothing',
  'POST /login': 'nothing',
  'POST /logout': 'nothing',
  'GET /assets/page.css': 'nothing',
  'GET /assets/page.js': 'nothing',
  'GET /assets/icon.svg': 'nothing',
  'GET /v1/stream': 'stream',
  'OPTIONS /codec/decode': 'nothing',
  'POST /codec/decode': 'codec',
  'GET /healthz': 'nothing',
  'GET /readyz': 'nothing',
  'GET /metrics': 'metrics',
  'GET /v1/openapi.json': 'token',
  'GET /v1/accounts': 'read',
  'GET /v1/accounts/:account': 'read',
  'GET /v1/accounts/:account/gate': 'gate',
  'GET /v1/accounts/:account/runs': 'read',
  'GET /v1/accounts/:account/events': 'read',
  'GET /v1/accounts/:account/discrepancies': 'read',
  'GET /v1/accounts/:account/interventions': 'read',
  'PUT /v1/accounts/:account/state': 'push',
  'GET /a/*': 'link',
  'POST /a/*': 'link',
};

/** Failed tokens of one address, acts of one token, and pushes for one account, in a minute. */
export const FAILURES_PER_MINUTE = 30;
export const ACTS_PER_MINUTE = 60;
export const PUSHES_PER_MINUTE = 120;

const MAKE_ONE = 'make a token with `plumbline token new`, and add the line that it prints to serve.tokens';

interface GuardOptions {
  tokens: readonly KnownToken[];
  metricsWithoutToken: boolean;
  /** A request without a token may read. */
  readWithoutToken: boolean;
  sessions: Sessions;
  /** Where people reach the server; null if that is not configured. */
  publicUrl: string | null;
}

export interface Guard {
  /** Counts a wrong secret. Not null if its address has sent too many. */
  failed: (request: FastifyRequest) => Promise<Exceeded | null>;
}

/**
 * Accepts a request if its token allows it. The rule belongs to the route and not to the text of the path, so another spelling of
 * a path cannot bypass it. A route without a rule needs the right to act.
 *
 * Without tokens everyone may read, and nobody may act or push: an act is recorded with the name of its token, and whoever pushes
 * speaks for the bot.
 */
export async function guard(app: FastifyInstance, options: GuardOptions): Promise<Guard> {
  const { tokens, metricsWithoutToken, readWithoutToken, sessions, publicUrl } = options;
  await app.register(rateLimit, { global: false });
  // Only failures count, so nobody can lock out others behind the same proxy by sending wrong tokens.
  const failure = app.createRateLimit({ max: FAILURES_PER_MINUTE, timeWindow: 60_000 });
  const act = app.createRateLimit({
    max: ACTS_PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => request.bearer?.name ?? request.ip,
  });
  const push = app.createRateLimit({
    max: PUSHES_PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => `push ${(request.params as { account?: string }).account ?? ''}`,
  });
  app.decorateRequest('bearer', null);
  app.addHook('onRequest', async (request, reply) => {
    const need = needOf(request);
    if (need === 'nothing' || need === 'link' || (need === 'metrics' && metricsWithoutToken)) return undefined;
    if (need === 'form' && !isFromOwnPage(request, publicUrl)) {
      return refuse(request, reply, 403, {
        message: 'the form was sent by a page of another site',
        remedy: 'open the page of this server and try again',
      });
    }
    if (tokens.length === 0) {
      if (need === 'form') {
        return refuse(request, reply, 403, {
          message: 'this server has no tokens, so nobody can act here',
          remedy: MAKE_ONE,
        });
      }
      if (need !== 'act' && need !== 'push') return undefined;
      return refuse(request, reply, 401, {
        message: `this server has no tokens, so nobody can ${need} here`,
        remedy: MAKE_ONE,
      });
    }
    const token = bearerOf(request.headers.authorization);
    const session = token === null && TAKES_SESSION.has(need) ? sessions.find(request) : null;
    const bearer = token === null ? session : identify(token, tokens);
    if (bearer === null && token === null && readWithoutToken && READS.has(need)) return undefined;
    if (bearer === null) {
      const limit = token === null ? null : exceeded(await failure(request));
      if (limit !== null) return tooMany(request, reply, limit, 'wrong tokens from this address');
      const message = token === null ? 'it needs a token (Authorization: Bearer plb_...)' : 'the token is not known';
      return refuse(request, reply, 401, { message, remedy: MAKE_ONE });
    }
    request.bearer = bearer;
    if (!ROLES[need].includes(bearer.role)) {
      return refuse(request, reply, 403, {
        message: `the token "${bearer.name}" has the role ${bearer.role}, which does not allow this`,
        remedy: `use a token with the role ${ROLES[need].join(' or ')}`,
      });
    }
    const { account } = request.params as { account?: string };
    if (account !== undefined && !mayUse(bearer, account)) {
      return refuse(request, reply, 403, {
        message: `the token "${bearer.name}" (${bearer.role}) is not for the account "${account}"`,
        remedy: `use another token, or add the account to this one in serve.tokens`,
      });
    }
    if (need === 'push') {
      const pushed = exceeded(await push(request));
      return pushed === null ? undefined : tooMany(request, reply, pushed, `pushes for the account "${account}"`);
    }
    if (need !== 'act' && need !== 'form') return undefined;
    const limit = exceeded(await act(request));
    if (limit !== null) return tooMany(request, reply, limit, `acts of the token "${bearer.name}"`);
    return undefined;
  });
  return { failed: async (request) => exceeded(await failure(request)) };
}

/** Whether the bearer may use the account. Without a bearer, everyone may read every account. */
export function mayUse(bearer: Identity | null, account: string): boolean {
  return bearer === null || bearer.accounts === null || bearer.accounts.has(account);
}

function needOf(request: FastifyRequest): Need {
  const { url } = request.routeOptions;
  // No route has this path, so the answer is 404.
  if (url === undefined) {
    if (!request.url.startsWith('/v1')) return 'nothing';
    return request.method === 'POST' ? 'act' : 'token';
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (url === '/' && method === 'GET' && !wantsPage(request)) return 'nothing';
  return NEEDS[`${method} ${url}`] ?? 'act';
}

export interface Exceeded {
  max: number;
  ttlInSeconds: number;
}

/** Null if the request is within the limit. */
function exceeded(
  count: { isAllowed: true } | ({ isAllowed: false; isExceeded: boolean } & Exceeded),
): Exceeded | null {
  return count.isAllowed || !count.isExceeded ? null : count;
}

async function tooMany(request: FastifyRequest, reply: FastifyReply, { max, ttlInSeconds }: Exceeded, what: string) {
  reply.header('retry-after', String(ttlInSeconds));
  return refuse(request, reply, 429, {
    message: `more than ${max} ${what} within a minute`,
    remedy: `ask again in ${ttlInSeconds} s`,
  });
}

interface Refusal {
  message: string;
  remedy: string;
}

/** An error of a gate always has `open: false`, for bots that read the body and not the status. */
async function refuse(request: FastifyRequest, reply: FastifyReply, status: 401 | 403 | 429, error: Refusal) {
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="plumbline"');
  const need = needOf(request);
  if (ANSWERS_PAGES.has(need)) return refusePage(request, reply, { status, ...error });
  const isGate = need === 'gate';
  return reply.code(status).send({ ...(isGate && { open: false, reasons: [error.message] }), error });
}
