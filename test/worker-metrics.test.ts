import { expect, it } from '@jest/globals';
import { serveWorkerMetrics } from '../src/worker-metrics.js';

it('counts how long phases took by phase alone: series that grow with the accounts would be many', async () => {
  const metrics = await serveWorkerMetrics({ host: '127.0.0.1', port: 0, sdkUrl: null });
  try {
    for (let index = 0; index < 100; index++) metrics.observe('judge', index / 1_000);
    metrics.observe('fetchExchangeState', 2);
    const text = await (await fetch(`${metrics.url}/metrics`)).text();
    expect(text).toContain('reconciliation_duration_seconds_count{phase="judge"} 100');
    expect(text).not.toContain('account=');
    expect(text.match(/_count\{/g)).toHaveLength(2);
  } finally {
    await metrics.close();
  }
});

it("counts the pings that were not taken for each account with a dead man's switch, from 0", async () => {
  const metrics = await serveWorkerMetrics({
    host: '127.0.0.1',
    port: 0,
    sdkUrl: null,
    heartbeats: ['main', 'second'],
  });
  try {
    metrics.heartbeatFailed('main');
    const text = await (await fetch(`${metrics.url}/metrics`)).text();
    expect(text.match(/^reconciliation_heartbeat_failure_total.*$/gm)).toEqual([
      'reconciliation_heartbeat_failure_total{account="main"} 1',
      'reconciliation_heartbeat_failure_total{account="second"} 0',
    ]);
  } finally {
    await metrics.close();
  }
});
