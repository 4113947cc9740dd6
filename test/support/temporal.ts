import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startTemporal, type RunningTemporal } from '../../packages/dev-stack/src/temporal-server.js';
import { staggerMs } from '../../src/workflows/schedule.js';
import { askService } from './ask-service.js';
import { searchAttributeTypes } from './search-attributes.js';

const serverSchema = z.object({ address: z.string(), namespace: z.string() });
const executableSchema = z.object({ executable: z.string() });

/**
 * The jest run's Temporal server (a real one with the search attributes, which the first test that asks starts: allow
 * the `beforeAll` 60 s). It is shared: use `uniqueTaskQueue()` and unique account names.
 */
export async function testTemporal(): Promise<{ address: string; namespace: string }> {
  return serverSchema.parse(await askService('/temporal'));
}

/**
 * Also usable as an account's name. The names are chosen such that scheduled runs lie minutes away, at intervals of 5
 * and 30 minutes, so that none happens during a test by chance.
 */
export function uniqueTaskQueue(prefix = 'test'): string {
  for (;;) {
    const name = `${prefix}-${randomUUID()}`;
    if (QUIET.every(({ minutes, atLeastMs }) => staggerMs(name, minutes) >= atLeastMs)) return name;
  }
}

const QUIET = [
  { minutes: 5, atLeastMs: 3 * 60_000 },
  { minutes: 30, atLeastMs: 10 * 60_000 },
];

/** For `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`. */
export async function timeSkippingServerPath(): Promise<string> {
  return executableSchema.parse(await askService('/time-skipping-server')).executable;
}

export interface PrivateTemporal {
  readonly address: string;
  readonly namespace: string;
  /** Ends it with this signal and starts it again on the same file and port. */
  restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A separate Temporal server for the test, which can be killed and restarted.
 *
 * @param dynamicConfig values of the server's dynamic configuration, such as a lower limit
 */
export async function startPrivateTemporal(
  dynamicConfig: Readonly<Record<string, string | number | boolean>> = {},
): Promise<PrivateTemporal> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'plumbline-temporal-'));
  await chmod(stateDirectory, 0o711);
  const start = async (port?: number): Promise<RunningTemporal> =>
    startTemporal({
      stateDirectory,
      headless: true,
      searchAttributes: searchAttributeTypes,
      dynamicConfig,
      ...(port === undefined ? {} : { port }),
    });
  let server = await start();
  const { address, namespace } = server;
  const port = Number(new URL(`tcp://${address}`).port);
  return {
    address,
    namespace,
    restart: async (signal) => {
      server.child.kill(signal);
      await server.child.exited;
      server = await start(port);
    },
    stop: async () => {
      await server.stop();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}
