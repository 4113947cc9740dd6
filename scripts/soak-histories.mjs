// Checks the histories that a soak left in Temporal: to which account the commands belong, and whether each history
// replays.
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { interventionWorkflowId, reconciliationWorkflowId } from '../dist/workflows/messages.js';
import { inRoot } from './checkout.mjs';

/** Reads every history of the namespace once. */
export async function judgeHistories(client) {
  const found = {
    histories: 0,
    events: 0,
    activities: 0,
    failedTasks: 0,
    timedOutTasks: 0,
    foreign: [],
    unreplayable: [],
  };
  // A failed replay is counted, not logged.
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions: { logging: { forward: {} } } });

  async function* histories() {
    for await (const { workflowId, runId } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      found.histories += 1;
      for (const event of history.events) count(found, workflowId, runId, event);
      yield { workflowId, history };
    }
  }

  const replays = Worker.runReplayHistories(
    { workflowBundle: { codePath: inRoot('dist', 'workflow-bundle.js') } },
    histories(),
  );
  for await (const { workflowId, runId, error } of replays) {
    if (error !== undefined) found.unreplayable.push(`${workflowId} ${runId}: ${error.message.slice(0, 300)}`);
  }
  return found;
}

function count(found, workflowId, runId, event) {
  found.events += 1;
  if (event.activityTaskScheduledEventAttributes) found.activities += 1;
  if (event.workflowTaskFailedEventAttributes) found.failedTasks += 1;
  if (event.workflowTaskTimedOutEventAttributes) found.timedOutTasks += 1;
  const account = workflowId.slice(workflowId.indexOf('/') + 1);
  const [what, other] = addressee(event);
  if (other !== undefined && !belongsTo(account, other)) {
    found.foreign.push(`${workflowId} ${runId} event ${event.eventId}: ${what} of ${other}`);
  }
}

/** What a command is, and whose: the account in an activity's request, or the workflow that is started or signalled. */
function addressee(event) {
  const activity = event.activityTaskScheduledEventAttributes;
  if (activity) {
    const [payload] = activity.input?.payloads ?? [];
    const request = payload === undefined ? {} : JSON.parse(Buffer.from(payload.data).toString());
    return [activity.activityType.name, request.key?.account ?? request.account];
  }
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes;
  if (child) return ['start', child.workflowId];
  const signal = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
  if (signal) return [signal.signalName, signal.workflowExecution.workflowId];
  return ['none', undefined];
}

function belongsTo(account, other) {
  return [account, reconciliationWorkflowId(account), interventionWorkflowId(account)].includes(other);
}
