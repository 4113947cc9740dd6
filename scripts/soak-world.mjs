// The environment of a soak: a real Temporal server, a real PostgreSQL with the ledger, simulated exchanges with bots,
// and workers in separate processes, all from the build (dist/).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumblineClient } from '../dist/client.js';
import { loadConfig } from '../dist/config/load-config.js';
import { startPostgres } from '../packages/dev-stack/src/postgres.js';
import { startTemporal } from '../packages/dev-stack/src/temporal-server.js';
import { ensureDatabase, migrateLedger } from '../dist/ledger/create-ledger.js';
import { DEMO_BOT_TOKEN, DEMO_CREDENTIALS, startSimulator } from '../packages/exchange-simulator/src/simulator.js';
import { SEARCH_ATTRIBUTES } from '../dist/workflows/search-attributes.js';
import { inRoot } from './checkout.mjs';
import { startLedgerServer } from './ledger-server.mjs';

const EXCHANGE = 'binanceusdm';

// A signal ends the soak through `exit`, so that its workers end too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

/** Temporal's command line writes KEYWORD_LIST as KeywordList. */
const typeName = (type) => type.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());

/** Runs `work` in the environment, and ends everything afterwards. */
export async function withWorld(work) {
  const closing = [];
  try {
    const product = { startPostgres, ensureDatabase, migrateLedger };
    const { folder, ledgerUrl } = await startLedgerServer(
      product,
      { prefix: 'plumbline-soak-', durable: false },
      closing,
    );
    const temporal = await startTemporal({
      stateDirectory: join(folder, 'temporal'),
      headless: true,
      searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, typeName(type)])),
    });
    closing.push(async () => temporal.stop());
    return await work({ folder, temporal, ledgerUrl, closing });
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

/** Accounts that trade on one simulator each, in one configuration on one task queue; their workflows are started. */
export async function addAccounts({ folder, temporal, closing }, taskQueue, names) {
  const accounts = {};
  for (const name of names) {
    const simulator = await startSimulator({ port: 0 });
    closing.push(async () => simulator.close());
    simulator.bot.place({ symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '0.5' });
    accounts[name] = {
      exchange: {
        id: EXCHANGE,
        base_url: `${simulator.url}/${EXCHANGE}`,
        api_key_env: 'SOAK_KEY',
        secret_env: 'SOAK_SECRET',
      },
      internal: { kind: 'http', url: `${simulator.url}/bot/state`, token_env: 'SOAK_TOKEN' },
    };
  }
  const configPath = join(folder, `${taskQueue}.yaml`);
  const configuration = {
    reconciliation: { confirm_interval_seconds: 1, grace_seconds: 0, retry_seconds: 0 },
    accounts,
    ledger: { url_env: 'SOAK_LEDGER_URL' },
    worker: { task_queue: taskQueue, metrics_port: 0 },
  };
  await writeFile(configPath, JSON.stringify(configuration)); // JSON is YAML.
  const client = await PlumblineClient.connect({ address: temporal.address, namespace: temporal.namespace, taskQueue });
  closing.push(async () => client.close());
  for (const { name, policy } of loadConfig(configPath).accounts) {
    await client.start({ account: name, exchange: EXCHANGE, policy }, 'soak');
  }
  return { configPath, client };
}

/** Starts `plumbline worker` in a separate process, with a module preloaded. Resolves when it polls. */
export async function startWorker({ temporal, ledgerUrl }, configPath, preloaded, env = {}) {
  const args = ['--enable-source-maps', '--import', preloaded, inRoot('dist', 'cli', 'main.js')];
  const child = spawn(process.execPath, [...args, 'worker', '--config', configPath], {
    env: {
      PATH: process.env.PATH,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      SOAK_LEDGER_URL: ledgerUrl,
      SOAK_KEY: DEMO_CREDENTIALS.apiKey,
      SOAK_SECRET: DEMO_CREDENTIALS.secret,
      SOAK_TOKEN: DEMO_BOT_TOKEN,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // SIGKILL also ends a process that is stopped.
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const worker = { child, scriptTimeouts: 0, lastWords: '' };
  let reportStop = () => {};
  const ready = new Promise((resolve) => {
    child.stderr.on('data', (chunk) => {
      const lines = chunk.toString().split('\n');
      worker.scriptTimeouts += lines.filter((line) => line.includes('Script execution timed out')).length;
      const [, where] = /soak: stopping (.*)/.exec(chunk.toString()) ?? [];
      if (where !== undefined) reportStop(where);
      worker.lastWords = (worker.lastWords + chunk.toString()).slice(-8_000);
      if (worker.lastWords.includes('"Worker ready"')) resolve();
    });
  });
  const end = once(child, 'close').then(() => process.off('exit', endWithUs));
  const tooSoon = async () => {
    await end;
    if (!worker.lastWords.includes('"Worker ready"')) throw new Error(`a worker did not start: ${worker.lastWords}`);
  };
  await Promise.race([ready, tooSoon()]);
  return Object.assign(worker, {
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    /** Stops it while a workflow handles a burst of signals; stops it anyway if there is no burst for a while. */
    async stopInBurst() {
      const reported = new Promise((resolve) => (reportStop = resolve));
      child.kill('SIGUSR2');
      const where = await Promise.race([reported, sleep(10_000, null)]);
      if (where === null) child.kill('SIGSTOP');
      return where === 'in a burst';
    },
    async kill() {
      child.kill('SIGKILL');
      await end;
    },
  });
}
