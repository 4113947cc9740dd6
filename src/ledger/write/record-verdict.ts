import { notComparedName, type NotCompared } from '../../domain/compare/observation.js';
import { desc, eq } from 'drizzle-orm';
import { Turns } from '../../runtime/turns.js';
import { countUnconfirmed } from '../../domain/lifecycle/lifecycle.js';
import type { Outcome, RecordedRun } from '../../domain/lifecycle/run.js';
import { endedAcceptances, storeEnds } from './acceptance-ends.js';
import { addCounts, countTypes, lastEventOf, lockForRun, totalOf, updateAccount } from '../store/account-row.js';
import { batches } from '../store/batches.js';
import { afterRun, callsToMake } from './intervention-due.js';
import type { DatabaseSession } from '../store/database.js';
import { appendEvents } from '../store/event-chain.js';
import { bindExecution } from './execution.js';
import { expectedAfter } from './expected-sign.js';
import { changesOf, isNew, storeChanges } from './lifecycle.js';
import type { NotComparedReason } from '../../domain/snapshot/snapshot.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { VerdictRecord } from '../contract/ledger.js';
import { insertRun } from './record-run.js';
import { run as runTable, unconfirmed, type StoredAnswer, type UnconfirmedRun } from '../store/schema.js';
import { storable } from '../store/stored-text.js';
import { verdictCalls } from './verdict-calls.js';
import { verdictEvents } from './verdict-events.js';

/** Maximum number of discrepancies that an answer describes, because it passes through workflow history. */
const MAX_DESCRIBED = 20;

/** See `Ledger.recordVerdict`. */
export async function recordVerdict(session: DatabaseSession, record: VerdictRecord): Promise<RecordedRun> {
  const { key, startedAt } = record;
  const { account, now, answer: recorded, boundTo, hasUnconfirmed } = await lockForRun(session, key);
  if (recorded !== null) return recorded;
  await bindExecution(session, key, boundTo);

  const hadOpen = totalOf(account.openDiscrepancies) > 0;
  const turns = new Turns();
  const changes = await changesOf(session, record, hadOpen, account.policy);
  await turns.next();
  const { sighted, resolved } = changes;
  const opened = sighted.filter(isNew);
  const types = sighted.map(({ confirmed }) => confirmed.difference);
  const byType = countTypes(types);
  const openAfter = addCounts(
    addCounts(account.openDiscrepancies, byType),
    countTypes([...resolved, ...sighted.flatMap(({ before }) => before ?? [])]),
    -1,
  );
  await turns.next();
  const unconfirmedRuns = await recountUnconfirmed(session, record, hasUnconfirmed);
  // An open discrepancy, seen or not, is not resolved by a run that did not see both sides agree on it.
  const outcome: Outcome = totalOf(openAfter) > 0 ? 'drifted' : 'matched';
  const isCalled = account.openInterventions > 0 || account.callDue !== null;
  const ended = endedAcceptances(changes, now);
  const uncompared = await newlyNotCompared(session, record, account.policy);
  const reported = { changes, unconfirmedRuns, ended, uncompared, policy: account.policy, isCalled };
  const calls = verdictCalls(reported, record.causes);
  await turns.next();
  const answer: StoredAnswer = {
    outcome,
    runNumber: key.runNumber,
    looks: record.looks,
    discrepancies: sighted.length,
    byType,
    opened: opened.slice(0, MAX_DESCRIBED).map(({ id, confirmed }) => ({
      id,
      type: confirmed.difference.type,
      description: confirmed.description,
    })),
    resolved: resolved.length,
    openDiscrepancies: totalOf(openAfter),
    unsettled: record.unconfirmed.length,
    unsettledRunsInARow: Math.max(0, ...unconfirmedRuns.map(({ runsInARow }) => runsInARow)),
    compared: record.compared.length,
    notCompared: record.notCompared.map(notComparedName),
    failure: null,
    calls: callsToMake(account.callDue, calls, now),
  };
  const run = await insertRun(session, {
    account: key.account,
    workflowRunId: key.workflowRunId,
    runNumber: key.runNumber,
    trigger: record.trigger,
    outcome,
    startedAt,
    endedAt: now,
    looks: record.looks,
    discrepancies: sighted.length,
    unsettled: unconfirmedRuns,
    compared: record.compared,
    notCompared: record.notCompared,
    ignored: record.ignored,
    positions: record.positions,
    orders: record.orders,
    failure: null,
    consecutiveFailures: 0,
    answer,
  });
  // Before the discrepancies: a resolved discrepancy cannot be an accepted one.
  await storeEnds(session, ended);
  await storeChanges(session, key.account, changes, { now, runId: run.id });
  const callState = afterRun(account, { startedAt, calls }, now);
  const after = { trail: account, callState: calls.length === 0 ? null : callState };
  const events = verdictEvents({ ...reported, record, answer, run }, after);
  await turns.next();
  const head = await appendEvents(session, account, now, events);
  await updateAccount(session, key.account, {
    ...head,
    ...callState,
    successTotal: account.successTotal + 1,
    discrepancyTotal: addCounts(account.discrepancyTotal, byType),
    openDiscrepancies: openAfter,
    ...expectedAfter(account.expectedAt, record.nextRunAt, now),
    consecutiveFailures: 0,
    streakCalled: false,
    lastRunNumber: key.runNumber,
    lastRunAt: now,
    lastSuccessAt: now,
    lastOutcome: outcome,
  });
  return { ...answer, lastEvent: lastEventOf(head) };
}

/** Increments the counts of the keys that this run left unconfirmed too, and deletes all others. */
async function recountUnconfirmed(
  session: DatabaseSession,
  { key, unconfirmed: keys }: VerdictRecord,
  hadUnconfirmed: boolean,
): Promise<UnconfirmedRun[]> {
  const before = hadUnconfirmed
    ? await session.delete(unconfirmed).where(eq(unconfirmed.account, key.account)).returning()
    : [];
  const runsBefore = new Map(before.map(({ identity, runsInARow }) => [identity, runsInARow]));
  const stored = keys.map((unconfirmedKey) => ({ ...unconfirmedKey, identity: storable(unconfirmedKey.identity) }));
  const counts = countUnconfirmed(runsBefore, stored);
  for (const some of batches([...counts])) {
    await session
      .insert(unconfirmed)
      .values(some.map(([identity, runsInARow]) => ({ account: key.account, identity, runsInARow })));
  }
  return stored.map((counted) => ({ ...counted, runsInARow: counts.get(counted.identity) ?? 1 }));
}

/** What is not compared since this run and the policy calls a human for: the account's last run did not list it. */
async function newlyNotCompared(
  session: DatabaseSession,
  { key, notCompared }: VerdictRecord,
  { interveneOnNotCompared: reasons = [] }: Policy,
): Promise<NotCompared[]> {
  const reasonOf = ({ code }: NotCompared): NotComparedReason => code ?? 'NOT_COVERED';
  const calling = notCompared.filter((entry) => reasons.includes(reasonOf(entry)));
  if (calling.length === 0) return [];
  const [last] = await session
    .select({ notCompared: runTable.notCompared })
    .from(runTable)
    .where(eq(runTable.account, key.account))
    .orderBy(desc(runTable.id))
    .limit(1);
  const known = new Set(last?.notCompared.map(notComparedName));
  return calling.filter((entry) => !known.has(notComparedName(entry)));
}
