import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto, { type temporal } from '@temporalio/proto';

// CommonJS: Node finds no named exports in it.
const { EventType } = proto.temporal.api.enums.v1;

/** A signal that reached a workflow and was never handled. */
export interface PendingSignal {
  name: string;
  args: unknown[];
}

/** What a workflow that makes no progress has not recorded or handled. */
export interface Unrecorded {
  /** Items that are not in the ledger yet, in order. */
  records: unknown[];
  signals: PendingSignal[];
}

/** Number of newest signals that are sent again; a stuck workflow may have received any number. */
const MAX_SIGNALS = 200;

/**
 * Reads from a workflow's history the items that its activity `recorder` should have recorded and did not, and the
 * signals that were never handled. An item that failed and was recorded by a later activity counts as recorded.
 *
 * @param carriedItems returns the items that a previous execution handed over in the workflow's argument
 */
export async function unrecordedIn(
  temporal: Client,
  execution: { workflowId: string; runId: string },
  recorder: string,
  carriedItems: (argument: unknown) => unknown[] = () => [],
): Promise<Unrecorded> {
  const { events } = await temporal.workflow.getHandle(execution.workflowId, execution.runId).fetchHistory();
  const items: unknown[] = [];
  const recorded = new Set<string>();
  const scheduled = new Map<string, string>();
  let signals: PendingSignal[] = [];
  for (const event of events ?? []) {
    const { eventType: type } = event;
    if (type === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED) {
      const [argument] = await decode(event.workflowExecutionStartedEventAttributes?.input?.payloads);
      items.push(...carriedItems(argument));
    } else if (type === EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) {
      const { activityType, input } = event.activityTaskScheduledEventAttributes ?? {};
      if (activityType?.name !== recorder) continue;
      const [item] = await decode(input?.payloads);
      scheduled.set(String(event.eventId), JSON.stringify(item));
      items.push(item);
    } else if (type === EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED) {
      const item = scheduled.get(String(event.activityTaskCompletedEventAttributes?.scheduledEventId));
      if (item !== undefined) recorded.add(item);
    } else if (type === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) {
      // A signal that arrives while a task is in progress is written after that task.
      signals = [];
    } else if (type === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED) {
      const { signalName, input } = event.workflowExecutionSignaledEventAttributes ?? {};
      signals.push({ name: signalName ?? '', args: await decode(input?.payloads) });
    }
  }
  const open = new Map(items.map((item) => [JSON.stringify(item), item]));
  for (const item of recorded) open.delete(item);
  return { records: [...open.values()], signals: signals.slice(-MAX_SIGNALS) };

  async function decode(payloads: Payloads): Promise<unknown[]> {
    return decodeArrayFromPayloads(temporal.options.loadedDataConverter, payloads);
  }
}

type Payloads = temporal.api.common.v1.IPayload[] | null | undefined;
