import type { PayloadCodec } from '@temporalio/common';
import type { Logger } from '../logging/logger.js';
import type { Ledger } from '../ledger/contract/ledger.js';
import { isLoopback } from '@plumbline/primitives/hosts';
import { limitedServer, type LimitedServer } from '../net/limited-server.js';
import { SERVER_LIMITS, type ServerLimits } from '@plumbline/primitives/server-limits';
import type { Acts } from '../acts/acts.js';
import { ACT_BODIES } from './act-bodies.js';
import { actRoutes } from './act-routes.js';
import { codecRoute } from './codec-route.js';
import { createAccountLookup, type AskLedger } from './account-lookup.js';
import { answerErrors } from './answer-errors.js';
import { withDeadline } from './deadline.js';
import { FailureError } from '../domain/failure/failure.js';
import type { GateWebhook } from './gate-webhooks.js';
import { guard, mayUse } from './guard.js';
import type { KnownToken } from './tokens.js';
import { NO_WATCH, type WatchView } from '../watch/finding.js';
import { linkRoutes } from './link-routes.js';
import { LIMITS } from '../domain/limits/limits.js';
import type { Proof } from '../internal/proof.js';
import { pageAccess, refusedOf } from './page-access.js';
import type { PageLedger } from './pages/page-parts.js';
import { pageRoutes } from './pages/page-routes.js';
import { Sessions } from './sessions.js';
import { createConfigMetrics, type ConfigMetrics } from '../runtime/config-metrics.js';
import { METRICS_CONTENT_TYPE, renderMetrics } from './metrics.js';
import { createProcessMetrics } from './process-metrics.js';
import { openApi } from './openapi.js';
import { pushRoute, type PushedAccount } from './push-route.js';
import { readRoutes } from './read-routes.js';
import { serveGate } from './serve-gate.js';

/** The part of a ledger that is served. Acts of people go through `Acts`. */
export type ServedLedger = Pick<
  Ledger,
  | 'accounts'
  | 'account'
  | 'runs'
  | 'events'
  | 'discrepancies'
  | 'interventions'
  | 'ping'
  | 'followGates'
  | 'channelTotals'
  | 'storePush'
> &
  PageLedger;

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
  /** Who may read and act; may be changed in place, but not emptied. Without tokens everyone may read, so it must listen on loopback then. */
  tokens?: readonly KnownToken[];
  metricsWithoutToken?: boolean;
  /** Everyone may read although there are tokens, so it must listen on loopback then. */
  readWithoutToken?: boolean;
  /** Absent: it only reads. */
  acts?: Acts;
  /** Where changes of trading gates are sent. */
  gateWebhooks?: readonly GateWebhook[];
  /** The accounts whose bots push their state. Default: none. */
  pushes?: ReadonlyMap<string, PushedAccount>;
  /** One-time links in messages; they need `acts`. Absent: there are none. */
  links?: { secret: string; publicUrl: string };
  /** Where people reach it; default: not configured. */
  publicUrl?: string | null;
  /** Decrypts payloads for Temporal's Web UI at these origins. Absent: there is no codec endpoint. */
  codec?: { codec: PayloadCodec; origins: readonly string[] };
  /** What a match with the bot's state proves, by account. Default: not known. */
  proofs?: ReadonlyMap<string, Proof>;
}

export interface Served {
  /** "http://127.0.0.1:9400", with the actual port. */
  url: string;
  /** Ends all sessions of browsers. */
  endSessions(): void;
  readonly config: ConfigMetrics;
  /** Ends gracefully: answers pending requests, takes no new ones. */
  close(): Promise<void>;
}

const ROUTES = [
  '/ (in a browser: the status page)',
  '/metrics',
  '/healthz',
  '/readyz',
  '/v1/openapi.json',
  '/v1/stream?after',
  '/v1/accounts',
  '/v1/accounts/:account',
  '/v1/accounts/:account/gate?wait',
  '/v1/accounts/:account/runs?limit&before',
  '/v1/accounts/:account/events?limit&after',
  '/v1/accounts/:account/discrepancies?limit&state',
  '/v1/accounts/:account/interventions?limit&state',
  'PUT /v1/accounts/:account/state',
  ...Object.keys(ACT_BODIES).map((act) => `POST /v1/accounts/:account/${act}`),
];

