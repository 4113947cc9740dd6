import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import type { Message } from '../../src/notify/channel.js';
import { interventionStatusQuery, interventionWorkflowId } from '../../src/workflows/messages.js';
import { testTemporal } from '../support/temporal.js';
import type { CallingWorkerOptions } from './support/calling-worker.js';
import { postingChannel } from './support/posting-channel.js';
import { scriptedSides } from './support/scripted.js';
import { workflowBundle } from './support/workflows.js';
import { eventually, startWorld } from './support/world.js';

const script = fileURLToPath(new URL('./support/calling-worker.ts', import.meta.url));
const LOADER = new URL('../../scripts/typescript-loader.mjs', import.meta.url).href;
/** The server notices the death by the missing heartbeat, after 15 s. */
const PATIENCE_MS = 90_000;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
}, 60_000);

/** A chat service: the messages that it accepted, and where it listens. */
async function startService(): Promise<{ url: string; taken: Message[] }> {
  const taken: Message[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    taken.push(JSON.parse(await text(request)) as Message);
    response.end(`m-${taken.length}`);
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken };
}

/** Runs a worker that dies at its first message, and waits for its death. */
async function letAWorkerDie(options: Omit<CallingWorkerOptions, 'codePath'>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-calling-'));
  closing.push(async () => rm(folder, { recursive: true, force: true }));
  const codePath = join(folder, 'workflows.js');
  await writeFile(codePath, (await workflowBundle()).code);
  const argument = JSON.stringify({ ...options, codePath });
  const child = spawn(process.execPath, ['--import', LOADER, script, argument], { stdio: ['ignore', 'pipe', 'pipe'] });
  closing.push(() => child.kill('SIGKILL'));
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  await once(child, 'exit');
  if (child.signalCode !== 'SIGKILL') throw new Error(`the worker did not kill itself: ${(await said).join('\n')}`);
}

it('a worker that is killed between a message and its receipt leaves one that is sent again with the same key', async () => {
  const { url, taken } = await startService();
  const temporal = await testTemporal();
  const world = await startWorld({ sides: scriptedSides().sides, channels: [postingChannel('chat', url)] });
  closing.push(async () => world.stop());
  const { account } = world;
  await world.ledger.registerAccount({ account, exchange: 'scripted', policy: world.policy, by: 'test' });
  await world.stopWorker();
  const call = await world.client.temporal.workflow.start('manualIntervention', {
    workflowId: interventionWorkflowId(account),
    taskQueue: account,
    args: [
      {
        account,
        exchange: 'scripted',
        reminderMinutes: [30],
        reasons: [{ action: 'POSITION_OPENED_EXTERNALLY', text: 'BTC', at: new Date().toISOString() }],
        rules: { escalation: [{ afterMinutes: 0, channels: ['chat'] }], reminderMinutes: [30], snoozeMaxHours: 24 },
      },
    ],
  });
  closing.push(async () => call.terminate('the test ended').catch(() => undefined));
  await letAWorkerDie({ ...temporal, taskQueue: account, ledgerUrl: world.databaseUrl, url });
  expect(taken).toHaveLength(1);

  await world.startWorker();
  await eventually(
    async () => taken.length,
    (count) => count === 2,
    PATIENCE_MS,
  );
  expect(taken[1]).toEqual(taken[0]);
  expect(taken[1]?.key).toMatch(/^[\w-]{1,64}$/);
  const rows = await eventually(
    async () => world.ledger.notifications(account, 10),
    (each) => each[0]?.state === 'delivered',
  );
  expect(rows).toMatchObject([{ channel: 'chat', occasion: 'called', receipt: 'm-2' }]);
  const status = await eventually(
    // A query that comes with newer events is refused.
    async () => call.query(interventionStatusQuery).catch(() => null),
    (answer) => answer?.notifiedTimes === 1,
  );
  expect(status?.channels).toEqual([{ channel: 'chat', state: 'delivered' }]);
  expect(taken).toHaveLength(2);
}, 180_000);
