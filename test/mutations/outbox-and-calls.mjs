// Rules of the outbox, of interventions and of interventions.
import { mutant } from '../support/mutant.mjs';

const OUTBOX = 'src/workflows/outbox.ts';
const CALL = 'src/workflows/request-intervention.ts';
const TELL = 'src/workflows/tell-intervention.ts';
const START = 'src/workflows/manual-intervention.ts';
const INTERVENTION = 'src/workflows/intervention.ts';
const HANDLERS = 'src/workflows/intervention-handlers.ts';
const BY_LOG = 'src/workflows/call-by-log.ts';

const outbox = mutant(OUTBOX, 'test/workflows/outbox');
const outboxLedger = mutant(OUTBOX, 'test/workflows/ledger-answers');
const call = mutant(CALL, 'test/workflows/calls');
const tell = mutant(TELL, 'test/workflows/ladder');
const start = mutant(START, 'test/workflows/intervention.test');
const lateMoment = mutant(START, 'test/workflows/intervention-moments');
const intervention = mutant(INTERVENTION, 'test/workflows/intervention.test');
const moment = mutant(INTERVENTION, 'test/workflows/intervention-moments');
const handlers = mutant(HANDLERS, 'test/workflows/intervention.test');
const handlersMoment = mutant(HANDLERS, 'test/workflows/intervention-moments');
const byLog = mutant(BY_LOG, 'test/workflows/intervention.test');
const logMoment = mutant(BY_LOG, 'test/workflows/intervention-moments');
const ladder = mutant('src/domain/lifecycle/ladder.ts', 'test/domain/ladder');
const ladderCall = mutant('src/workflows/call-by-ladder.ts', 'test/workflows/ladder');
const delivery = mutant('src/activities/deliver.ts', 'test/activities/deliver');

