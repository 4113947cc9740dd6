// Rules of the ledger's writes.
import { mutant } from '../support/mutant.mjs';

const EXECUTION = 'src/ledger/write/execution.ts';
const FAILURE = 'src/ledger/write/record-failure.ts';
const VERDICT = 'src/ledger/write/record-verdict.ts';
const SIGN = 'src/ledger/write/expected-sign.ts';
const ACCEPTANCES = 'src/ledger/write/acceptances.ts';
const ENDS = 'src/ledger/write/acceptance-ends.ts';
const DUE = 'src/ledger/write/intervention-due.ts';
const KNOWN = 'src/ledger/read/known-account.ts';
const REGISTRATION = 'src/ledger/write/registration.ts';
const INTERVENTIONS = 'src/ledger/write/interventions.ts';
const SNAPSHOTS = 'src/ledger/write/snapshots.ts';
const ROW = 'src/ledger/store/account-row.ts';
const RIGHTS = 'src/ledger/migrate/rights.ts';

const execution = mutant(EXECUTION, 'test/ledger/execution');
const streak = mutant(FAILURE, 'test/ledger/streaks');
const verdict = mutant(VERDICT, 'test/ledger/streaks');
const sign = mutant(SIGN, 'test/ledger/expected-sign');
const acceptance = mutant(ACCEPTANCES, 'test/ledger/acceptances');
const end = mutant(ENDS, 'test/ledger/acceptances');
const due = mutant(DUE, 'test/ledger/intervention-due');
const registration = mutant(REGISTRATION, 'test/ledger/registration');
const people = mutant(INTERVENTIONS, 'test/ledger/people-and-reading');
const snapshot = mutant(SNAPSHOTS, 'test/ledger/snapshots');
const contended = mutant(ROW, 'test/ledger/concurrency');
const rights = mutant(RIGHTS, 'test/deploy/ledger-rights');

