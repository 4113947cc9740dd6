// Rules of the outbox, of interventions and of interventions.
import { mutant } from '../support/mutant.mjs';

const OUTBOX = 'src/workflows/outbox.ts';
const CALL = 'src/workflows/request-intervention.ts';
const INTERVENTION = 'src/workflows/manual-intervention.ts';

const outbox = mutant(OUTBOX, 'test/workflows/outbox');
const outboxLedger = mutant(OUTBOX, 'test/workflows/ledger-answers');
const call = mutant(CALL, 'test/workflows/calls');
const intervention = mutant(INTERVENTION, 'test/workflows/intervention.test');
const moment = mutant(INTERVENTION, 'test/workflows/intervention-moments');

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
    ['let mayBeOpen = account.current && account.state.interventionOpen;', 'let mayBeOpen = false;'],
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
    ['    mayBeOpen = false;\n  }\n  account.state.interventionOpen = true;', '    mayBeOpen = false;\n  }'],
  ]),

  moment("the late reason's continue-as-new before the account is notified is removed", [
    ['  if (fresh.length > 0) await openAnew(false);\n', ''],
  ]),
  moment("the late reason's continue-as-new while the account is notified is removed", [
    ['  if (isCurrent() && fresh.length > 0) await openAnew(true);\n', ''],
  ]),
  moment('an intervention that opens anew does not say so to its account', [
    ["  if (input.again?.late === true) await reportToParent('opened');\n", ''],
  ]),
  moment('the end of a snooze is read from the clock', [
    ['if (!woken && seen !== null) {', 'if (seen !== null && Date.now() >= Date.parse(seen)) {'],
  ]),
  moment('continue-as-new forgets the snooze', [
    [
      'const carried = { interventionId, openedAt, notifiedTimes, snoozedUntil };',
      'const carried = { interventionId, openedAt, notifiedTimes, snoozedUntil: null };',
    ],
  ]),
  moment('continue-as-new begins the calls anew', [
    [
      'const carried = { interventionId, openedAt, notifiedTimes, snoozedUntil };',
      'const carried = { interventionId, openedAt, notifiedTimes: 0, snoozedUntil };',
    ],
  ]),
  moment('continue-as-new leaves a reason behind', [
    [
      'if (overflow !== null || fresh.length > 0 || acknowledgedBy !== null || !allHandlersFinished()) return;',
      'if (overflow !== null || acknowledgedBy !== null || !allHandlersFinished()) return;',
    ],
  ]),
  moment('continue-as-new leaves reasons beyond the bound behind', [
    ['if (overflow !== null || fresh.length > 0 || acknowledgedBy', 'if (fresh.length > 0 || acknowledgedBy'],
    [
      '  async function carryOn(): Promise<void> {\n    takeOverflow();\n',
      '  async function carryOn(): Promise<void> {\n',
    ],
  ]),
  moment('continue-as-new leaves an acknowledgement behind', [
    ['fresh.length > 0 || acknowledgedBy !== null || !allHandlersFinished()) return;', 'fresh.length > 0) return;'],
  ]),
  intervention('a cancellation ends it', [
    ['await CancellationScope.nonCancellable(async () => intervene(input));', 'await intervene(input);'],
  ]),
  intervention('a cancelled one cannot be acknowledged', [
    [
      'return async (request: Request): Promise<Answer> => CancellationScope.nonCancellable(async () => handler(request));',
      'return async (request: Request): Promise<Answer> => handler(request);',
    ],
  ]),
  intervention('a snooze silences nothing', [['if (!isSnoozed()) await notify();', 'await notify();']]),
  intervention('a snooze lasts for ever', [
    [
      '        snoozedUntil = null;\n',
      '        snoozedUntil = new Date(Date.parse(seen) + 31_536_000_000).toISOString();\n',
    ],
  ]),
  intervention('reminders stay at the first minutes', [
    ['reminderMinutes[Math.min(notifiedTimes, reminderMinutes.length) - 1]', 'reminderMinutes[0]'],
  ]),
  intervention('reminders end with the ladder', [
    [
      'reminderMinutes[Math.min(notifiedTimes, reminderMinutes.length) - 1] ?? DEFAULT_REMINDER_MINUTES',
      'reminderMinutes[notifiedTimes - 1] ?? 1e6',
    ],
  ]),
  intervention('a new reason waits for the next reminder', [
    [
      '() => acknowledgedBy !== null || fresh.length > 0 || snoozedUntil !== seen,',
      '() => acknowledgedBy !== null || snoozedUntil !== seen,',
    ],
  ]),
  intervention('an acknowledgement does not end it', [['      acknowledgedBy ??= by;\n', '']]),
  intervention('a second acknowledgement is taken', [
    [
      '        refuseUnanswerable(payloads);\n        valueOf(validate.checkAcknowledge(payloads[0]));',
      '        valueOf(validate.checkAcknowledge(payloads[0]));',
    ],
  ]),
  intervention('a snooze after the acknowledgement is taken', [
    [
      '        refuseUnanswerable(payloads);\n        valueOf(validate.checkSnooze(payloads[0], clock.nowMs()));',
      '        valueOf(validate.checkSnooze(payloads[0], clock.nowMs()));',
    ],
  ]),
  intervention("the ledger's acknowledgement is not learned from a record", [
    ['    acknowledgedBy ??= answeredBy;\n', ''],
  ]),
  intervention('a reason that the ledger got after an acknowledgement is lost', [
    ["    if (request.kind === 'reason') fresh.push(request.reason);\n", ''],
  ]),
  intervention("the ledger's acknowledgement is not learned from a reminder", [
    ['    if (answer?.acknowledgedBy) {', '    if (answer === null) {'],
  ]),
  intervention('reasons are kept without a bound', [
    ['(acknowledgedBy === null ? reasons.length : 0) + fresh.length < MAX_REASONS', 'reasons.length >= 0'],
  ]),
  moment('reasons before the acknowledgement keep out those after it', [
    ['(acknowledgedBy === null ? reasons.length : 0)', 'reasons.length'],
  ]),
  moment('reasons beyond the bound are forgotten by an acknowledgement', [
    ['      takeOverflow();\n      try {', '      try {'],
  ]),
  moment('reasons beyond the bound are forgotten at the end', [
    ['    if (overflow !== null) fresh.push(overflow.newest);\n', ''],
  ]),
  moment('an acknowledgement that the ledger refuses ends it', [
    ['        acknowledgedBy = null;\n        throw error;', '        throw error;'],
  ]),
  intervention('reasons beyond the bound are not counted', [
    [
      'overflow = { count: (overflow?.count ?? 0) + 1, newest: checked.value };',
      'overflow = { count: 1, newest: checked.value };',
    ],
  ]),
  intervention('a later reason is not recorded', [
    [
      "      void recordQuietly({ kind: 'reason', account, interventionId, requestId, reason });\n      reasons.push",
      '      void requestId;\n      reasons.push',
    ],
  ]),
  intervention('a bad reason is taken', [
    ['if (!checked.ok) refused =', 'if (!checked.ok && payload === undefined) refused ='],
  ]),
  intervention('the account is not notified of the end', [["  await reportToParent('closed');\n", '']]),
  intervention('start arguments are not checked', [
    [' && isCurrent()) refuseWrongStart(input);', ' && isCurrent() && input === null) refuseWrongStart(input);'],
  ]),
  intervention('any workflow id is taken', [['  if (workflowId !== id)\n', '  if (workflowId === null)\n']]),
  intervention('broken carried state is taken', [
    ['return checkedCarried.ok ? null : checkedCarried.problem;', 'return checkedCarried === null ? id : null;'],
  ]),
];
