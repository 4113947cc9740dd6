import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection, Client } from '@temporalio/client';
import { startTemporal } from '../../packages/dev-stack/src/temporal-server.js';
import {
  startPrivateTemporal,
  testTemporal,
  timeSkippingServerPath,
  uniqueTaskQueue,
  type PrivateTemporal,
} from '../support/temporal.js';

describe('the test Temporal server', () => {
  it('is one for all tests, and knows the search attributes', async () => {
    const [one, other] = await Promise.all([testTemporal(), testTemporal()]);
    expect(other).toEqual(one);
    const connection = await Connection.connect({ address: one.address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: one.namespace });
    await connection.close();
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining(['PlumblineAccount', 'PlumblinePaused']),
    );
  }, 60_000);

  it('has its time-skipping sibling at hand', async () => {
    await expect(access(await timeSkippingServerPath(), constants.X_OK)).resolves.toBeUndefined();
  }, 60_000);
});

describe('a Temporal server of its own', () => {
  let server: PrivateTemporal;
  beforeAll(async () => {
    server = await startPrivateTemporal();
  }, 60_000);
  afterAll(async () => server.stop(), 30_000);

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'keeps its workflows over %s, and its address',
    async (signal) => {
      const { address, namespace } = server;
      const before = await Connection.connect({ address });
      const workflowId = uniqueTaskQueue('kept');
      const options = { workflowId, taskQueue: 'nobody-polls' };
      await new Client({ connection: before, namespace }).workflow.start('anything', options);
      await before.close();

      await server.restart(signal);

      const after = await Connection.connect({ address });
      const { status } = await new Client({ connection: after, namespace }).workflow.getHandle(workflowId).describe();
      await after.close();
      expect(status.name).toBe('RUNNING');
    },
    60_000,
  );

  it('does not take the server that has its port for itself', async () => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'plumbline-temporal-'));
    const port = Number(new URL(`tcp://${server.address}`).port);
    try {
      await expect(startTemporal({ stateDirectory, headless: true, port })).rejects.toThrow(/did not start/);
    } finally {
      await rm(stateDirectory, { recursive: true, force: true });
    }
  }, 60_000);
});
