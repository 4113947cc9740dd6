import { interventionWorkflowId } from '../../../src/workflows/messages.js';
import { within } from '../deadline.js';
import type { Findings } from '../findings.js';
import type { Stage } from '../stage.js';

/** A call that the ledger holds open has a workflow that reminds of it. */
export async function checkOpenInterventions(stage: Stage, findings: Findings): Promise<void> {
  for (const { account, id } of await stage.tables.openInterventions()) {
    const handle = stage.client.temporal.workflow.getHandle(interventionWorkflowId(account));
    const status = await within(20_000, 'describing the intervention', handle.describe()).then(
      (described) => described.status.name,
      (error: unknown) => String(error).slice(0, 100),
    );
    findings.expect(
      'each open intervention has a running workflow',
      status === 'RUNNING',
      account,
      `that of ${id} is ${status}`,
    );
  }
}

/** Whether the bot may trade now, as a bot asks. */
export async function gateIsOpen(stage: Stage, account: string): Promise<boolean> {
  const response = await fetch(`${stage.serveUrl}/v1/accounts/${account}/gate`, {
    signal: AbortSignal.timeout(10_000),
  });
  await response.arrayBuffer();
  return response.status === 200;
}
