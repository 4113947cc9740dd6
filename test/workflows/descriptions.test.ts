import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import * as validate from '../../src/workflows/validate.js';
import { WorkflowInProcess } from './support/workflow-in-process.js';

afterAll(() => {
  jest.restoreAllMocks();
});

const NOW = Date.parse('2026-11-22T15:30:00Z');
const checks: Record<string, (payload: unknown) => validate.Checked<unknown>> = {
  'signal pause': validate.checkPause,
  'signal resume': validate.checkBy,
  'signal forceRun': validate.checkBy,
  'signal interventionOpened': anything,
  'signal interventionClosed': anything,
  'update pause': validate.checkPause,
  'update resume': validate.checkBy,
  'update runNow': validate.checkBy,
  'update reconfigure': validate.checkReconfigure,
  'update stop': validate.checkStop,
  'update retrySetAside': validate.checkBy,
  'signal addReason': validate.checkReason,
  'signal changeRules': validate.checkInterventionRules,
  'signal discrepancies': validate.checkStanding,
  'update acknowledge': validate.checkAcknowledge,
  'update snooze': (payload) => validate.checkSnooze(payload, NOW, 24),
};

function anything(value: unknown): validate.Checked<unknown> {
  return { ok: true, value };
}

async function handlersOf(workflow: 'reconciliation' | 'manualIntervention'): Promise<Map<string, string>> {
  jest.resetModules();
  const process = new WorkflowInProcess().installed();
  const shared = { account: 'main', exchange: 'scripted' };
  if (workflow === 'reconciliation') {
    const { reconciliation } = await import('../../src/workflows/reconciliation.js');
    void reconciliation({ ...shared, policy: DEFAULT_POLICY }).catch(() => undefined);
  } else {
    process.info.workflowId = 'manual-intervention/main';
    const { manualIntervention } = await import('../../src/workflows/manual-intervention.js');
    const reasons = [{ action: 'UNSETTLED', text: 'one', at: '2026-11-22T00:00:00.000Z' }];
    void manualIntervention({ ...shared, reminderMinutes: [30], reasons }).catch(() => undefined);
  }
  await process.settle();
  return process.descriptions;
}

describe("what Temporal's Web UI shows of each message", () => {
  it.each(['reconciliation', 'manualIntervention'] as const)(
    'of %s says what it does, with a payload that the workflow takes',
    async (workflow) => {
      const descriptions = await handlersOf(workflow);
      const messages = [...descriptions].filter(([name]) => !name.startsWith('query '));
      expect(messages.length).toBeGreaterThan(4);
      for (const [name, description] of messages) {
        const [, example] = /Payload: (\{.*\})$/.exec(description) ?? [name, 'null'];
        expect([name, checks[name]?.(JSON.parse(example))]).toEqual([name, expect.objectContaining({ ok: true })]);
      }
      const queries = [...descriptions].filter(([name]) => name.startsWith('query '));
      for (const [, description] of queries) expect(description).toMatch(/No payload$/);
    },
  );
});