export const MUTANTS = [
  execution("another account's run is recorded under the execution", [
    ['  if (owner === key.account) return;\n', '  if (owner !== null) return;\n'],
  ]),
  execution('an execution belongs to whoever comes last', [
    ['boundTo ?? (await bind(session, key));', 'boundTo === null ? await bind(session, key) : key.account;'],
  ]),
  mutant(FAILURE, 'test/ledger/execution')('a failed run does not bind its execution', [
    ['  await bindExecution(session, key, boundTo);\n', '  void bindExecution;\n  void boundTo;\n'],
  ]),
  mutant(VERDICT, 'test/ledger/execution')('a verdict does not bind its execution', [
    ['  await bindExecution(session, key, boundTo);\n', '  void bindExecution;\n  void boundTo;\n'],
  ]),
  mutant(SNAPSHOTS, 'test/ledger/execution')('a snapshot does not bind its execution', [
    ['    await bindExecution(session, key, boundTo);\n', '    void bindExecution;\n    void boundTo;\n'],
  ]),

  mutant(SNAPSHOTS, 'test/ledger/execution')('a known snapshot is stored under any execution', [
    [
      'select from plumbline.execution as e where e.workflow_run_id = ${workflowRunId} and e.account = ${account}',
      'select from plumbline.execution as e where e.account = ${account}',
    ],
  ]),
  mutant(SNAPSHOTS, 'test/ledger/execution')("a known snapshot is stored under another account's execution", [
    [
      ' where e.workflow_run_id = ${workflowRunId} and e.account = ${account}',
      ' where e.workflow_run_id = ${workflowRunId}',
    ],
  ]),
  mutant(SNAPSHOTS, 'test/ledger/execution')('a known snapshot needs no execution', [
    [
      'exists (\n      select from plumbline.execution as e where e.workflow_run_id = ${workflowRunId} and e.account = ${account}\n    )',
      'true',
    ],
  ]),
  snapshot('a known snapshot of a run that has its verdict is stored', [
    [
      'where a.account = ${account} and a.last_run_number < ${runNumber} for share',
      'where a.account = ${account} for share',
    ],
  ]),
  snapshot('a known snapshot does not wait for a verdict', [
    ['and a.last_run_number < ${runNumber} for share', 'and a.last_run_number < ${runNumber}'],
  ]),
  snapshot('an older read of a known snapshot replaces a younger one', [
    ['\n      where s.read_started_at <= excluded.read_started_at', ''],
  ]),
  snapshot('an older read replaces a younger one', [
    ['        setWhere: sql`${snapshot.readStartedAt} <= excluded.read_started_at`,\n', ''],
  ]),
  snapshot('a snapshot of a run that has its verdict is stored', [
    ['  if (answer === null) {\n', '  if (answer === null || runNumberOf(key) > 0) {\n'],
    [
      'async function putSnapshot(',
      'const runNumberOf = (key: RunKey): number => key.runNumber;\n\nasync function putSnapshot(',
    ],
  ]),
  mutant(ROW, 'test/ledger/snapshots')('a snapshot does not wait for a verdict', [
    ["    .for('share');", '    .limit(1);'],
  ]),
  contended('a writer that waited believes what it read before', [
    ['if (Number(row.sequenceBefore) !== row.account.lastSequence) {', 'if (Number(row.sequenceBefore) === -1) {'],
  ]),
  contended('a verdict that waited takes what another left unconfirmed for confirmed', [
    [
      '...(await clockAndAnswer(session, key)), hasUnconfirmed: true };',
      '...(await clockAndAnswer(session, key)), hasUnconfirmed: row.hasUnconfirmed };',
    ],
  ]),
  mutant(ROW, 'test/ledger/recording')('a verdict takes what is unconfirmed for confirmed', [
    ['    hasUnconfirmed: row.hasUnconfirmed,\n', '    hasUnconfirmed: false,\n'],
  ]),
  contended('a writer does not lock its account', [
    [
      ".where(eq(account.account, key.account))\n    .for('no key update');",
      '.where(eq(account.account, key.account));',
    ],
  ]),
  rights('the worker may delete runs', [['  run: APPEND,\n', '  run: { ...APPEND, DELETE: true },\n']]),
  rights('the worker may delete from the trail', [['  trail: APPEND,\n', '  trail: { ...APPEND, DELETE: true },\n']]),
  rights('the worker may delete sightings', [['  sighting: APPEND,\n', '  sighting: { ...APPEND, DELETE: true },\n']]),
  rights('the worker may change events', [['  event: APPEND,\n', "  event: { ...APPEND, UPDATE: ['payload'] },\n"]]),
  rights('the worker may rename accounts', [
    ["    UPDATE: [\n      'exchange',", "    UPDATE: [\n      'account',\n      'exchange',"],
  ]),
  rights('the worker cannot prune bodies', [["UPDATE: ['digest'], DELETE: true }", "UPDATE: ['digest'] }"]]),
  rights('the reader may write', [['role === WORKER ? (WORKER_RIGHTS', 'role !== null ? (WORKER_RIGHTS']]),
  rights('rights that were given by hand stay', [['    `REVOKE ALL ON plumbline."${table}" FROM ${role}`,\n', '']]),

  streak('the streak is what the caller counts', [
    ['const failures = account.consecutiveFailures + 1;', 'const failures = record.consecutiveFailures;'],
  ]),
  streak('a streak calls at every failure beyond the threshold', [
    ['const isCalling = isReached && !account.streakCalled;', 'const isCalling = isReached;'],
  ]),
  streak('a streak calls only beyond the threshold', [
    ['failures >= record.threshold ||', 'failures > record.threshold ||'],
  ]),
  streak('a call that the workflow made is made again', [
    ['failures >= record.threshold || record.thresholdReached;', 'failures >= record.threshold;'],
  ]),
  streak('a failed run that is delivered again counts twice', [
    [
      '  if (recorded !== null) return recorded;\n',
      '  if (recorded !== null && recorded.looks < 0) return recorded;\n',
    ],
  ]),
  verdict('a verdict does not end the streak', [
    ['    consecutiveFailures: 0,\n    streakCalled: false,\n', '    streakCalled: false,\n'],
  ]),
  verdict('the next streak calls nobody', [['    streakCalled: false,\n', '']]),
  mutant(VERDICT, 'test/ledger/recording')('a discrepancy that a run does not see is no drift', [
    ["totalOf(openAfter) > 0 ? 'drifted' : 'matched'", "sighted.length > 0 ? 'drifted' : 'matched'"],
  ]),
  mutant(VERDICT, 'test/ledger/recording')('any number of discrepancies is described', [
    ['opened: opened.slice(0, MAX_DESCRIBED).map(', 'opened: opened.map('],
  ]),
  mutant(VERDICT, 'test/ledger/concurrency')('a verdict that is delivered again is recorded twice', [
    [
      '  if (recorded !== null) return recorded;\n',
      '  if (recorded !== null && recorded.looks < 0) return recorded;\n',
    ],
  ]),

  sign('a sign of life is expected of a stopped account', [
    ['.where(and(eq(account.account, name), eq(account.active, true)));', '.where(and(eq(account.account, name)));'],
  ]),
  sign('a sign of life is expected whenever', [
    ['make_interval(secs => ${withinSeconds})', 'make_interval(secs => 86400 + 0 * ${withinSeconds}::int)'],
  ]),
  sign('a sign of life is expected of a paused account', [
    ['  if (nextRunAt === null) return { expectedAt: null };\n', '  if (nextRunAt === null) return { expectedAt };\n'],
  ]),
  sign('a late record shortens what is expected', [
    ['expectedAt: next <= now && expectedAt !== null && expectedAt > next ? expectedAt : next', 'expectedAt: next'],
  ]),
  sign('a time that is none is expected', [
    ['isStorable(nextRunAt) ? nextRunAt : now;', 'isStorable(now) ? nextRunAt : now;'],
  ]),

  acceptance('an acceptance may end in the past', [['if (aheadMs > 0 && aheadMs <=', 'if (aheadMs <=']]),
  acceptance('an acceptance may last for ever', [
    ['aheadMs > 0 && aheadMs <= MAX_ACCEPTANCE_DAYS * 86_400_000', 'aheadMs > 0'],
  ]),
  acceptance('an acceptance that is delivered again is an event again', [
    [
      'rows.filter((row) => !isAcceptedLike(row, wanted));',
      'rows.filter((row) => !isAcceptedLike(row, wanted) || row.acceptedBy !== null);',
    ],
  ]),
  acceptance('an acceptance leaves no event', [
    [
      '      changed.map((row) => acceptanceEvent(row, wanted)),\n',
      '      changed.slice(0, 0).map((row) => acceptanceEvent(row, wanted)),\n',
    ],
  ]),
  end('an acceptance outlives its time', [
    ["if (why === 'expired' && acceptedUntil > now) return;", "if (why === 'expired') return;"],
  ]),
  end('an acceptance ends with the next run', [
    ["    if (why === 'expired' && acceptedUntil > now) return;\n", '    void now;\n'],
  ]),
  end('an acceptance holds for other values', [
    ["change === 'changed' ? 'changed' : 'expired'", "change === null ? 'changed' : 'expired'"],
  ]),
  end('an acceptance outlives the agreement', [
    ["  for (const row of resolved) end(row, 'resolved', row);\n", '  void resolved;\n'],
  ]),
  end('an acceptance of what a run does not see has no end', [
    ["  for (const row of unchanged) end(row, 'expired', row);\n", ''],
  ]),
  end('the end of an acceptance calls nobody', [
    [
      "return why === 'expired' && interveneOn.includes(row.type);",
      "return why === 'resolved' && interveneOn.includes(row.type);",
    ],
  ]),
  end('the end of an acceptance calls for a type that calls nobody', [
    [
      "why === 'expired' && interveneOn.includes(row.type)",
      "why === 'expired' && interveneOn !== undefined && row.type !== undefined",
    ],
  ]),

  due('an intervention is due again though its reason was recorded before it', [
    ['  if (calledAt !== null && calledAt >= run.startedAt) return { callDue, calledAt };\n', ''],
  ]),
  due('any reason reports the call', [['called >= new Date(callDue.runStartedAt);', 'called !== undefined;']]),
  due('a call that got lost is not made again', [
    ['describable([...(lost ? callDue.calls : []), ...ofRun])', 'describable(lost ? [...ofRun] : [...ofRun])'],
  ]),
  due('a call is made again in every run', [
    [
      'now.getTime() - new Date(callDue.since).getTime() >= MAKE_AGAIN_AFTER_MS;',
      'now.getTime() >= MAKE_AGAIN_AFTER_MS;',
    ],
  ]),
  due('any number of calls is described', [
    ['if (calls.length <= MAX_CALLS || last === undefined)', 'if (calls.length > 0 || last === undefined)'],
  ]),

  mutant(KNOWN, 'test/ledger/registration')('whoever paused it is forgotten', [
    ["by: reported?.by ?? 'unknown'", "by: 'unknown'"],
  ]),
  mutant(KNOWN, 'test/ledger/registration')('the streak is not reported to a workflow that starts', [
    [
      'streak: { failures: row.consecutiveFailures, called: row.streakCalled },',
      'streak: { failures: 0, called: false },',
    ],
  ]),
  mutant(KNOWN, 'test/ledger/registration')('the pause is not reported to a workflow that starts', [
    ['paused: row.paused ? await pauseOf', 'paused: row.paused && !row.active ? await pauseOf'],
  ]),
  mutant(KNOWN, 'test/ledger/registration')('an acknowledged intervention is reported as open', [
    [", ne(intervention.state, 'acknowledged')))\n    .orderBy", '))\n    .orderBy'],
  ]),
  registration('a registration leaves no event', [["type: 'ACCOUNT_REGISTERED',", "type: 'POLICY_CHANGED',"]]),
  registration('a registration without a change is an event', [
    ['sameSettings(before, settings)\n', 'sameSettings(before, { ...settings, active: !before.active })\n'],
  ]),
  registration('a stop leaves no author', [['payload: { by: authorOf(by) } },', "payload: { by: 'unknown' } },"]]),
  registration('a second stop is a second event', [['  if (!row.active) return;\n', '']]),
  registration('a stopped account is still expected to show itself', [
    ['active: false, expectedAt: null', 'active: false'],
  ]),
  people('an acknowledgement leaves other interventions open', [
    [
      "eq(intervention.account, name), ne(intervention.state, 'acknowledged')))\n    .returning",
      'eq(intervention.id, interventionId)))\n    .returning',
    ],
  ]),
  people('a second acknowledgement replaces the first', [
    [
      "if ((await findIntervention(session, interventionId)).state === 'acknowledged') return;",
      "if ((await findIntervention(session, interventionId)).state === 'snoozed') return;",
    ],
  ]),
  people('a reminder that is delivered again counts twice', [
    [
      '  const { row, account } = await lockIntervention(session, request.interventionId);\n  if (!(await isFirst(session, request))) return;',
      '  const { row, account } = await lockIntervention(session, request.interventionId);',
    ],
  ]),
  people('a reason that is delivered again counts twice', [
    [
      '  if (!(await isFirst(session, request))) return;\n  const reasons: InterventionReasonRow[]',
      '  const reasons: InterventionReasonRow[]',
    ],
  ]),
  mutant(INTERVENTIONS, 'test/ledger/intervention-due')('a reason is added to an intervention that was acknowledged', [
    ["  if (row.state === 'acknowledged') return;\n  if (!(await isFirst", '  if (!(await isFirst'],
  ]),
  people('an intervention that was acknowledged is snoozed', [
    ["  if (row.state === 'acknowledged') return;\n  const { until }", '  const { until }'],
  ]),
  people('a snooze that is delivered again is an event again', [
    ['  if (row.snoozedBy === snooze.snoozedBy && row.snoozedUntil?.getTime() === until.getTime()) return;\n', ''],
  ]),
  people('open interventions are not counted', [['return row?.open ?? 0;', 'return row === undefined ? 1 : 0;']]),
];
