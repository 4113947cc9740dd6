import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { traceIdOf } from '../../src/domain/lifecycle/trace-id.js';
import { reconciliationWorkflowId } from '../../src/workflows/messages.js';
import {
  startSimulatedWorld,
  type SimulatedAccount,
  type SimulatedWorld,
} from '../integration/support/simulated-world.js';
import { startWorkerProcess, type WorkerProcess } from '../integration/support/worker-process.js';
import { eventually } from '../integration/support/world.js';
import { Receiver, type ReceivedSpan } from './receiver.js';

const PATIENCE_MS = 240_000;
/** Loads nothing; a worker of these tests needs no preloaded module. */
const NOTHING = 'data:text/javascript,';

let world: SimulatedWorld;
let receiver: Receiver;
let url: string;
let worker: WorkerProcess | null = null;

beforeAll(async () => {
  world = await startSimulatedWorld();
  ({ receiver, url } = await Receiver.start());
}, PATIENCE_MS);
afterEach(async () => {
  worker?.kill();
  await worker?.ended();
});
afterAll(async () => {
  await receiver.end();
  await world.close();
}, PATIENCE_MS);

async function begin(tracing: Readonly<Record<string, unknown>>): Promise<SimulatedAccount> {
  const account = await world.addAccount({ tracing: { otlp_url: url, ...tracing } });
  const { address, namespace } = world.temporal;
  const temporal = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  worker = await startWorkerProcess(account.configPath, { ...account.env, ...temporal, ...SECRETS }, NOTHING);
  await account.start();
  return account;
}

const SECRETS = { TRACES_TOKEN: 'a-token-for-the-collector-8f3a', TRACES_KEY: 'a-key-for-the-collector-77c1' };

async function traceOf(account: SimulatedAccount, runNumber: number): Promise<{ traceId: string; root: ReceivedSpan }> {
  const workflow = account.client.temporal.workflow.getHandle(reconciliationWorkflowId(account.name));
  const { runId: workflowRunId } = await workflow.describe();
  const traceId = traceIdOf({ workflowRunId, runNumber });
  const spans = await eventually(
    async () => receiver.spans.filter((span) => span.traceId === traceId),
    (found) => found.some(({ name }) => name === 'run') && found.some(({ name }) => name === 'COMMIT'),
    60_000,
  );
  const root = spans.find(({ name }) => name === 'run');
  if (root === undefined) throw new Error('the run has no root');
  return { traceId, root };
}

/** The names from the root of the trace to the span. */
function pathOf(span: ReceivedSpan): string[] {
  const parent = receiver.spans.find(
    ({ traceId, spanId }) => traceId === span.traceId && spanId === (span.parentSpanId ?? ''),
  );
  return [...(parent === undefined ? [] : pathOf(parent)), span.name];
}

describe('a worker whose configuration has `tracing`', () => {
  it(
    'sends one trace a run: its activities, the calls of the exchange, the read of the bot, and the COMMIT of the verdict',
    async () => {
      receiver.behaviour = 200;
      const account = await begin({
        token_env: 'TRACES_TOKEN',
        headers: { 'X-Key': { value_env: 'TRACES_KEY' } },
        service_name: 'plumbline-test',
      });
      const run = await account.runUntil(2);
      const { traceId, root } = await traceOf(account, run.runNumber);

      expect(root.parentSpanId).toBeUndefined();
      expect(root.attributes).toMatchObject({
        'plumbline.account': account.name,
        'plumbline.run.number': run.runNumber,
        'plumbline.run.outcome': run.outcome,
      });
      const spans = receiver.spans.filter((span) => span.traceId === traceId);
      const activity = ['run', 'StartActivity:observe', 'RunActivity:observe'];
      const paths = spans.map((span) => pathOf(span).join(' > '));
      const below = (...names: string[]): string => [...activity, ...names].join(' > ');
      expect(paths).toEqual(
        expect.arrayContaining([
          activity.join(' > '),
          below('read exchange state', 'GET /fapi/v3/positionRisk (positions:linear)'),
          below('read internal state', 'bot (http)'),
          below('judge', 'ledger: record the verdict', 'INSERT run'),
          below('judge', 'ledger: record the verdict', 'COMMIT'),
        ]),
      );
      // Every span belongs to the run: none is an orphan.
      expect(paths.filter((path) => !path.startsWith('run'))).toEqual([]);
      expect(spans.every((span) => span.endTimeUnixNano >= span.startTimeUnixNano)).toBe(true);

      expect(receiver.resources[0]).toMatchObject({ 'service.name': 'plumbline-test' });
      expect(receiver.headers[0]).toMatchObject({
        path: '/v1/traces',
        authorization: `Bearer ${SECRETS.TRACES_TOKEN}`,
        'x-key': SECRETS.TRACES_KEY,
        'content-type': 'application/x-protobuf',
      });
      expect(worker?.said()).toContain(traceId);
      const metrics = await (await fetch(`${worker?.metricsUrl}/metrics`)).text();
      expect(metrics).toMatch(/reconciliation_trace_spans_total\{result="sent"\} [1-9]/);
      expect(metrics).toContain('reconciliation_trace_spans_total{result="lost"} 0');
    },
    PATIENCE_MS,
  );

  it(
    'makes its runs and ends, although the collector never answers',
    async () => {
      receiver.behaviour = 'hangs';
      const account = await begin({});
      expect(await account.runUntil(3)).toMatchObject({ outcome: 'matched' });
      worker?.terminate();
      expect(await worker?.ended()).toEqual({ code: 0 });
      expect(await account.faults()).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'makes its runs, says it once and counts the spans, if the collector refuses them',
    async () => {
      receiver.behaviour = 503;
      const account = await begin({});
      expect(await account.runUntil(2)).toMatchObject({ outcome: 'matched' });
      const metrics = async (): Promise<string> => (await fetch(`${worker?.metricsUrl}/metrics`)).text();
      await eventually(metrics, (text) => /reconciliation_trace_spans_total\{result="lost"\} [1-9]/.test(text), 60_000);
      expect(worker?.said().match(/did not take spans/g)).toHaveLength(1);
      expect(worker?.said()).toContain('HTTP 503');
    },
    PATIENCE_MS,
  );

  it(
    'traces no run with `sample: 0`',
    async () => {
      receiver.behaviour = 200;
      const before = receiver.spans.length;
      const account = await begin({ sample: 0 });
      expect(await account.runUntil(2)).toMatchObject({ outcome: 'matched' });
      worker?.terminate();
      await worker?.ended();
      expect(receiver.spans).toHaveLength(before);
      expect(worker?.said()).not.toContain('Run traced');
    },
    PATIENCE_MS,
  );
});
