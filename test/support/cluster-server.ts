import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { describeExit, messageOf, startChild, type Child } from '../../packages/dev-stack/src/child.js';
import { freePort, loopback } from '../../packages/dev-stack/src/ports.js';
import { StackError } from '../../packages/dev-stack/src/stack-error.js';
import { findClusterBinaries } from './cluster-binaries.js';

const run = promisify(execFile);
const NAMESPACE = 'default';
const START_SECONDS = 90;
const DATABASES = { temporal: 'temporal', visibility: 'temporal_visibility' } as const;
/** The server stores the ports of its members in PostgreSQL as a smallint. */
const MOST_PORT = 32_000;
const LEAST_PORT = 12_000;
const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const;

export interface RunningCluster {
  address: string;
  namespace: string;
  child: Child;
}

/**
 * Starts Temporal's cluster server, as in a production deployment, with both of its stores in PostgreSQL, and creates
 * the namespace `default`. It listens on the loopback interface only and ends with this process.
 */
export async function startCluster(options: {
  /** The folder of configuration, log and pid file. */
  folder: string;
  /** A PostgreSQL server whose user may create databases. */
  postgresUrl: string;
  logFile: string;
  report: (line: string) => void;
}): Promise<RunningCluster> {
  const { folder, postgresUrl, logFile, report } = options;
  const { server, sqlTool, schemas } = await findClusterBinaries(report);
  const database = new URL(postgresUrl);
  for (const [schema, name] of Object.entries(DATABASES)) {
    await makeDatabase(sqlTool, database, name, join(schemas, schema, 'versioned'));
  }
  const ports = await choosePorts();
  const frontendPort = ports[0]?.[0] ?? 0;
  await mkdir(join(folder, 'config'), { recursive: true });
  // JSON is YAML.
  await writeFile(join(folder, 'config', 'chaos.yaml'), JSON.stringify(configurationOf(database, ports), null, 2), {
    mode: 0o600,
  });
  await writeFile(join(folder, 'config', 'dynamic.yaml'), '{}\n');
  const child = await startChild({
    name: 'Temporal cluster server',
    command: server,
    args: ['--root', folder, '--config', 'config', '--env', 'chaos', '--allow-no-auth', 'start'],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TZ: 'UTC' },
    logFile,
    pidFile: join(folder, 'temporal.pid.json'),
    stopSeconds: 15,
  });
  const address = `${loopback}:${frontendPort}`;
  await untilServing(child, address);
  return { address, namespace: NAMESPACE, child };
}

/** Two ports for each service: for its API and for the cluster's membership. */
async function choosePorts(): Promise<(readonly [number, number])[]> {
  const chosen = new Set<number>();
  while (chosen.size < 2 * SERVICES.length) {
    const wanted = LEAST_PORT + Math.floor(Math.random() * (MOST_PORT - LEAST_PORT));
    if ((await freePort(wanted)) === wanted) chosen.add(wanted);
  }
  const ports = [...chosen];
  return SERVICES.map((_, index) => [ports[2 * index] ?? 0, ports[2 * index + 1] ?? 0] as const);
}

async function makeDatabase(sqlTool: string, server: URL, name: string, versions: string): Promise<void> {
  const at = ['--plugin', 'postgres12', '--ep', server.hostname, '--port', server.port, '--user', server.username];
  const env = { PATH: process.env['PATH'], SQL_PASSWORD: decodeURIComponent(server.password) };
  const ask = async (...args: string[]): Promise<unknown> =>
    run(sqlTool, [...at, '--db', name, ...args], { env, timeout: 60_000 });
  await ask('create-database');
  await ask('setup-schema', '--version', '0.0');
  await ask('update-schema', '--schema-dir', versions);
}

function configurationOf(database: URL, ports: readonly (readonly [number, number])[]): unknown {
  const store = (databaseName: string): unknown => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: database.host,
      connectProtocol: 'tcp',
      user: database.username,
      password: decodeURIComponent(database.password),
      maxConns: 10,
      maxIdleConns: 10,
      maxConnLifetime: '1h',
    },
  });
  const services = SERVICES.map((name, index) => {
    const [grpcPort = 0, membershipPort = 0] = ports[index] ?? [];
    return [name, { rpc: { grpcPort, membershipPort, bindOnLocalHost: true } }];
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: { default: store(DATABASES.temporal), visibility: store(DATABASES.visibility) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: loopback } },
    services: Object.fromEntries(services),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `${loopback}:${ports[0]?.[0]}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: 'config/dynamic.yaml', pollInterval: '60s' },
  };
}

/** Creates the namespace, and waits until all services serve it. */
async function untilServing(child: Child, address: string): Promise<void> {
  const deadline = performance.now() + START_SECONDS * 1_000;
  let trouble = 'it opened no port';
  while (child.exit === null && performance.now() < deadline) {
    const answer = await ask(address);
    if (answer === null) return;
    trouble = answer;
    await sleep(250);
  }
  const how = child.exit === null ? `not ready in ${START_SECONDS} s (${trouble})` : describeExit(child.exit);
  const words = (await child.lastWords()).split('\n').map((line) => line.slice(0, 400));
  throw new StackError(
    `Temporal's cluster server did not start: ${how}\n${words.join('\n')}`,
    `Its last output shows the reason; ${child.logFile} has all of it.`,
  );
}

async function ask(address: string): Promise<string | null> {
  let connection: Connection | null = null;
  try {
    connection = await Connection.connect({ address, connectTimeout: 2_000 });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + 5_000, async () => {
      try {
        await workflowService.registerNamespace({
          namespace: NAMESPACE,
          workflowExecutionRetentionPeriod: { seconds: 3 * 86_400 } as never,
        });
      } catch (error) {
        if (!/already exists/i.test(messageOf(error))) throw error;
      }
      // Not all services know a new namespace at once.
      await workflowService.listWorkflowExecutions({ namespace: NAMESPACE, pageSize: 1 });
    });
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    await connection?.close();
  }
}