/**
 * Serves metrics, health, trading gate and the read API from the ledger and a watcher's findings, and takes the acts of
 * people. While Temporal is unreachable it answers from the ledger alone.
 *
 * If the ledger does not answer, every answer that depends on it is 503: an outdated "all is well" would be worse than
 * none.
 *
 * @throws FailureError (configuration) if others can reach it and may read without a token
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { host, tokens = [] } = options;
  if (!isLoopback(host) && tokens.length === 0) throw withoutTokens(host);
  if (options.readWithoutToken === true) refuseOpenToOthers(options);
  const { server, sessions, config } = await buildServer(options);
  const url = await server.listen().catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  return { url, endSessions: () => sessions.endAll(), config, close: async () => server.close() };
}

function withoutTokens(host: string): FailureError {
  return new FailureError({
    kind: 'configuration',
    side: 'plumbline',
    message: `serve would listen on ${host}, where others can reach it, and has no tokens`,
    where: 'serve.tokens',
    remedy:
      'make a token with `plumbline token new --name NAME --role viewer` and add the line that it prints to the ' +
      'configuration, or listen on 127.0.0.1',
    retryAfterMs: null,
  });
}

/** A name besides those of loopback means a proxy in front: then others reach the server although it listens on loopback. */
function refuseOpenToOthers({ host, allowedHosts = [], publicUrl, links }: ServeOptions): void {
  const url = publicUrl ?? links?.publicUrl ?? null;
  const names = [...allowedHosts, ...(url === null ? [] : [new URL(url).host])];
  const how = isLoopback(host) ? names.find((name) => !isLoopback(name)) : host;
  if (how === undefined) return;
  throw new FailureError({
    kind: 'configuration',
    side: 'plumbline',
    message: isLoopback(host)
      ? `others would reach serve as ${how}, and read_without_token lets everyone read`
      : `serve would listen on ${how}, where others can reach it, and read_without_token lets everyone read`,
    where: 'serve.read_without_token',
    remedy: isLoopback(host)
      ? `remove read_without_token, or ${how} from serve.public_url and serve.allowed_hosts`
      : 'remove read_without_token, or listen on 127.0.0.1',
    retryAfterMs: null,
  });
}

async function buildServer(
  options: ServeOptions,
): Promise<{ server: LimitedServer; sessions: Sessions; config: ConfigMetrics }> {
  const { version, log, watch = NO_WATCH, deadlineMs = 5000, host, allowedHosts = [] } = options;
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const ask: AskLedger = async (question, answer) =>
    withDeadline(answer, deadlineMs, `the ledger, asked for ${question},`);
  const { ledger } = options;
  const processMetrics = createProcessMetrics();
  const config = createConfigMetrics(processMetrics);

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
  // Only JSON is accepted, because a page of another site can send a form with text without permission.
  app.removeContentTypeParser('text/plain');
  answerErrors(app, log);
  const { tokens = [], publicUrl = options.links?.publicUrl ?? null } = options;
  const sessions = new Sessions();
  const { failed } = await guard(app, {
    tokens,
    metricsWithoutToken: options.metricsWithoutToken ?? false,
    readWithoutToken: options.readWithoutToken ?? false,
    sessions,
    publicUrl,
  });
  app.get('/healthz', async () => ({ status: 'ok', version }));
  app.get('/readyz', async () => {
    await ask('its state', ledger.ping());
    return { status: 'ready' };
  });
  const description = openApi(version);
  app.get('/v1/openapi.json', async () => description);
  app.get('/metrics', async ({ bearer }, reply) => {
    const all = await ask('all accounts', ledger.accounts());
    const accounts = all.filter(({ account }) => mayUse(bearer, account));
    const channels = await ask('the channels', ledger.channelTotals());
    const text = (await renderMetrics(accounts, { version }, watch, channels)) + (await processMetrics.metrics());
    return reply.type(METRICS_CONTENT_TYPE).send(text);
  });

  if (options.codec !== undefined) codecRoute(app, options.codec);
  const lookup = createAccountLookup(ledger, ask);
  readRoutes(app, ledger, ask, lookup, watch);
  const gates = serveGate(app, {
    ledger,
    watch,
    log,
    deadlineMs,
    webhooks: options.gateWebhooks ?? [],
    registry: processMetrics,
  });
  const { acts, links, pushes = new Map<string, PushedAccount>() } = options;
  await pageRoutes(app, {
    ledger,
    ask,
    watch,
    log,
    index: `plumbline ${version}\n${ROUTES.join('\n')}\n`,
    totalsOf: lookup.totalsOf,
    news: gates,
    acts: options.acts ?? null,
    proofs: options.proofs ?? new Map<string, Proof>(),
    maxStreams: LIMITS.statusStreams.value,
    refusedOf,
    access: pageAccess({ tokens, sessions, failed, publicUrl, isOpen: options.readWithoutToken ?? false }),
  });
  await pushRoute(app, { ledger, ask, accounts: pushes, acts: acts ?? null, log });
  if (acts !== undefined) {
    actRoutes(app, acts, lookup);
    if (links !== undefined) await linkRoutes(app, { ...links, acts, failed, log });
  }
  return { server, sessions, config };
}
