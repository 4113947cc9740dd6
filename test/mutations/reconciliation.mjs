// Rules of the account's workflow. Each edit finds its text exactly once; `test` is a path pattern of jest.
import { mutant } from '../support/mutant.mjs';

const RECONCILIATION = 'src/workflows/reconciliation.ts';
const RUN = 'src/workflows/run.ts';
const OBSERVE = 'src/workflows/observe.ts';
const HANDLERS = 'src/workflows/handlers.ts';
const ACCOUNT = 'src/workflows/account.ts';

const SCHEDULE = 'test/workflows/schedule-rules';
const MESSAGES = 'test/workflows/messages';
const LEDGER = 'test/workflows/ledger-answers';
const MOMENTS = 'test/workflows/account-moments';
const CALLS = 'test/workflows/calls';

const schedule = mutant(RECONCILIATION, SCHEDULE);
const loopMoment = mutant(RECONCILIATION, MOMENTS);
const loopMessage = mutant(RECONCILIATION, MESSAGES);
const loopLedger = mutant(RECONCILIATION, LEDGER);
const run = mutant(RUN, LEDGER);
const handler = mutant(HANDLERS, MESSAGES);
const handlerSchedule = mutant(HANDLERS, SCHEDULE);
const account = mutant(ACCOUNT, MESSAGES);

