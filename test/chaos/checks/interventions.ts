import { interventionWorkflowId } from '../../../src/workflows/messages.js';
import type { Random } from '../../simulation/random.js';
import { pause, within } from '../deadline.js';
import type { Findings } from '../findings.js';
import type { OutsideRecord } from '../record.js';
import type { Stage } from '../stage.js';

/** An intervention that is open in the ledger must have a workflow that reminds of it. */
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

/** Whether the bot may trade now, from the trading gate's HTTP answer. */
export async function tradingGateIsOpen(stage: Stage, account: string): Promise<boolean> {
  const response = await fetch(`${stage.serveUrl}/v1/accounts/${account}/gate`, {
    signal: AbortSignal.timeout(10_000),
  });
  await response.arrayBuffer();
  return response.status === 200;
}

/**
 * During the chaos: if an intervention is open before and after the request to the trading gate, the gate must be
 * closed.
 */
export async function watchTradingGates(
  stage: Stage,
  random: Random,
  findings: Findings,
  record: OutsideRecord,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(2_000, signal);
    try {
      const call = random.pick(await stage.tables.openInterventions());
      if (call === null || signal.aborted) continue;
      const open = await tradingGateIsOpen(stage, call.account);
      const still = (await stage.tables.openInterventions()).some(({ id }) => id === call.id);
      if (still)
        findings.expect(
          'the trading gate is closed while a call is open',
          !open,
          call.account,
          `open during ${call.id}`,
        );
    } catch (error) {
      record.note('gate could not be asked', { error: String(error) });
    }
  }
}
