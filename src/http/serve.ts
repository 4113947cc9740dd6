import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Logger } from '../logging/logger.js';
import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import { FailureError } from '../domain/failure/failure.js';
import type { AccountTotals, Ledger } from '../ledger/contract/ledger.js';
import { isLoopback } from '@plumbline/primitives/hosts';
import { limitedServer, type LimitedServer } from '../net/limited-server.js';
import { SERVER_LIMITS, type ServerLimits } from '@plumbline/primitives/server-limits';
import { withDeadline } from './deadline.js';
import {
  accountDocument,
  discrepancyDocument,
  eventDocument,
  failureDocument,
  tradingGateDocument,
  runDocument,
} from '../report/documents.js';
import { NO_WATCH, type WatchView } from '../watch/finding.js';
import { tradingGateOf, withFinding } from '../report/trading-gate.js';
import { METRICS_CONTENT_TYPE, renderMetrics } from './metrics.js';
import { createProcessMetrics } from './process-metrics.js';

/** The part of a ledger that is served: reads only. */
export type ServedLedger = Pick<Ledger, 'accounts' | 'account' | 'runs' | 'events' | 'discrepancies' | 'ping'>;

export interface ServeOptions {
  ledger: ServedLedger;
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Additional host names under which it answers (`serve.allowed_hosts`). */
  allowedHosts?: readonly string[];
  version: string;
  log: Logger;
  /** What a watcher found beyond the ledger: which accounts are silent, and why. */
  watch?: WatchView;
  /** Time limit for the ledger's answer, so that a trading gate never hangs. Default 5000. */
  deadlineMs?: number;
  limits?: Partial<ServerLimits>;
}

export interface Served {
  /** "http://127.0.0.1:9400", with the actual port. */
  url: string;
  /** Ends gracefully: answers pending requests, takes no new ones. */
  close(): Promise<void>;
}

const page = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) });
const runsQuery = page.extend({ before: z.coerce.number().int().min(1).optional() });
const eventsQuery = page.extend({ after: z.coerce.number().int().min(0).optional() });
const discrepanciesQuery = page.extend({ state: z.enum(['open', 'resolved']).optional() });

const ROUTES = [
  '/metrics',
  '/healthz',
  '/readyz',
  '/v1/accounts',
  '/v1/accounts/:account',
  '/v1/accounts/:account/gate',
  '/v1/accounts/:account/runs?limit&before',
  '/v1/accounts/:account/events?limit&after',
  '/v1/accounts/:account/discrepancies?limit&state',
];

