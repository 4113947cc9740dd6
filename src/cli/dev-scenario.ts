import { setTimeout as sleep } from 'node:timers/promises';
import { acts, setTheScene, SimulatorHand, type Claim, type ScenarioWorld, type Stack } from '@plumbline/dev-stack';
import { z } from 'zod';
import type { PlumblineClient } from '../client.js';
import type { Ledger } from '../ledger/contract/ledger.js';
import type { Cli } from './context/cli.js';
import type { Progress } from './context/progress.js';
import { renderActResult, renderActTitle } from './render/scenario.js';
import { END_MS, unlessAbortedBy } from './steps/unless-aborted.js';

const by = 'demo scenario';
const newestEvents = 1000;
const hourMs = 3_600_000;
/** Width of a line in characters; a terminal that does not report its width reports 0. */
const [narrowest, widest] = [60, 100];

export interface ScenarioParts {
  stack: Stack;
  client: PlumblineClient;
  ledger: Ledger;
  account: string;
  simulatorUrl: string;
}

/** Prepares exchange and bot before the account's first run, so that both sides agree from the start. */
export async function prepareScenario(simulatorUrl: string): Promise<void> {
  await setTheScene({ simulator: new SimulatorHand(simulatorUrl) });
}

/**
 * Plays the demo scenario and prints it. The schedule is paused meanwhile, so that every verdict belongs to the
 * scenario.
 *
 * @returns whether all of its verdicts were the expected ones
 */
export async function playScenario(
  parts: ScenarioParts,
  cli: Cli,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const { client, account } = parts;
  const world = worldOf(parts);
  const unlessAborted = unlessAbortedBy(signal, client.temporal.connection);
  await client.pause(account, { by, reason: 'The demo scenario is played.' });
  const wrong: { act: string; claim: Claim }[] = [];
  const started = performance.now();
  try {
    await unlessAborted(async () => beginClean(world));
    for (const [index, act] of acts.entries()) {
      if (signal.aborted) return false;
      const width = Math.min(Math.max(cli.io.stdout.columns, narrowest), widest);
      cli.print(renderActTitle(index + 1, act, cli.style, width));
      progress.on('waiting for the verdict');
      const result = await unlessAborted(async () => act.play(world));
      progress.off();
      if (result === null) return false;
      cli.print(renderActResult(result, cli.style, width));
      wrong.push(...result.claims.filter(({ holds }) => !holds).map((claim) => ({ act: act.title, claim })));
    }
  } finally {
    progress.off();
    // Also if the scenario was aborted: otherwise the pause would remain.
    await Promise.race([client.resume(account, by).catch(() => {}), sleep(END_MS, undefined, { ref: false })]);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  cli.print('');
  for (const { act, claim } of wrong)
    cli.print(`${cli.style.bad('✗ wrong:')} ${act}: ${claim.text} (seen: ${claim.seen})`);
  if (wrong.length === 0)
    cli.print(`${cli.style.good('✓')} ${acts.length} acts, every verdict as expected, ${seconds} s`);
  return wrong.length === 0;
}

/** Clears what an earlier scenario or a person left behind, so that it is not counted as part of this one. */
async function beginClean(world: ScenarioWorld): Promise<void> {
  if ((await world.openIntervention()) !== null) await world.acknowledge(by, 'A new scenario begins.');
  await world.runNow();
}

const tradingGateSchema = z.object({ open: z.boolean(), reasons: z.array(z.string()) });

function worldOf({ stack, client, ledger, account, simulatorUrl }: ScenarioParts): ScenarioWorld {
  return {
    simulator: new SimulatorHand(simulatorUrl),
    runNow: async () => client.runNow(account, by),
    consecutiveFailures: async () => (await client.status(account)).consecutiveFailures,
    openIntervention: async () => {
      const call = await client.intervention(account);
      return call === null || call.state === 'acknowledged'
        ? null
        : { reasons: call.reasons.map(({ action }) => action) };
    },
    acknowledge: async (name, note) => void (await client.acknowledge(account, { by: name, note })),
    accept: async (name, note) => {
      const until = new Date(Date.now() + hourMs);
      await ledger.acceptDiscrepancies({ account, discrepancyIds: null, by: name, until, note });
    },
    gate: async () => {
      const response = await fetch(`${stack.description.serveUrl}/v1/accounts/${account}/gate`);
      return tradingGateSchema.parse(await response.json());
    },
    ledger: async () => {
      const [runs, totals, events, { accounts }] = await Promise.all([
        ledger.runs(account, { limit: 50 }),
        ledger.account(account),
        ledger.events(account, { limit: newestEvents }),
        ledger.verify(account),
      ]);
      return {
        runNumbers: runs.map(({ runNumber }) => runNumber),
        failureTotal: totals?.failureTotal ?? 0,
        thresholdEvents: events.filter(({ payload }) => payload['action'] === 'RECONCILIATION_FAILURE_THRESHOLD')
          .length,
        faults: accounts.flatMap(({ faults }) => faults.map(({ fault }) => fault)),
      };
    },
    killWorker: async () => stack.killWorker('SIGKILL'),
    startWorker: async () => stack.startWorker(),
  };
}
