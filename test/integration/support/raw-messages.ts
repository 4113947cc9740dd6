import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { RawPayload } from './bad-payloads.js';

const { UpdateWorkflowExecutionLifecycleStage: STAGE } = proto.temporal.api.enums.v1;

/** The result of a message: the workflow accepted it, workflow or server refused it, or no answer came in time. */
export type Fate = 'taken' | 'refused' | 'too late';

/** Sends messages exactly as given, without a client library. */
export class RawMessages {
  constructor(private readonly client: Client) {}

  /** Returns when the server has accepted it; "refused" if the server did not. */
  async signal(workflowId: string, signalName: string, payloads: RawPayload[]): Promise<Fate> {
    const request = { ...this.address(workflowId), signalName, input: { payloads }, requestId: randomUUID() };
    return fateOf(this.service.signalWorkflowExecution(request).then(() => true));
  }

  /** Returns when the update is completed or rejected. */
  async update(workflowId: string, name: string, payloads: RawPayload[], timeoutMs: number): Promise<Fate> {
    const request = {
      ...this.address(workflowId),
      waitPolicy: { lifecycleStage: STAGE.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED },
      request: { meta: { updateId: randomUUID(), identity: 'test' }, input: { name, args: { payloads } } },
    };
    const answer = this.client.connection.withDeadline(Date.now() + timeoutMs, async () =>
      this.service.updateWorkflowExecution(request),
    );
    return fateOf(
      answer.then(({ outcome }) => {
        if ((outcome ?? null) === null) throw new Error('DEADLINE_EXCEEDED: the update has no outcome yet');
        return (outcome?.success ?? null) !== null;
      }),
    );
  }

  async query(workflowId: string, queryType: string, payloads: RawPayload[], timeoutMs: number): Promise<Fate> {
    const { namespace, workflowExecution: execution } = this.address(workflowId);
    const request = { namespace, execution, query: { queryType, queryArgs: { payloads } } };
    const answer = this.client.connection.withDeadline(Date.now() + timeoutMs, async () =>
      this.service.queryWorkflow(request),
    );
    return fateOf(answer.then(() => true));
  }

  /** The run id, or null if the server refused it. */
  async start(
    start: { workflowId: string; type: string; taskQueue: string },
    payloads: RawPayload[],
  ): Promise<string | null> {
    try {
      const { runId } = await this.service.startWorkflowExecution({
        namespace: this.client.options.namespace,
        workflowId: start.workflowId,
        workflowType: { name: start.type },
        taskQueue: { name: start.taskQueue },
        input: { payloads },
        requestId: randomUUID(),
        identity: 'test',
      });
      return runId;
    } catch {
      return null;
    }
  }

  private get service() {
    return this.client.connection.workflowService;
  }

  private address(workflowId: string) {
    return { namespace: this.client.options.namespace, workflowExecution: { workflowId } };
  }
}

async function fateOf(answer: Promise<boolean>): Promise<Fate> {
  try {
    return (await answer) ? 'taken' : 'refused';
  } catch (error) {
    return /DEADLINE_EXCEEDED|CANCELLED/.test(String(error)) ? 'too late' : 'refused';
  }
}