/**
 * Serves metrics, health, trading gate and the read API from the ledger and a watcher's findings. It writes nothing,
 * and while Temporal is unreachable it answers from the ledger alone.
 *
 * If the ledger does not answer, every answer that depends on it is 503: an outdated "all is well" would be worse than
 * none.
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { host, log } = options;
  const server = buildServer(options);
  const url = await server.listen();
  if (!isLoopback(host)) {
    log.warn(
      { url },
      "Anyone who can reach this address can read the accounts' positions and orders; " +
        'put it behind a firewall or an authenticating proxy',
    );
  }
  return { url, close: async () => server.close() };
}

function buildServer(options: ServeOptions): LimitedServer {
  const { version, log, watch = NO_WATCH, deadlineMs = 5000, host, allowedHosts = [] } = options;
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const ask = async <T>(question: string, answer: Promise<T>): Promise<T> =>
    withDeadline(answer, deadlineMs, `the ledger, asked for ${question},`);
  const { ledger } = options;
  const processMetrics = createProcessMetrics();

  const server = limitedServer({
    host,
    port: options.port,
    allowedHosts,
    setting: 'serve.allowed_hosts',
    limits,
    closeMs: limits.requestMs,
    report: (line) => log.warn(line),
    refusal: (status, error) => ({ status, type: 'application/json', body: JSON.stringify({ error }) }),
  });
  const { app } = server;
  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof FailureError) {
      log.error({ url: request.url, failure: error.failure }, error.message);
      return reply.code(503).send({ error: failureDocument(error.failure) });
    }
    if (error instanceof z.ZodError) return reply.code(400).send({ error: queryError(error) });
    const message = error instanceof Error ? error.message : String(error);
    if (isClientError(error)) return reply.code(error.statusCode).send({ error: { message } });
    log.error({ url: request.url, error }, message);
    return reply.code(500).send({ error: { message: 'a fault in Plumbline itself; see its log' } });
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send({ error: { message: `there is no ${request.method} ${request.url}`, remedy: 'see /' } }),
  );

  app.get('/', async (_request, reply) =>
    reply.type('text/plain').send(`plumbline ${version}\n${ROUTES.join('\n')}\n`),
  );
  app.get('/healthz', async () => ({ status: 'ok', version }));
  app.get('/readyz', async () => {
    await ask('its state', ledger.ping());
    return { status: 'ready' };
  });
  app.get('/metrics', async (_request, reply) => {
    const accounts = await ask('all accounts', ledger.accounts());
    const text = (await renderMetrics(accounts, { version }, watch)) + (await processMetrics.metrics());
    return reply.type(METRICS_CONTENT_TYPE).send(text);
  });

  app.get('/v1/accounts', async () => {
    const accounts = await ask('all accounts', ledger.accounts());
    return { accounts: accounts.map((totals) => accountDocument(totals, watch.findingOf(totals.account))) };
  });

  /**
   * A text that cannot be an account's name is not looked up: the database refuses some of them, such as a NUL
   * character.
   */
  const totalsOf = async (account: string): Promise<AccountTotals | null> =>
    ACCOUNT_NAME.test(account) ? ask(`the account "${account}"`, ledger.account(account)) : null;
  const known = async (account: string, reply: FastifyReply): Promise<AccountTotals | null> => {
    const totals = await totalsOf(account);
    if (totals === null) await reply.code(404).send({ error: unknownAccount(account) });
    return totals;
  };
  app.get<{ Params: AccountParams }>('/v1/accounts/:account', async ({ params }, reply) => {
    const totals = await known(params.account, reply);
    return totals === null ? reply : accountDocument(totals, watch.findingOf(totals.account));
  });
  app.get<{ Params: AccountParams }>('/v1/accounts/:account/runs', async ({ params: { account }, query }, reply) => {
    const { limit, before } = runsQuery.parse(query);
    if ((await known(account, reply)) === null) return reply;
    const runs = await ask('runs', ledger.runs(account, { limit, ...(before !== undefined && { before }) }));
    return { runs: runs.map(runDocument) };
  });
  app.get<{ Params: AccountParams }>('/v1/accounts/:account/events', async ({ params: { account }, query }, reply) => {
    const { limit, after } = eventsQuery.parse(query);
    if ((await known(account, reply)) === null) return reply;
    const events = await ask('events', ledger.events(account, { limit, ...(after !== undefined && { after }) }));
    return { events: events.map(eventDocument) };
  });
  app.get<{ Params: AccountParams }>(
    '/v1/accounts/:account/discrepancies',
    async ({ params: { account }, query }, reply) => {
      const { limit, state } = discrepanciesQuery.parse(query);
      if ((await known(account, reply)) === null) return reply;
      const rows = await ask(
        'discrepancies',
        ledger.discrepancies(account, { limit, ...(state !== undefined && { state }) }),
      );
      return { discrepancies: rows.map(discrepancyDocument) };
    },
  );
  app.get<{ Params: AccountParams }>('/v1/accounts/:account/gate', async ({ params: { account } }, reply) => {
    const totals = await totalsOf(account).catch((error: unknown) => {
      log.error({ account, error }, 'The trading gate is closed: the ledger cannot be reached');
      return undefined;
    });
    // Every answer except a clear yes carries `open: false`, for bots that read the body and not the status.
    if (totals === undefined) {
      return reply
        .code(503)
        .send({ account, open: false, reasons: ['the ledger cannot be reached, so nothing is known'] });
    }
    if (totals === null)
      return reply.code(404).send({ account, open: false, reasons: [unknownAccount(account).message] });
    const tradingGate = withFinding(tradingGateOf(totals), watch.findingOf(account));
    return reply.code(tradingGate.open ? 200 : 423).send({ account, ...tradingGateDocument(tradingGate) });
  });
  return server;
}

interface AccountParams {
  account: string;
}

function unknownAccount(account: string) {
  return {
    message: `the ledger knows no account "${account}"`,
    remedy: 'ask for /v1/accounts; `plumbline apply` registers the accounts of a configuration',
  };
}

function queryError(error: z.ZodError) {
  const problems = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { message: `the query is wrong: ${problems.join('; ')}`, remedy: 'fix the query parameters' };
}

function isClientError(error: unknown): error is Error & { statusCode: number } {
  if (!(error instanceof Error) || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500;
}
