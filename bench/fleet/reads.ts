import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetStage } from './stage.js';
import { percentile, seconds } from './table.js';

const TRADING_GATE_PER_SECOND = 1_000;
const TRADING_GATE_SECONDS = 5;
const SLOT_MS = 2;

/** Measures lists of all accounts, and the trading gate under load. Returns rows for the report. */
export async function measureReads(stage: FleetStage): Promise<string[][]> {
  const rows: string[][] = [];
  const status = await stage.plumbline('status', '-o', 'json');
  const accounts = (JSON.parse(status.output) as { accounts: unknown[] }).accounts.length;
  rows.push([`plumbline status (${accounts} accounts)`, seconds(status.ms)]);
  const dryRun = await stage.plumbline('apply', '--dry-run', '-o', 'json');
  rows.push(['plumbline apply --dry-run', seconds(dryRun.ms)]);
  for (const path of ['/v1/accounts', '/metrics']) {
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const began = performance.now();
      await (await fetch(`${stage.serveUrl}${path}`)).text();
      times.push(performance.now() - began);
    }
    rows.push([`GET ${path}`, seconds(percentile(times, 0.5))]);
  }
  const tradingGate = await loadTradingGate(stage.serveUrl, stage.names);
  const p = (share: number): string => `${percentile(tradingGate.times, share).toFixed(1)} ms`;
  rows.push([
    `gate, ${tradingGate.perSecond.toFixed(0)} requests a second: p50, p99, most`,
    `${p(0.5)}, ${p(0.99)}, ${p(1)}`,
  ]);
  return rows;
}

/** Requests at a fixed rate, spread over the accounts; each is timed from when it was due. */
export async function loadTradingGate(
  serveUrl: string,
  names: readonly string[],
): Promise<{ times: number[]; perSecond: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(serveUrl);
  const ask = async (name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      request({ hostname, port, path: `/v1/accounts/${name}/gate`, agent }, (response) => {
        response.resume();
        response.once('end', resolve);
      })
        .once('error', reject)
        .end();
    });
  for (let warming = 0; warming < 200; warming++) await ask(names[warming % names.length] ?? '');
  const times: number[] = [];
  const under: Promise<void>[] = [];
  const total = TRADING_GATE_PER_SECOND * TRADING_GATE_SECONDS;
  const began = performance.now();
  for (let asked = 0; asked < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * TRADING_GATE_PER_SECOND));
    for (; asked < due; asked++) {
      const at = performance.now();
      under.push(ask(names[(asked * 7) % names.length] ?? '').then(() => void times.push(performance.now() - at)));
    }
    await sleep(SLOT_MS);
  }
  await Promise.all(under);
  const perSecond = total / ((performance.now() - began) / 1_000);
  agent.destroy();
  return { times, perSecond };
}
