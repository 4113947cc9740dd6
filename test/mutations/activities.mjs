// Rules of the activities: whose request it is, how long a read is tried, what may leave the worker.
import { mutant } from '../support/mutant.mjs';

const ATTEMPT = 'src/activities/run-attempt.ts';
const OWN = 'src/activities/own-account.ts';
const ACTIVITIES = 'src/activities/activities.ts';
const INTERVENTIONS = 'src/activities/interventions.ts';
const BOUNDED = 'src/domain/lifecycle/bounded.ts';
const JUDGE = 'src/activities/judge.ts';
const INSPECTIONS = 'src/activities/inspections.ts';
const OBSERVATION = 'src/activities/observation.ts';

const attempt = mutant(ATTEMPT, 'test/activities/run-attempt');
const own = mutant(OWN, 'test/activities/own-account');
const intervention = mutant(INTERVENTIONS, 'test/activities/run-attempt');
const bounded = mutant(BOUNDED, 'test/domain/bounded');
const observation = mutant(OBSERVATION, 'test/activities/observation');
const judge = mutant(JUDGE, 'test/activities/judge');

export const MUTANTS = [
  own('a request for any account is taken', [
    [
      'if ([reconciliationWorkflowId(account), interventionWorkflowId(account)].includes(workflowId)) return;',
      'if (workflowId !== account) return;',
    ],
  ]),
  own('a request for a longer name is taken', [
    [
      '[reconciliationWorkflowId(account), interventionWorkflowId(account)].includes(workflowId)',
      '[reconciliationWorkflowId(account), interventionWorkflowId(account)].some((id) => workflowId.startsWith(id))',
    ],
  ]),
  mutant(ATTEMPT, 'test/activities/own-account')('an attempt does not look whose request it is', [
    ['  const startedAt = deps.now();\n  refuseForeign(account, deps.redact);\n', '  const startedAt = deps.now();\n'],
  ]),
  mutant(ATTEMPT, 'test/activities/own-account')('a notification does not look whose request it is', [
    ['Promise<T> {\n  refuseForeign(account, redact);\n', 'Promise<T> {\n  void account;\n'],
  ]),
  attempt('a failed read is tried again without end', [
    ['isRetryable(failure.kind) && spent + delay <= retryBudgetMs;', 'isRetryable(failure.kind);'],
  ]),
  attempt('what earlier attempts took is not counted', [
    [
      'currentAttemptScheduledTimestampMs - scheduledTimestampMs + attemptMs;',
      'attemptMs;\n  void currentAttemptScheduledTimestampMs;\n  void scheduledTimestampMs;',
    ],
  ]),
  attempt('what this attempt took is not counted', [
    [
      'currentAttemptScheduledTimestampMs - scheduledTimestampMs + attemptMs;',
      'currentAttemptScheduledTimestampMs - scheduledTimestampMs;',
    ],
  ]),
  attempt('the wait that the exchange asks for is not kept', [
    ['Math.max(backoff, failure.retryAfterMs ?? 0);', 'backoff;'],
  ]),
  attempt('what cannot help is tried again', [['isRetryable(failure.kind) && spent', 'spent']]),
  attempt('the wait does not grow', [['Math.min(1000 * 2 ** (count - 1), 30_000);', '1000 + 0 * count;']]),
  attempt('the wait grows without a bound', [
    ['Math.min(1000 * 2 ** (count - 1), 30_000);', '1000 * 2 ** (count - 1);'],
  ]),
  attempt('the message of a failure is not redacted', [['      message: redact(message),\n', '      message,\n']]),
  attempt('the remedy of a failure is not redacted', [['      remedy: redact(remedy),\n', '      remedy,\n']]),
  attempt('the place of a failure is not redacted', [['where: where === null ? null : redact(where),', 'where,']]),
  attempt('what is thrown otherwise is not redacted', [['    message: redact(text),\n', '    message: text,\n']]),
  attempt('a failure has texts of any length', [
    ['return boundedFailure({\n      ...error.failure,', 'return ({\n      ...error.failure,'],
  ]),
  attempt('a sign of life does not count the pause', [['Math.ceil(pauseSeconds) + SIGN_SECONDS', 'SIGN_SECONDS']]),
  attempt('a sign of life that fails fails the read', [['.catch(() => undefined);\n}', ';\n}']]),
  attempt('no sign of life is given before a wait', [
    ['    if (isRead) void showSign(deps.ledger, account, Number(failure.nextRetryDelay ?? 0) / 1000);\n', ''],
  ]),
  mutant(ATTEMPT, 'test/activities/guarded')('a notification that fails reports its secrets', [
    ['message: cut(redact(text), MAX_ERROR_LENGTH),', 'message: cut(text, MAX_ERROR_LENGTH),'],
  ]),
  mutant(ACTIVITIES, 'test/activities/run-attempt')('somebody who has acknowledged is called again', [
    ['if (acknowledgedBy === null) await deps.notify(request);', 'await deps.notify(request);'],
  ]),
  mutant(ACTIVITIES, 'test/activities/run-attempt')('nobody is called while the ledger is away', [
    [
      'ledger.acknowledgedBy(request.interventionId).catch(() => null);',
      'ledger.acknowledgedBy(request.interventionId);',
    ],
  ]),
  intervention('an intervention that is served is started again', [
    [
      'open === null || (await isServed(account)) ? null :',
      'open === null || (await isServed(account)) === null ? null :',
    ],
  ]),
  intervention('an intervention is called lost where nobody can tell', [
    [
      'open === null || (await isServed(account)) ? null :',
      'open === null || (await isServed(account).catch(() => false)) ? null :',
    ],
  ]),
  intervention('an intervention that a restored ledger does not know stays unknown', [
    [
      "error.failure.kind === 'ledger' && error.failure.where === interventionId",
      "error.failure.kind === 'bug' && error.failure.where === interventionId",
    ],
  ]),
  bounded('a message has any length', [['message: cut(failure.message, MAX_MESSAGE),', 'message: failure.message,']]),
  bounded('a place has any length', [
    ['where: failure.where === null ? null : cut(failure.where, MAX_REMEDY),', 'where: failure.where,'],
  ]),
  bounded('a remedy has any length', [['remedy: cut(failure.remedy, MAX_REMEDY),', 'remedy: failure.remedy,']]),
  bounded('a call has any length', [['text: cut(text, MAX_MESSAGE) })', 'text })']]),
  bounded('a call has an action of any length', [
    ['({ action: cut(action, LIMITS.messageName.value), text', '({ action, text'],
  ]),
  bounded('a run describes any number of discrepancies', [
    ['      .slice(0, MAX_DESCRIBED)\n      .map((each) =>', '      .map((each) =>'],
  ]),
  bounded('a run describes any number of calls', [
    ['      .slice(0, MAX_DESCRIBED)\n      .map(({ action', '      .map(({ action'],
  ]),
  bounded('any number of scopes is named', [
    ['scopes.slice(0, MAX_SCOPES + 1).map(', 'scopes.slice(0).map('],
    ['if (scopes.length <= MAX_SCOPES) return listed;', 'if (scopes.length >= 0) return listed;'],
  ]),
  bounded('a scope has any length', [
    ['.map((scope) => cut(scope, MAX_REMEDY));', '.map((scope) => cut(scope, 1e9));'],
  ]),
  bounded('scopes that are bounded twice are counted twice', [
    ['  if (scopes.length === MAX_SCOPES + 1 && /^and', '  if (scopes.length === -1 && /^and'],
  ]),
  bounded('a lost intervention has any number of reasons', [
    ['open.reasons.slice(-LIMITS.reasons.value).map(', 'open.reasons.map('],
  ]),
  bounded('a lost intervention keeps its oldest reasons', [
    ['open.reasons.slice(-LIMITS.reasons.value)', 'open.reasons.slice(0, LIMITS.reasons.value)'],
  ]),
  bounded('a pause that the ledger reports has a reason of any length', [
    ['reason: cut(paused.reason, LIMITS.messageText.value),', 'reason: paused.reason,'],
  ]),
  bounded('an account is given an intervention of any size', [
    [
      'openIntervention: openIntervention === null ? null : boundedIntervention(openIntervention),',
      'openIntervention,',
    ],
  ]),
  bounded('a summary has any number of bytes', [
    ['return cutToBytes(visible(text), LIMITS.summaryBytes.value);', 'return cutToBytes(visible(text), 1e9);'],
  ]),
  bounded('a summary is cut by characters', [
    ['bytes += utf8Bytes(character.codePointAt(0) ?? 0);', 'bytes += utf8Bytes(0x20 * Number(character !== null));'],
  ]),
  bounded('a summary keeps control characters', [['cutToBytes(visible(text),', 'cutToBytes(visible("") + text,']]),
  bounded('a text ends in half a character', [[".replace(/[\\uD800-\\uDBFF]$/, '')}…`;", '}…`;']]),
  judge('frozen state is believed', [
    [
      'if (stoodStillSeconds <= maxInternalAgeSeconds) continue;',
      'if (stoodStillSeconds <= 1e9 * maxInternalAgeSeconds) continue;',
    ],
  ]),
  judge('state that stands still for as long as it may is frozen', [
    [
      'if (stoodStillSeconds <= maxInternalAgeSeconds) continue;',
      'if (stoodStillSeconds < maxInternalAgeSeconds) continue;',
    ],
  ]),
  judge('a verdict that must be explained is given without', [
    [
      'if (explain === null && (missing.length > 0 || affected !== null))',
      'if (explain === null && missing.length > 1e9)',
    ],
  ]),
  observation('a retry reads again what is stored', [
    ['activityInfo().attempt === 1 ? []', 'activityInfo().attempt > 0 ? []'],
  ]),
  observation('a read may take for ever', [['    for (const reject of late) reject();\n', '']]),
  observation('a read that may be tried again outweighs one that no retry helps', [
    ['if (final >= 0) return errors[final];', 'if (final < 0) return errors[final];'],
  ]),
  observation('the next attempt waits only as long as the exchange asks for', [
    ['Math.max(first.retryAfterMs ?? 0, second.retryAfterMs ?? 0)', 'first.retryAfterMs ?? 0'],
  ]),
  observation('a failed read hides that the other side was read', [
    ['    await storing.catch(() => undefined);\n', '    throw decisive(errors);\n'],
    ['  const storing = ledger', '  const storing = errors.length > 0 ? Promise.resolve() : ledger'],
  ]),
  mutant(INSPECTIONS, 'test/activities/inspections')('a key is asked about in every run', [
    ['    if (now() < due) return;\n', ''],
  ]),
];
