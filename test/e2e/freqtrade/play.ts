import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack, type Stack } from '../../../packages/dev-stack/src/stack.js';
import type { StackConfiguration, StackPlaces } from '../../../packages/dev-stack/src/stack-configuration.js';
import type { StateFolder } from '../../../packages/dev-stack/src/state-folder.js';
import { ensureDatabase, migrateLedger } from '../../../src/ledger/migrate/migrate.js';
import { searchAttributeTypes } from '../../support/search-attributes.js';
import { Desk } from './desk.js';
import { FreqtradeBot } from './freqtrade-bot.js';
import { freqtradeProgram } from './installation.js';
import { Plumbline } from './plumbline.js';
import { Recording } from './recording.js';
import { playScript } from './script.js';
import type { Row } from './table.js';
import { tradeAtRandom } from './trading.js';
import { Exchange } from './truth.js';
import { MORE_WIRES, PLUMBLINE_ENV, plumblineAccount, WIRES, type TestedWire } from './wires.js';

const commandLine = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const cache = fileURLToPath(new URL('../../../.plumbline', import.meta.url));
const fixtures = fileURLToPath(new URL('../../internal/freqtrade/acts', import.meta.url));

export interface PlayOptions {
  /** ccxt's ids; empty: those of `WIRES`. */
  wires: readonly string[];
  /** How long each bot trades at random after the script. */
  minutes: number;
  seed: number;
  /** Whether to write the API's answers as fixtures. */
  record: boolean;
  say: (line: string) => void;
}

/** Plays the script and the random trading on all wires at once, with a real stack and a real Freqtrade for each wire. */
export async function playFreqtrade(options: PlayOptions): Promise<Row[]> {
  const { say } = options;
  const known = [...WIRES, ...MORE_WIRES];
  const unknown = options.wires.filter((id) => !known.some((wire) => wire.id === id));
  if (unknown.length > 0)
    throw new Error(`no wire ${unknown.join(', ')}; there are ${known.map(({ id }) => id).join(', ')}`);
  const wires = options.wires.length === 0 ? WIRES : known.filter(({ id }) => options.wires.includes(id));
  const program = await freqtradeProgram(cache, say);
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-freqtrade-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const recording = options.record ? new Recording() : null;
    const places = await Promise.all(
      wires.map(async (wire) => {
        const exchange = await Exchange.start(wire);
        ends.push(exchange.close);
        const bot = await FreqtradeBot.make(wire, { program, folder, simulatorUrl: exchange.url });
        ends.push(() => bot.end('SIGTERM'));
        return { wire, exchange, bot };
      }),
    );
    const stack = await startPlumbline(join(folder, 'stack'), places);
    ends.push(() => stack.stop());
    const plumbline = await Plumbline.of(stack);
    ends.push(() => plumbline.close());
    await plumbline.apply(commandLine);
    const desks = places.map(({ wire, exchange, bot }) => new Desk(wire, exchange, bot, plumbline, recording, say));
    await inParallel(desks, async (desk) => playDesk(desk, options));
    await recording?.write(fixtures);
    return desks.flatMap(({ rows }) => rows);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function playDesk(desk: Desk, { minutes, seed }: PlayOptions): Promise<void> {
  desk.print('Freqtrade starts');
  await desk.bot.start();
  await playScript(desk);
  desk.endRecording();
  if (minutes > 0) await tradeAtRandom(desk, { minutes, seed });
}

/** Waits for all even if one fails; a failure of one wire is a row of its own, so that the others are still shown. */
async function inParallel(desks: readonly Desk[], play: (desk: Desk) => Promise<void>): Promise<void> {
  await Promise.all(
    desks.map(async (desk) =>
      play(desk).catch(async (error: unknown) => {
        desk.fail(error instanceof Error ? error.message : String(error));
        desk.print(await desk.bot.logEnd());
      }),
    ),
  );
}

interface Place {
  wire: TestedWire;
  exchange: Exchange;
  bot: FreqtradeBot;
}

async function startPlumbline(stateDirectory: string, places: readonly Place[]): Promise<Stack> {
  await mkdir(stateDirectory, { recursive: true });
  return startStack({
    stateDirectory,
    searchAttributes: searchAttributeTypes,
    plumbline: {
      commandLine,
      prepareLedger: async (databaseUrl) => {
        await ensureDatabase(databaseUrl);
        await migrateLedger(databaseUrl);
      },
      env: {},
    },
    configuration: async (folder, stackPlaces) => configure(folder, stackPlaces, places),
    report: () => undefined,
  });
}

async function configure(
  folder: StateFolder,
  { choosePort }: StackPlaces,
  places: readonly Place[],
): Promise<StackConfiguration> {
  const host = '127.0.0.1';
  const serve = { host, port: await choosePort(0, 'serve') };
  const workerMetrics = { host, port: await choosePort(0, 'metrics') };
  const accounts = places.map(({ wire, exchange, bot }) =>
    plumblineAccount(wire, { url: exchange.url, botUrl: bot.url }),
  );
  const path = await folder.write(
    'plumbline.yaml',
    `reconciliation: { interval_minutes: 5 }
accounts:
${accounts.join('')}ledger: { url_env: DATABASE }
serve: { host: ${host}, port: ${serve.port} }
worker: { metrics_host: ${host}, metrics_port: ${workerMetrics.port} }
`,
  );
  return { path, serve, workerMetrics, ledgerVariable: 'DATABASE', env: { ...PLUMBLINE_ENV } };
}
