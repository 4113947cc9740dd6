import { describe, expect, it } from '@jest/globals';
import { Client, type ConnectionLike } from '@temporalio/client';
import proto from '@temporalio/proto';
import { PlumblineClient } from '../src/client.js';

// The package is CommonJS, so Node cannot import names from it.
const answers = proto.temporal.api.workflowservice.v1;
const RUNNING = 1;
const COMPLETED = 4;
const FAILED_PRECONDITION = 9;

/** Temporal's answer, as a server of version 1.31 gives it after a workflow task failed. */
function failedTask() {
  const details = 'Unable to perform workflow execution update due to Workflow Task in failed state.';
  return Object.assign(new Error(`${FAILED_PRECONDITION} FAILED_PRECONDITION: ${details}`), {
    code: FAILED_PRECONDITION,
    details,
    metadata: new Map(),
  });
}

/** A client whose server refuses the first updates so. */
function refusing(times: number) {
  let asked = 0;
  const workflowService = {
    describeWorkflowExecution: async () =>
      answers.DescribeWorkflowExecutionResponse.fromObject({
        workflowExecutionInfo: {
          status: RUNNING,
          execution: {},
          type: { name: '' },
          historyLength: 1,
          startTime: { seconds: 1 },
        },
      }),
    describeTaskQueue: async () =>
      answers.DescribeTaskQueueResponse.fromObject({ pollers: [{ lastAccessTime: { seconds: 1 } }] }),
    updateWorkflowExecution: async () => {
      asked += 1;
      if (asked <= times) throw failedTask();
      return answers.UpdateWorkflowExecutionResponse.fromObject({
        stage: COMPLETED,
        updateRef: { workflowExecution: {} },
        outcome: {
          success: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('7') }] },
        },
      });
    },
  };
  const connection = { workflowService, plugins: [] } as unknown as ConnectionLike;
  return { client: new PlumblineClient(new Client({ connection })), asked: () => asked };
}

describe('a request that Temporal refuses because the last workflow task failed', () => {
  it('is asked again, because nothing of it has begun', async () => {
    const { client, asked } = refusing(1);
    expect(await client.retrySetAside('main', 'ada')).toBe(7);
    expect(asked()).toBe(2);
  });

  it('fails after three repetitions, and names the command that shows why', async () => {
    const { client, asked } = refusing(100);
    await expect(client.acknowledge('main', { by: 'ada', note: 'mine' })).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringContaining('Workflow Task in failed state'),
      remedy: expect.stringContaining('plumbline repair main'),
    });
    expect(asked()).toBe(4);
  });
});