export const MUTANTS = [
  outbox('the cap is removed', [['    if (this.items.length >= MAX_ITEMS) this.drop();\n', '']]),
  outbox('a run that calls a human is dropped', [
    ["(item) => item.kind === 'failure' && !item.thresholdReached,", "(item) => item.kind === 'failure',"],
  ]),
  outbox('anything is dropped', [["(item) => item.kind === 'pause',", '() => true,']]),
  outbox('the item that is being sent is dropped', [
    ['return this.sending ? this.items.slice(1) : this.items;', 'return this.items;'],
  ]),
  outbox('each refusal is an item', [
    ["  if (waiting?.kind !== 'refused') return false;", '  if (waiting !== null) return false;'],
  ]),
  outbox('a refusal grows after it was offered', [
    ['this.items.filter((waiting) => !this.offered.has(waiting));', 'this.items;'],
  ]),
  outbox('what comes in the middle of a run joins the outbox at once', [
    ['    this.inbox.push(item);\n', '    this.push(item);\n'],
  ]),
  outbox('the inbox has no bound', [['if (this.inbox.length >= MAX_ITEMS)', 'if (this.inbox.length >= 1e9)']]),
  outbox('what is set aside has no bound', [
    ['        if (this.setAside.length > MAX_SET_ASIDE) this.dropSetAside();\n', ''],
  ]),
  outbox('a run that calls a human is dropped from what is set aside', [
    ["({ item }) => item.kind !== 'failure' || !item.thresholdReached", '() => true'],
  ]),
  outboxLedger('an item that the ledger refuses for good blocks those behind it', [
    ['if (!isRefusedForGood(error) || !current) {', 'if (current) {'],
  ]),
  outboxLedger('what is set aside is lost', [['        this.setAside.push({ item, problem: message });\n', '']]),
  outboxLedger('an account that the ledger lost is not registered again', [
    ["if (kind === 'configuration' && side === 'ledger' &&", "if (kind === 'bug' && side === 'ledger' &&"],
  ]),
  outboxLedger('an account is registered again without end', [[' && !registeredAgain) {', ') {']]),
  outboxLedger('answers to failed runs are forgotten', [
    ["if (answer.run !== null && item.kind === 'failure') {", "if (answer.run !== null && item.kind === 'pause') {"],
  ]),

  call('ABANDON is removed', [['      parentClosePolicy: ParentClosePolicy.ABANDON,\n', '']]),
  call('a start is tried before the signal', [
    [
      'let mayBeOpen = account.tells ? await isOpen(account) : account.current && account.state.interventionOpen;',
      'let mayBeOpen = false;',
    ],
  ]),
  call('reasons have any length', [['const bounded = reasons.map(boundedReason);', 'const bounded = [...reasons];']]),
  call('a reason for an intervention that ended is given up', [
    ['    if (await added(account, bounded)) break;\n', '    await added(account, bounded);\n    break;\n'],
  ]),
  call('a lost intervention is started under a new id', [
    [
      'await started(account, reasons.map(boundedReason), carried);',
      'void carried;\n  await started(account, reasons.map(boundedReason));',
    ],
  ]),
  call('an open intervention is not remembered', [
    ['    mayBeOpen = false;\n  }\n  account.opened();', '    mayBeOpen = false;\n  }'],
  ]),
  tell('resolved discrepancies are not told', [['    state.toldStanding = standing;\n', '    return;\n']]),
  tell('an open call does not hear of new rules', [['if (rules !== null) await', 'if (rules === null) await']]),

  lateMoment("the late reason's continue-as-new before the account is notified is removed", [
    ['  if (intervention.fresh.length > 0) await intervention.openAnew(false);\n', ''],
  ]),
  lateMoment("the late reason's continue-as-new while the account is notified is removed", [
    ['  if (isCurrent() && intervention.fresh.length > 0) await intervention.openAnew(true);\n', ''],
  ]),
  lateMoment('an intervention that opens anew does not say so to its account', [
    ["  if (input.again?.late === true) await intervention.reportToParent('opened');\n", ''],
  ]),
  logMoment('the end of a snooze is read from the clock', [
    ['if (!woken && seen !== null) {', 'if (seen !== null && Date.now() >= Date.parse(seen)) {'],
  ]),
  moment('continue-as-new forgets the snooze', [
    ['      snoozedUntil,\n      ...(snoozedBy', '      snoozedUntil: null,\n      ...(snoozedBy'],
  ]),
  moment('continue-as-new begins the calls anew', [
    [
      '      notifiedTimes,\n      snoozedUntil,\n      ...(snoozedBy',
      '      notifiedTimes: 0,\n      snoozedUntil,\n      ...(snoozedBy',
    ],
  ]),
  logMoment('continue-as-new leaves a reason behind', [
    [
      'if (overflow !== null || fresh.length > 0 || answer !== null || !allHandlersFinished()) return;',
      'if (overflow !== null || answer !== null || !allHandlersFinished()) return;',
    ],
  ]),
  logMoment('continue-as-new leaves reasons beyond the bound behind', [
    ['if (overflow !== null || fresh.length > 0 || answer', 'if (fresh.length > 0 || answer'],
    [
      '  intervention.takeOverflow();\n  await intervention.records.written();',
      '  await intervention.records.written();',
    ],
  ]),
  logMoment('continue-as-new leaves an acknowledgement behind', [
    ['fresh.length > 0 || answer !== null || !allHandlersFinished()) return;', 'fresh.length > 0) return;'],
  ]),
  start('a cancellation ends it', [
    ['await CancellationScope.nonCancellable(async () => intervene(input));', 'await intervene(input);'],
  ]),
  handlers('a cancelled one cannot be acknowledged', [
    [
      'return async (request: Request): Promise<Answer> => CancellationScope.nonCancellable(async () => handler(request));',
      'return async (request: Request): Promise<Answer> => handler(request);',
    ],
  ]),
  byLog('a snooze silences nothing', [
    ['else if (intervention.snoozedUntil === null) await notify(intervention);', 'else await notify(intervention);'],
  ]),
  byLog('a snooze never ends', [['      intervention.endSnooze();\n', '']]),
  byLog('reminders stay at the first minutes', [
    ['reminderMinutes[Math.min(notifiedTimes, reminderMinutes.length) - 1]', 'reminderMinutes[0]'],
  ]),
  byLog('reminders end with the ladder', [
    [
      'reminderMinutes[Math.min(notifiedTimes, reminderMinutes.length) - 1] ?? DEFAULT_REMINDER_MINUTES',
      'reminderMinutes[notifiedTimes - 1] ?? 1e6',
    ],
  ]),
  byLog('a new reason waits for the next reminder', [['        intervention.fresh.length > 0 ||\n', '']]),
  handlers('an acknowledgement does not end it', [
    ['      intervention.answer ??= { by: request.by, note: request.note };\n', ''],
  ]),
  handlers('a second acknowledgement is taken', [
    [
      '        refuseUnanswerable(payloads);\n        valueOf(validate.checkAcknowledge(payloads[0]));',
      '        valueOf(validate.checkAcknowledge(payloads[0]));',
    ],
  ]),
  handlers('a snooze after the acknowledgement is taken', [
    ['        refuseUnanswerable(payloads);\n        const { clock, rules }', '        const { clock, rules }'],
  ]),
  intervention("the ledger's acknowledgement is not learned from a record", [
    ['    this.answer ??= { by: acknowledgedBy, note: null };\n', ''],
  ]),
  intervention('a reason that the ledger got after an acknowledgement is lost', [
    ["    if (request.kind === 'reason') this.fresh.push(request.reason);\n", ''],
  ]),
  byLog("the ledger's acknowledgement is not learned from a reminder", [
    ['  if (answer?.acknowledgedBy) {', '  if (answer === null) {'],
  ]),
  intervention('reasons are kept without a bound', [['if (kept < MAX_REASONS)', 'if (kept >= 0)']]),
  moment('reasons before the acknowledgement keep out those after it', [
    ['(this.answer === null ? this.reasons.length : 0)', 'this.reasons.length'],
  ]),
  handlersMoment('reasons beyond the bound are forgotten by an acknowledgement', [
    ['      intervention.takeOverflow();\n      try {', '      try {'],
  ]),
  moment('reasons beyond the bound are forgotten at the end', [
    ['    if (this.overflow !== null) this.fresh.push(this.overflow.newest);\n', ''],
  ]),
  handlersMoment('an acknowledgement that the ledger refuses ends it', [
    ['        intervention.answer = null;\n        throw error;', '        throw error;'],
  ]),
  intervention('reasons beyond the bound are not counted', [
    ['{ count: (this.overflow?.count ?? 0) + 1, newest: reason }', '{ count: 1, newest: reason }'],
  ]),
  intervention('a later reason is not recorded', [
    ['      this.recordReason(reason);\n      this.reasons.push(reason);', '      this.reasons.push(reason);'],
  ]),
  handlers('a bad reason is taken', [
    [
      'if (checked.ok) intervention.addReason(checked.value);',
      'if (checked.ok || payload !== undefined) intervention.addReason(payload as never);',
    ],
  ]),
  start('the account is not notified of the end', [["  await intervention.reportToParent('closed');\n", '']]),
  start('start arguments are not checked', [
    [' && isCurrent()) refuseWrongStart(input);', ' && isCurrent() && input === null) refuseWrongStart(input);'],
  ]),
  start('any workflow id is taken', [['  if (workflowId !== id)\n', '  if (workflowId === null)\n']]),
  start('broken carried state is taken', [
    ['return checkedCarried.ok ? null : checkedCarried.problem;', 'return checkedCarried === null ? id : null;'],
  ]),

  ladder('refused channels do not bring the next rung', [
    [
      "states.every((kind) => kind === 'failed') ? this.climb(nowMs) : []",
      'states.length === 0 ? this.climb(nowMs) : []',
    ],
  ]),
  ladder('one slow channel brings the next rung', [
    ["if (channelState?.kind !== 'waiting' && channelState?.kind !== 'failed') return null;", ''],
  ]),
  ladder('a burst of reasons makes the silence of a channel younger', [
    ["before?.kind === 'waiting' ? before : {", "before === undefined ? { kind: 'failed' } : {"],
  ]),
  ladder('a call that rises stays in its quiet hours', [
    ['      state.quietUntilMs = null;\n      state.sinceMs', '      state.sinceMs'],
  ]),
  ladder('a call that rises stays snoozed', [
    ['      state.snoozedUntilMs = null;\n      state.quietUntilMs', '      state.quietUntilMs'],
  ]),
  ladder('rungs go on counting during a snooze', [
    ['        state.sinceMs = nowMs;\n        // A reason', '        // A reason'],
  ]),
  ladder('reminders go on after the answer', [
    ['    if (state.answered) return [];\n    const timers', '    const timers'],
  ]),
  ladder('channels that are being called do not hear of the answer', [
    ["if (kind === 'waiting') this.hear(channel);", ''],
  ]),
  ladder('new channels wait for the next reminder', [
    ['return [...held, ...this.call(added,', 'return [...held, ...this.call(added.filter(() => nowMs < 0),'],
  ]),
  ladderCall('a reason after the answer is taken by the old call', [
    ['intervention.answer === null ? intervention.takeNewReasons() : []', 'intervention.takeNewReasons()'],
  ]),
  ladderCall('news that all is gone is not sent', [
    ['else if (moved.standing && !intervention.standing) this.send(ladder.resolve());', ''],
  ]),
  ladderCall('what people got is not counted', [['        intervention.notified();\n', '']]),
  ladderCall('quiet hours are not sent along', [
    ['...(isUrgent || ladder.quietHours === null ? {} : { quietHours: ladder.quietHours })', '...{}'],
  ]),
  delivery('an acknowledged call is sent', [["if (by !== null) return { kind: 'acknowledged', by };", '']]),
  delivery('Retry-After has no bound', [['Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)', 'retryAfterMs']]),
  delivery('a lost receipt fails the attempt', [
    ["    return { kind: 'delivered', unrecorded: { batch, receipt: kept } };", "    throw new Error('lost');"],
  ]),
  delivery('a failure is recorded with its secrets', [['    message: redact(message),\n', '    message,\n']]),
];
