import { interventionWorkflowId, reconciliationWorkflowId, statusQuery } from '../../../src/workflows/messages.js';
import { inParallel, until, within } from '../deadline.js';
import type { Findings } from '../findings.js';
import { inspectHistories, type Execution } from '../history-inspection.js';
import type { OutsideRecord } from '../record.js';
import type { Stage } from '../stage.js';

const ANSWER_MS = 30_000;

/** Each account's workflow must run, fail no task, and agree with the ledger. */
export async function checkRunning(stage: Stage, findings: Findings): Promise<void> {
  const { workflow, connection, options } = stage.client.temporal;
  await inParallel(4, stage.accounts, async ({ name }) =>
    findings.group('each workflow runs', async () => {
      const workflowId = reconciliationWorkflowId(name);
      const described = await within(
        ANSWER_MS,
        `describing ${workflowId}`,
        connection.workflowService.describeWorkflowExecution({
          namespace: options.namespace,
          execution: { workflowId },
        }),
      );
      const { status } = await within(ANSWER_MS, `describing ${workflowId}`, workflow.getHandle(workflowId).describe());
      const attempt = described.pendingWorkflowTask?.attempt ?? 0;
      const runs = status.name === 'RUNNING';
      findings.expect('each workflow runs', runs, name, `its workflow is ${status.name}`);
      findings.expect(
        'no workflow task keeps failing',
        attempt <= 1,
        name,
        `its workflow task is at attempt ${attempt}`,
      );
      if (!runs) findings.brick(name, `workflow ${status.name}`);
      if (attempt > 1) findings.brick(name, `workflow task at attempt ${attempt}`);
    }),
  );
  await inParallel(4, stage.accounts, async ({ name }) =>
    findings.group('workflow and ledger agree', async () => {
      // A record may be in transit; they must agree once nothing is pending.
      let differences: string[] = [];
      await until(45_000, 'agreement', async () => {
        differences = await differencesOf(stage, name);
        return differences.length === 0 ? true : null;
      }).catch(() => {});
      findings.expect('workflow and ledger agree', differences.length === 0, name, differences.join(', '));
    }),
  );
}

async function differencesOf({ client, ledger }: Stage, account: string): Promise<string[]> {
  const handle = client.temporal.workflow.getHandle(reconciliationWorkflowId(account));
  const status = await within(ANSWER_MS, 'status', handle.query(statusQuery));
  const totals = await within(ANSWER_MS, 'totals', ledger.account(account));
  const pairs: [string, unknown, unknown][] = [
    ['run number', status.runNumber, totals?.lastRunNumber],
    ['outcome', status.lastRun?.outcome ?? null, totals?.lastOutcome],
    ['failures in a row', status.consecutiveFailures, totals?.consecutiveFailures],
    ['paused', status.paused !== null, totals?.paused],
  ];
  return pairs.flatMap(([what, workflow, recorded]) =>
    workflow === recorded ? [] : [`${what}: workflow ${String(workflow)}, ledger ${String(recorded)}`],
  );
}

/**
 * For every execution of every account: its history must replay and hold nothing of another account, and the ledger's
 * runs must belong to these executions.
 */
export async function checkHistories(
  stage: Stage,
  record: OutsideRecord,
  findings: Findings,
  { out, deadlineMs }: { out: string; deadlineMs: number },
): Promise<void> {
  const executions: Execution[] = [];
  for (const { name } of stage.accounts) {
    const found = await executionsOf(stage, reconciliationWorkflowId(name));
    const own = new Set(found.map(({ runId }) => runId));
    const strangers = new Set(
      (await stage.tables.runs(name)).map((run) => run.workflowRunId).filter((id) => !own.has(id)),
    );
    // The list may lag; if the server knows the execution by this id, it belongs to the account.
    for (const runId of strangers) {
      const handle = stage.client.temporal.workflow.getHandle(reconciliationWorkflowId(name), runId);
      const known = await within(ANSWER_MS, 'describing an execution', handle.describe()).catch(() => null);
      if (known === null) continue;
      strangers.delete(runId);
      found.push({ workflowId: reconciliationWorkflowId(name), runId });
    }
    findings.expect(
      "each run is of its account's own workflow",
      strangers.size === 0,
      name,
      `runs are recorded under ${[...strangers].join(', ')}`,
    );
    executions.push(...found, ...(await executionsOf(stage, interventionWorkflowId(name))));
  }
  // Kept so that a person can see what led to a violation.
  const suspects = [...new Set(findings.violations.flatMap(({ account }) => account ?? []))];
  const inspected = await inspectHistories(executions, stage.temporal, { out, suspects, deadlineMs });
  record.count('histories replayed', inspected.length);
  record.count(
    'history events replayed',
    inspected.reduce((sum, { events }) => sum + events, 0),
  );
  const left = executions.length - inspected.length;
  findings.expect('each history is replayed in time', left === 0, null, `${left} of ${executions.length} are left`);
  for (const { workflowId, runId, foreign, failedTasks, replayError } of inspected) {
    const account = workflowId.slice(workflowId.indexOf('/') + 1);
    const where = `${workflowId} ${runId}`;
    for (const text of failedTasks) record.count(`workflow task failed: ${text.slice(0, 80)}`);
    const undetermined = failedTasks.filter((text) => /NON_DETERMINISTIC|TMPRL1100/.test(text));
    findings.expect(
      'no task fails for want of determinism',
      undetermined.length === 0,
      account,
      `${where}: ${undetermined[0]}`,
    );
    findings.expect(
      'no history holds an activity of another account',
      foreign.length === 0,
      account,
      `${where}: ${foreign.slice(0, 3).join('; ')}`,
    );
    findings.expect('each history replays', replayError === null, account, `${where}: ${replayError}`);
    if (replayError !== null) findings.brick(account, `${workflowId} does not replay`);
  }
}

/** All executions of a workflow id, walking back from the newest: visibility lags, histories do not. */
async function executionsOf({ client }: Stage, workflowId: string): Promise<Execution[]> {
  const found = new Map<string, Execution>();
  const query = `WorkflowId = '${workflowId}'`;
  for await (const { runId } of client.temporal.workflow.list({ query })) found.set(runId, { workflowId, runId });
  const newest = await client.temporal.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => null);
  if (newest !== null) found.set(newest.runId, { workflowId, runId: newest.runId });
  return [...found.values()];
}
