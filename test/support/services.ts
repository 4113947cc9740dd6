import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { z } from 'zod';
import { startPostgres } from '../../packages/dev-stack/src/postgres.js';
import { findTimeSkippingServer } from '../../packages/dev-stack/src/temporal-binary.js';
import { describeExit } from '../../packages/dev-stack/src/child.js';
import { startTemporal, type RunningTemporal } from '../../packages/dev-stack/src/temporal-server.js';
import { startMariaDb } from './mariadb.js';
import { query } from './query.js';
import { searchAttributeTypes } from './search-attributes.js';

const report = (line: string): void => void process.stderr.write(`${line}\n`);

const postgresSchema = z.object({ url: z.string() });

interface Started {
  /** What the tests receive. */
  answer: unknown;
  stop(): Promise<void>;
}

const RESTARTS = 3;

/**
 * A Temporal server that is started again, on the same port and file, if it ends before the tests do. Workers and
 * clients connect again by themselves, as after a restart in production; the reason of the end is reported.
 */
async function startLastingTemporal(stateDirectory: string): Promise<Started> {
  const start = async (port?: number): Promise<RunningTemporal> =>
    startTemporal({
      stateDirectory,
      headless: true,
      searchAttributes: searchAttributeTypes,
      report,
      ...(port === undefined ? {} : { port }),
    });
  let server = await start();
  const { address, namespace, port } = server;
  let stopping = false;
  const keepUp = async (): Promise<void> => {
    for (let restarts = 0; ; restarts++) {
      const exit = await server.child.exited;
      if (stopping) return;
      const end = `The tests' Temporal server (process ${server.pid}) ended with ${describeExit(exit)}`;
      report(`${end}. Its last output:\n${await server.child.lastWords(300)}`);
      if (restarts === RESTARTS) return report(`${end}, and is not started again: ${RESTARTS} restarts are enough.`);
      server = await start(port);
      report(`The tests' Temporal server runs again as process ${server.pid}.`);
    }
  };
  const kept = keepUp().catch((error: unknown) => report(inspect(error)));
  return {
    answer: { address, namespace },
    stop: async () => {
      stopping = true;
      await server.stop();
      await kept;
    },
  };
}

// The two below import what they need when they are asked, so that tests without servers start at once.

/** A database with the schema of the ledger, to be copied. */
async function createLedgerTemplate(serverUrl: string): Promise<Started> {
  const { migrateLedger } = await import('../../src/ledger/migrate/migrate.js');
  const template = 'ledger_template';
  await query(serverUrl, `create database ${template}`);
  const url = new URL(serverUrl);
  url.pathname = `/${template}`;
  await migrateLedger(url.href);
  return { answer: { url: serverUrl, template }, stop: async () => {} };
}

/** The workflows of the sources under test. Bundling takes seconds, and longer in the sandbox of a test file. */
async function bundleWorkflows(file: string, traces = false): Promise<Started> {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const { workflowBundleOptions } = await import('../../src/worker-options.js');
  const path = (name: string): string => fileURLToPath(new URL(`../../src/workflows/${name}.ts`, import.meta.url));
  const logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
  const { code } = await bundleWorkflowCode({ ...workflowBundleOptions(path, traces), logger });
  await writeFile(file, code);
  return { answer: { path: file }, stop: async () => {} };
}

/** Starts what the tests ask for (`GET /postgres`), once, and keeps it until the jest run ends. */
export async function startTestServices(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-test-'));
  // PostgreSQL may run as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const starters: Record<string, () => Promise<Started>> = {
    '/postgres': async () => {
      const server = await startPostgres({ dataDirectory: join(folder, 'postgres'), durable: false });
      return { answer: { url: server.url }, stop: async () => server.stop() };
    },
    '/mariadb': async () => {
      const server = await startMariaDb(join(folder, 'mariadb'));
      return { answer: { url: server.url, authority: server.authority }, stop: async () => server.stop() };
    },
    '/temporal': async () => startLastingTemporal(join(folder, 'temporal')),
    '/time-skipping-server': async () => {
      return { answer: { executable: await findTimeSkippingServer({ report }) }, stop: async () => {} };
    },
    '/ledger-template': async () => createLedgerTemplate(postgresSchema.parse((await once('/postgres')).answer).url),
    '/workflow-bundle': async () => bundleWorkflows(join(folder, 'workflow-bundle.js')),
    '/traced-workflow-bundle': async () => bundleWorkflows(join(folder, 'traced-workflow-bundle.js'), true),
  };
  const started = new Map<string, Promise<Started>>();
  const once = async (path: string): Promise<Started> => {
    const starter = starters[path];
    if (starter === undefined) throw new Error(`no test service ${path}`);
    const service = started.get(path) ?? starter();
    started.set(path, service);
    return service;
  };

  // Test files ask minutes apart: a connection must not end just as the next request arrives.
  const server = createServer({ keepAliveTimeout: 3_600_000 }, (request, response) => {
    const respond = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    once(request.url ?? '').then(
      ({ answer }) => respond(200, answer),
      (error: unknown) => respond(500, { error: inspect(error) }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test services have no port.');

  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      const services = await Promise.allSettled(started.values());
      await Promise.all(services.map(async (one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