export const MUTANTS = [
  loopMoment('a tick is due by the clock instead of by its timer', [
    [
      'if (state.paused === null && (state.due || !state.hasRun)) {',
      'if (state.paused === null && (account.nextTickMs() <= Date.now() || !state.hasRun)) {',
    ],
  ]),
  loopMoment('a timer that fired is held against the clock', [
    ['state.due = true;', 'state.due = Date.now() >= tick;'],
  ]),
  loopMoment('more than one timer for a tick', [['    if (tickTimer !== null) return;\n', '']]),
  loopMoment('continue-as-new forgets a field', [['carried: state,', 'carried: { ...state, streakReported: false },']]),
  loopMoment('continue-as-new leaves a run that a caller waits for to the next execution', [
    ['    if (state.forced !== null && !(account.current && allHandlersFinished())) return;\n', ''],
    ['    if (!allHandlersFinished()) return;\n', ''],
  ]),
  loopMoment('signals without end keep an execution from being continued', [
    [
      '    if (state.forced !== null && !(account.current && allHandlersFinished())) return;\n',
      '    if (state.forced !== null) return;\n',
    ],
  ]),
  loopMoment('continue-as-new does not wait for handlers', [
    [
      '    await condition(\n      () =>\n        allHandlersFinished() ||\n        state.forced !== null ||',
      '    await condition(\n      () =>\n        state !== null ||\n        state.forced !== null ||',
    ],
    ['    if (!allHandlersFinished()) return;\n', ''],
  ]),
  loopMoment('what must be done waits for handlers before continue-as-new', [
    [
      '        account.stopRequestedBy !== null ||\n        account.hasNews() ||\n        (state.due && state.paused === null),\n    );',
      '        account.stopRequestedBy !== null,\n    );',
    ],
  ]),
  loopMoment('a burst of signals does not wake an execution that is to be continued', [
    [
      '      // A burst of signals can fill the history while no run is in progress.\n      workflowInfo().continueAsNewSuggested;',
      '      false;',
    ],
  ]),
  schedule('a pause stops no scheduled run', [
    ['if (state.paused === null && (state.due || !state.hasRun)) {', 'if (state.due || !state.hasRun) {'],
    ['(state.due && state.paused === null) ||', 'state.due ||'],
  ]),
  schedule('ticks that a pause skipped are run too', [
    ['      account.passTick(Math.max(state.servedTickMs, account.clock.nowMs()));\n      return', '      return'],
  ]),
  schedule('a tick that fires during a pause is forgotten', [
    ['state.due = true;', 'state.due = state.paused === null;'],
  ]),
  schedule('a forced run waits for the end of a pause', [
    [
      'await flush();\n    if (state.forced !== null) return takeForced();',
      'await flush();\n    if (state.forced !== null && state.paused === null) return takeForced();',
    ],
    [
      '      state.forced !== null ||\n      (state.due',
      '      (state.forced !== null && state.paused === null) ||\n      (state.due',
    ],
  ]),
  schedule('a forced run serves the next tick', [
    [
      "    const trigger = state.forced ?? 'forced';",
      "    const trigger = state.forced ?? 'forced';\n    stopTickTimer();\n    state.servedTickMs = account.nextTickMs();",
    ],
  ]),
  schedule("the old grid's timer runs on", [
    ['    if (account.gridMoved) stopTickTimer();\n', '    account.gridMoved = false;\n'],
  ]),
  loopMessage("a stranger's carried state is believed", [
    ['isContinued ? input.carried : undefined;', 'input.carried;'],
  ]),
  loopMessage('start arguments are not checked', [
    ['  if (!isContinued && isCurrent()) refuseWrongStart(input);\n', ''],
  ]),
  loopMessage('any workflow id is taken', [
    ['checked.ok ? wrongId(checked.value.account) : checked.problem', 'checked.ok ? null : checked.problem'],
  ]),
  loopMessage('a cancellation is recorded as a stop', [
    [
      "outbox.push({ kind: 'cancelled', account: account.name, requestId: account.requestId() });",
      "outbox.push({ kind: 'deactivate', account: account.name, by: 'unknown' });",
    ],
  ]),
  loopMessage('a stop has no author', [['by: account.stopRequestedBy });', "by: 'unknown' });"]]),
  loopMessage('whoever started it is forgotten', [
    ["return typeof by === 'string' && by !== '' ? by.slice(0, 200) : 'unknown';", "return 'unknown';"],
  ]),
  loopLedger('the outbox waits for the next run', [
    [
      '    if (outbox.size > 0) await condition(woken, OUTBOX_RETRY_MS',
      '    if (outbox.size < 0) await condition(woken, OUTBOX_RETRY_MS',
    ],
  ]),
  loopLedger('what a flush learns is not used', [['    await learn(account);\n    const lost', '    const lost']]),
  mutant(RECONCILIATION, CALLS)('a lost intervention is not restored at the start', [
    ['    if (lost !== null) await restoreIntervention(account, lost);\n', ''],
  ]),

  mutant(RUN, MESSAGES)('adopt() is skipped', [['  if (outbox.known !== null) account.adopt(outbox.known);\n', '']]),
  run('the flush before a verdict is removed', [
    ['  if (outbox.size > 0) {\n    if (!(', '  if (outbox.size < 0) {\n    if (!('],
  ]),
  run('a verdict is made though the flush before it failed', [
    ['if (!(await outbox.flush(account.current))) throw ledgerAway();', 'await outbox.flush(account.current);'],
  ]),
  run('the flush before a failure is removed', [
    ['  if (account.current && outbox.size > 0) {', '  if (outbox.size < 0) {'],
  ]),
  run('a streak calls at every failure beyond the threshold', [
    [
      'thresholdReached: consecutiveFailures >= threshold && !state.streakReported,',
      'thresholdReached: consecutiveFailures >= threshold,',
    ],
    [
      'item.thresholdReached = state.consecutiveFailures >= threshold && !state.streakReported;',
      'item.thresholdReached = state.consecutiveFailures >= threshold;',
    ],
  ]),
  run('a streak calls only beyond the threshold', [
    [
      'item.thresholdReached = state.consecutiveFailures >= threshold &&',
      'item.thresholdReached = state.consecutiveFailures > threshold &&',
    ],
  ]),
  run('failures while the ledger is away are not counted', [
    ['  if (others.length === 0) state.consecutiveFailures = consecutiveFailures;\n', ''],
  ]),
  run('a success does not end the streak', [['    state.consecutiveFailures = 0;\n', '']]),
  run('only the first streak calls', [['    state.streakReported = false;\n', '']]),
  run("the workflow's count wins over the ledger's", [
    [
      "own.streak ?? (own.run.outcome === 'failed' ? counted : NO_STREAK)",
      "own.run.outcome === 'failed' ? counted : NO_STREAK",
    ],
  ]),
  run('a verdict learned late does not replace the failure', [
    ['      show(account, { ...state.lastRun, ...run });\n', ''],
  ]),
  run('a verdict learned late does not end the streak', [
    [
      '      applyStreak(account, { failures: streak.failures + waiting.length, called: streak.called || calledLater });\n',
      '',
    ],
  ]),
  run('failures that wait are not counted after a verdict learned late', [
    ['failures: streak.failures + waiting.length', 'failures: streak.failures'],
  ]),
  run('a verdict learned late is no success', [
    ['      if (isVerdict) state.lastSuccessAt = state.lastRun.endedAt;\n', ''],
  ]),
  run('calls that are learned late are not made', [
    ['    await callHumanFor(account, called && !isVerdict ? [] : run.calls);\n', ''],
  ]),
  run('a call that was made by own count is made again', [['called && !isVerdict ? [] : run.calls', 'run.calls']]),
  mutant(RUN, MOMENTS)('a run without a verdict goes on for ever', [
    ['    if (workflowInfo().historyLength > MAX_HISTORY_EVENTS) throw endless(observation);\n', ''],
  ]),
  mutant(RUN, SCHEDULE)('who asked for a run is forgotten', [
    ['requestedBy: state.forcedBy.splice(0),', 'requestedBy: [],'],
  ]),
  mutant(RUN, SCHEDULE)('the next observation comes at once', [
    ['sleep(answer.inSeconds * 1000,', 'sleep(answer.inSeconds,'],
  ]),
  mutant(RUN, CALLS)('a verdict calls nobody', [['  await callHumanFor(account, result.calls);\n', '']]),
  mutant(RUN, CALLS)('a lost intervention is not restored after a verdict', [
    ['lost: answer.lostIntervention ?? null', 'lost: null'],
  ]),
  mutant(RUN, CALLS)('a lost intervention is not restored after a failure', [
    ['    lost = outbox.takeLostIntervention();\n', ''],
  ]),

  mutant(OBSERVE, SCHEDULE)('a read may take for ever', [
    ['READ_TIMEOUT_MS + 2 * JUDGE_TIMEOUT_MS + request.retryBudgetMs;\n  return final', "'10 years';\n  return final"],
  ]),
  mutant(OBSERVE, SCHEDULE)('an observation is a local activity', [
    ['await observing.observe', 'await judgingAtOnce.observe'],
  ]),

  mutant(ACCOUNT, SCHEDULE)('servedTickMs on reconfigure is removed', [
    ['    this.state.servedTickMs = Math.max(this.state.servedTickMs, this.clock.nowMs());\n', ''],
  ]),
  mutant(ACCOUNT, MOMENTS)('new rules may postpone a run for ever', [
    ['    if (this.current) this.state.plannedTickMs = this.nextTickMs();\n', ''],
  ]),
  handlerSchedule('runNow answers with the run that is under way', [['account.begun + 1;', 'account.begun;']]),
  mutant(ACCOUNT, SCHEDULE)("new rules are registered in nobody's name", [
    ['this.keep(this.registration(by));', "void by;\n    this.keep(this.registration('plumbline'));"],
  ]),
  handler('a second pause says nothing', [
    [
      '      if (account.pause(by, reason)) return;\n',
      '      account.pause(by, reason);\n      if (paused !== undefined) return;\n',
    ],
  ]),
  handler('a resume without a pause says nothing', [
    ['if (!account.resume(by)) account.refuse', 'if (account.resume(by) && !account) account.refuse'],
  ]),
  handler('a refused signal is not recorded', [
    ['        else account.refuse(name, validate.senderOf(payload), checked.problem);\n', ''],
  ]),
  handler('updates are taken after a stop', [['      refuseWhenStopping(what);\n', '']]),
  handler('a stop needs no name', [
    ['        valueOf(validate.checkStop(payloads[0]));\n', ''],
    ['valueOf(validate.checkStop(payload)).by;', 'validate.senderOf(payload);'],
  ]),
  mutant(ACCOUNT, LEDGER)('what was set aside is not offered again', [
    ['    if (this.retryRequested) outbox.offerSetAside();\n', ''],
  ]),
  mutant(HANDLERS, CALLS)('a closed intervention stays open for its account', [
    ["() => interventionSays('closed')", "() => interventionSays('opened')"],
  ]),

  account('the pause is not adopted', [['      state.paused = known.paused;\n', '']]),
  account('the pause is adopted over a resume', [
    ['known.paused !== null && !state.pauseTouched', 'known.paused !== null'],
  ]),
  account('the streak is not adopted', [['      state.consecutiveFailures += known.streak.failures;\n', '']]),
  account('the intervention is not adopted', [
    ['    state.interventionOpen ||= known.openIntervention !== null;\n', ''],
  ]),
  account('the last success is not adopted', [['      state.lastSuccessAt = known.lastSuccessAt;\n', '']]),
  account('the ledger is adopted at every registration', [['    if (state.adopted) return;\n', '']]),
  account('two requests have one id', [['/${++this.requests}`', '/${(this.requests = 1)}`']]),
  account('a pause is not recorded', [['    this.keepPause(by, reason);\n', '']]),
  mutant(ACCOUNT, SCHEDULE)('a paused account is expected by the ledger', [
    ['    if (this.state.paused !== null) return null;\n', ''],
  ]),
  mutant(ACCOUNT, SCHEDULE)('who asks twice is named twice', [
    ['forcedBy.length < MAX_REQUESTERS && !forcedBy.includes(by)', 'forcedBy.length < MAX_REQUESTERS'],
  ]),
];
