import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { createHostCheck } from '@plumbline/primitives/host-check';
import { fastifyLimits, limitConnections, SERVER_LIMITS, type ServerLimits } from '@plumbline/primitives/server-limits';
import type { Bot } from './bot/bot.js';
import { addBotState } from './bot-state-endpoint.js';
import { addControl } from './control.js';
import {
  DEMO_ACCOUNT,
  DEMO_BALANCES,
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  readOnlyKey,
  tradingKey,
} from './engine/credentials.js';
import type { Engine } from './engine/engine.js';
import type { Market } from './engine/market.js';
import { idsOfTime } from './ids-of-time.js';
import { addFaultHooks } from './fault-hooks.js';
import { Faults } from './faults.js';
import { RequestLog } from './wire/requests.js';
import { hasCode, loadState, StateFile } from './state-file.js';
import type { Wire, WireLimits } from './wire/wire.js';
import { WIRES } from './wires.js';
import { World, type WorldState } from './world.js';

export {
  DEMO_ACCOUNT,
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  DEMO_PASSPHRASE,
  DEMO_TRADING_CREDENTIALS,
} from './engine/credentials.js';
export const DEFAULT_PORT = 9300;
export const DEFAULT_HOST = '127.0.0.1';

/** Batches of orders are the largest bodies that a wire accepts. */
const MAX_BODY_BYTES = 1_048_576;

export interface SimulatorOptions {
  host?: string;
  /** 0 picks a free port. */
  port: number;
  /** Read-only key and secret of the demo account. */
  apiKey?: string;
  secret?: string;
  /** Bearer token of `/bot/state`. */
  botToken?: string;
  /** The exchange's and the bot's clock, milliseconds since the epoch. */
  now?: () => number;
  logger?: FastifyBaseLogger;
  /** Where the state is kept between starts; without it nothing is kept. */
  stateFile?: string;
  limits?: Partial<ServerLimits>;
  /**
   * Whether ids of orders and trades are never reused after a restart, even if the state is lost: they then begin at the
   * clock's time. A real bot refuses an id that its database already has. Absent: every new simulator begins with the
   * same ids.
   */
  uniqueIds?: boolean;
  /** Replaces the default markets. */
  markets?: readonly Market[];
}

export interface Simulator {
  /** "http://127.0.0.1:9300"; an exchange's wire is below `<url>/<ccxt id>`. */
  url: string;
  engine: Engine;
  /** The demo account's bot. */
  bot: Bot;
  faults: Faults;
  snapshotState: () => WorldState;
  restoreState: (state: WorldState) => void;
  /** Closes all connections, stalled ones too, and writes the state file. */
  close: () => Promise<void>;
}

