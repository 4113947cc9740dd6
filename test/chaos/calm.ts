import { checkOpen, isCalledFor } from './checks/drifts.js';
import { checkOpenInterventions, tradingGateIsOpen } from './checks/interventions.js';
import { inParallel, until } from './deadline.js';
import type { Findings } from './findings.js';
import type { People } from './people.js';
import type { Planter } from './planter.js';
import type { OutsideRecord, PlantedDrift } from './record.js';
import type { Stage } from './stage.js';

const RUN_MS = 100_000;
const CALL_MS = 60_000;
/** A run before this one may still be in progress with data that it read during the chaos. */
const ATTEMPTS = 3;
const AT_ONCE = 5;

interface Calm {
  stage: Stage;
  record: OutsideRecord;
  findings: Findings;
  people: People;
  planter: Planter;
}

/**
 * After the chaos nothing is broken any more. Now every account must report the truth: existing drifts are found; a new
 * drift is found and calls a human, and keeps the trading gate closed even after the intervention was acknowledged; a
 * resolved drift is recorded as resolved.
 */
export async function playCalm(calm: Calm): Promise<void> {
  const { stage, findings, people, planter } = calm;
  const names = stage.accounts.map(({ name }) => name);
  // A bricked account would otherwise be waited for in each step.
  const alive = (): string[] => names.filter((name) => !findings.bricked.has(name));
  await findings.group('pauses end', async () => {
    await inParallel(AT_ONCE, names, async (name) => void (await people.setPaused(name, false)));
  });

  const open = [...planter.unresolved()];
  await inParallel(AT_ONCE, names, async (name) => completeRun(calm, name));
  await findings.group('each drift that stands is confirmed', async () =>
    checkOpen(open, await stage.tables.discrepancies(), findings),
  );
  await findings.group('drifts end', async () => planter.tend({ all: true }));
  await inParallel(AT_ONCE, alive(), async (name) => expectAgreement(calm, name));
  await findings.group('open interventions', async () => checkOpenInterventions(stage, findings));
  await acknowledgeAll(calm);

  const accounts = stage.accounts.filter(({ name }) => !findings.bricked.has(name));
  await inParallel(AT_ONCE, accounts, async (account) =>
    findings.group('a fresh drift', async () => {
      const drift = await planter.plantOne(account);
      if (drift === null) throw new Error(`${account.name} has no place for a drift`);
      await playDrift(calm, drift);
    }),
  );
  await findings.group('drifts end', async () => planter.tend({ all: true }));
  await inParallel(AT_ONCE, alive(), async (name) => expectAgreement(calm, name));
  await acknowledgeAll(calm);
  await inParallel(AT_ONCE, alive(), async (name) =>
    findings.group('the trading gate opens', async () => {
      const open = await until(15_000, 'gate', async () =>
        (await tradingGateIsOpen(stage, name)) ? true : null,
      ).catch(() => false);
      findings.expect('the trading gate is open where all is well', open, name, 'it stays closed');
    }),
  );
}

async function playDrift({ stage, record, findings, people }: Calm, drift: PlantedDrift): Promise<void> {
  const { account } = drift;
  const what = `the ${drift.kind} drift in ${drift.symbol}`;
  await people.runNow(account, RUN_MS);
  const outcome = record.answers.findLast((answer) => answer.account === account)?.run.outcome;
  findings.expect('a fresh drift is found', outcome === 'drifted', account, `with ${what} the run is ${outcome}`);
  const called = await until(CALL_MS, 'call', async () =>
    isCalledFor(drift, await stage.tables.interventions()) ? true : null,
  ).catch(() => false);
  findings.expect('a fresh drift calls a human', called, account, `no call for ${what}`);
  const closed = !(await tradingGateIsOpen(stage, account));
  findings.expect('the trading gate is closed while a difference stands', closed, account, `open with ${what}`);
  const { outcome: answer } = await people.acknowledge(account);
  findings.expect('a call can be acknowledged', answer === 'accepted', account, `it was ${answer} for ${what}`);
  const stillClosed = !(await tradingGateIsOpen(stage, account));
  findings.expect(
    'acknowledging does not open the trading gate over a difference',
    stillClosed,
    account,
    `open with ${what}`,
  );
}

/** Waits for a run that ends with a verdict; an account without one is bricked. */
async function completeRun({ record, findings, people }: Calm, account: string): Promise<void> {
  let last = 'no answer';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = record.answers.length;
    const outcome = await people.runNow(account, RUN_MS);
    const answer = record.answers.slice(before).find((each) => each.account === account);
    last = answer?.run.outcome ?? outcome;
    if (answer?.run.outcome !== 'failed') break;
  }
  const done = last === 'matched' || last === 'drifted';
  findings.expect('each account completes a run after the chaos', done, account, `its last run is ${last}`);
  if (!done) findings.brick(account, `no run completed after the chaos (${last})`);
}

async function expectAgreement({ record, findings, people }: Calm, account: string): Promise<void> {
  let last = 'no answer';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const outcome = await people.runNow(account, RUN_MS);
    last =
      outcome === 'accepted'
        ? (record.answers.findLast((each) => each.account === account)?.run.outcome ?? '')
        : outcome;
    if (last === 'matched' || outcome === 'unknown') break;
  }
  findings.expect('each account matches once all is resolved', last === 'matched', account, `its last run is ${last}`);
}

/** Repeats until no intervention is open: a late reason may have opened another one. */
async function acknowledgeAll({ stage, findings, people }: Calm): Promise<void> {
  let left: string[] = [];
  await until(90_000, 'all calls acknowledged', async () => {
    left = [...new Set((await stage.tables.openInterventions()).map(({ account }) => account))];
    await inParallel(AT_ONCE, left, async (account) => void (await people.acknowledge(account)));
    return left.length === 0 ? true : null;
  }).catch(() => {});
  for (const account of left) findings.expect('each open call can be acknowledged', false, account, 'it stays open');
  findings.expect(
    'each open call can be acknowledged',
    left.length === 0,
    null,
    `${left.length} accounts have one left`,
  );
}