/**
 * Starts the exchange simulator: wires, the bot's state and the control API on one port.
 *
 * Throws with a remedy if the port is taken or the state file cannot be read.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const now = options.now ?? Date.now;
  const world = new World({
    now,
    demoKeys: [
      readOnlyKey(options.apiKey ?? DEMO_CREDENTIALS.apiKey, options.secret ?? DEMO_CREDENTIALS.secret),
      tradingKey(DEMO_TRADING_CREDENTIALS.apiKey, DEMO_TRADING_CREDENTIALS.secret),
    ],
    demoBalances: DEMO_BALANCES,
    markets: options.markets,
  });
  const saved = options.stateFile === undefined ? null : await loadState(options.stateFile);
  if (saved !== null) world.restore(saved);
  if (options.uniqueIds === true) world.engine.raiseIds(idsOfTime(now()));

  const faults = new Faults();
  const stateFile = keepState(world, options);
  // Requests to the bot itself change no order, so the engine does not report them.
  const app = await buildApp(world, faults, now, { ...options, onControl: () => stateFile?.touch() });
  const url = await listen(app, options.host ?? DEFAULT_HOST, options.port);
  const shutDown = async (): Promise<void> => {
    world.stop();
    await app.close();
    await stateFile?.close();
  };
  // A second call must not write the state again: by then the file may belong to another simulator.
  let closing: Promise<void> | null = null;
  return {
    url,
    engine: world.engine,
    get bot() {
      return world.bot(DEMO_ACCOUNT);
    },
    faults,
    snapshotState: () => structuredClone(world.toState()),
    restoreState: (state) => world.restore(state),
    close: async () => (closing ??= shutDown()),
  };
}

async function buildApp(
  world: World,
  faults: Faults,
  now: () => number,
  options: SimulatorOptions & { onControl: () => void },
): Promise<FastifyInstance> {
  // Closing must not wait for a client that a fault keeps hanging.
  const logController = new fastify.LogController({ disableRequestLogging: true });
  const limits = { ...SERVER_LIMITS, bodyBytes: MAX_BODY_BYTES, ...options.limits };
  const common = { forceCloseConnections: true, logController, ...fastifyLimits(limits) };
  const app: FastifyInstance =
    options.logger === undefined ? fastify(common) : fastify({ ...common, loggerInstance: options.logger });
  limitConnections(app.server, limits, (line) => options.logger?.warn(line));
  const requests = new RequestLog(now);
  const wireLimits = new Map<string, WireLimits>();

  const refusalOf = createHostCheck({ listensOn: options.host ?? DEFAULT_HOST, allowedHosts: [], setting: null });
  app.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(request.headers);
    if (refusal === null) return;
    await reply.code(refusal.status).send({ error: `${refusal.message}; ${refusal.remedy}` });
  });
  app.addHook('onRequest', async (request) => {
    world.engine.expireDue();
    const path = pathOf(request.url);
    if (wireOf(path) !== null) requests.arrive(request, `${request.method} ${path}`);
  });
  app.addHook('onResponse', async (request, reply) => {
    const path = pathOf(request.url);
    if (wireOf(path) !== null) requests.countStatus(reply.statusCode);
    if (path.startsWith('/sim/') && request.method === 'POST') options.onControl();
  });
  addFaultHooks(app, {
    faults,
    applies: (path) => wireOf(path) !== null || path.startsWith('/bot/'),
    tooManyRequestsBody: (path, kind, retryAfterSeconds) =>
      wireOf(path)?.tooManyRequestsBody(kind, now() + retryAfterSeconds * 1_000) ??
      JSON.stringify({ error: 'too many requests' }),
  });

  for (const wire of WIRES) {
    await app.register(
      async (scope) => {
        keepRawBody(scope);
        wireLimits.set(wire.id, wire.register(scope, world.engine, { now, requests }));
      },
      { prefix: `/${wire.id}` },
    );
  }
  addBotState(app, world, options.botToken ?? DEMO_BOT_TOKEN, (exchange) => {
    const wire = WIRES.find(({ id }) => id === exchange);
    return wire === undefined ? null : (engineId) => wire.orderIdOf?.(engineId) ?? engineId;
  });
  await app.register(async (scope) => addControl(scope, { world, faults, requests, limits: wireLimits }), {
    prefix: '/sim',
  });
  app.get('/', async () => ({
    exchanges: WIRES.map(({ id }) => `/${id}`),
    bot: '/bot/state',
    control: '/sim/truth',
  }));
  return app;
}

/** Signatures cover the body as it was sent, so wires receive it as text. */
function keepRawBody(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

function keepState(world: World, { stateFile, logger }: SimulatorOptions): StateFile | null {
  if (stateFile === undefined) return null;
  const file = new StateFile(
    stateFile,
    () => world.toState(),
    (error) => logger?.error({ err: error, path: stateFile }, "cannot write the simulator's state"),
  );
  world.engine.subscribe(() => file.touch());
  return file;
}

/** With what to do about it, which `plumbline simulate` shows. */
class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly remedy = 'give the simulator another port (--port), or 0 for any free one';
  constructor(host: string, port: number, cause: unknown) {
    super(`port ${port} on ${host} is taken`, { cause });
  }
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) {
      throw new PortTakenError(host, port, error);
    }
    throw error;
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

function wireOf(path: string): Wire | null {
  return WIRES.find(({ id }) => path.startsWith(`/${id}/`)) ?? null;
}
