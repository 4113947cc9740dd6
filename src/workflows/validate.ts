import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import { marksOf, type InterventionCall, type InterventionReason } from '../domain/lifecycle/intervention.js';
import { LIMITS } from '../domain/limits/limits.js';
import { callRulesProblem, policyProblem, printable, shown } from '../domain/policy/policy-limits.js';
import type { Policy } from '../domain/policy/policy.js';
import { SEVERITIES } from '../domain/policy/severity.js';
import { WAYS, type ActRequest, type ActWay, type Way } from '../domain/lifecycle/way.js';
import {
  MAX_NAME,
  MAX_TEXT,
  nameOr,
  refused,
  required,
  taken,
  textOr,
  timeOf,
  withFields,
  type Checked,
  type Fields,
} from './checked-fields.js';
import { isLink, type InterventionRules } from './intervention-rules.js';
import type {
  AcknowledgeRequest,
  ForceRunRequest,
  PauseRequest,
  ReconfigureRequest,
  SnoozeRequest,
  StopRequest,
} from './messages.js';
import { isMap } from '../domain/text/is-map.js';

export { policyProblem } from '../domain/policy/policy-limits.js';
export type { Checked } from './checked-fields.js';

// One validator per message. Each is pure and synchronous, accepts any value, and never throws. The client runs them before
// it sends a message, the workflows before they act on it.

/** The sender of a message without a name, as the Web UI may send it. */
export const UNKNOWN_PERSON = 'unknown (Web UI)';

/** ccxt's ids are lower-case letters and digits; a search attribute shows them. */
const EXCHANGE_ID = /^[\w.-]{1,100}$/;
const HOUR_MS = 3_600_000;
/** How much the clocks of sender and server may differ. */
const SLACK_MS = 60_000;
/** A snooze ends within a year. A person who needs longer acknowledges the intervention. */
const MAX_SNOOZE_MS = 366 * 24 * 60 * 60 * 1000;
const MAX_REASONS = LIMITS.reasons.value;

export function checkPause(payload: unknown): Checked<PauseRequest> {
  return withFields(payload, ['by', 'reason', ...WAY_FIELDS], (fields) => {
    const by = nameOr(fields['by'], UNKNOWN_PERSON);
    if (!by.ok) return by;
    const reason = textOr(fields['reason'], 'reason', 'no reason given');
    if (!reason.ok) return reason;
    const way = wayOf(fields);
    return way.ok ? taken({ by: by.value, reason: reason.value, ...way.value }) : way;
  });
}

/** Checks `resume`, `forceRun`, `runNow` and `retrySetAside`, which have only a sender. */
export function checkBy(payload: unknown): Checked<ForceRunRequest> {
  return withFields(payload, ['by', ...WAY_FIELDS], (fields) => {
    const name = nameOr(fields['by'], UNKNOWN_PERSON);
    if (!name.ok) return name;
    const way = wayOf(fields);
    return way.ok ? taken({ by: name.value, ...way.value }) : way;
  });
}

/** Checks `stop`. It ends the checks of the account, so the sender must give a name. */
export function checkStop(payload: unknown): Checked<StopRequest> {
  return withFields(payload, ['by', ...WAY_FIELDS], (fields) => {
    const name = required(fields['by'], 'by', 'who stops it');
    if (!name.ok) return name;
    const way = wayOf(fields);
    return way.ok ? taken({ by: name.value, ...way.value }) : way;
  });
}

export function checkReconfigure(payload: unknown): Checked<ReconfigureRequest> {
  return withFields(payload, ['by', 'exchange', 'policy', ...WAY_FIELDS], (fields) => {
    const by = nameOr(fields['by'], UNKNOWN_PERSON);
    if (!by.ok) return by;
    const problem = exchangeProblem(fields['exchange']) ?? policyProblem(fields['policy']);
    if (problem !== null) return refused(problem);
    const way = wayOf(fields);
    if (!way.ok) return way;
    const rules = { exchange: fields['exchange'] as string, policy: fields['policy'] as Policy };
    return taken({ by: by.value, ...rules, ...way.value });
  });
}

export function checkAcknowledge(payload: unknown): Checked<AcknowledgeRequest> {
  return withFields(payload, ['by', 'note', ...REQUEST_FIELDS], (fields) => {
    const by = required(fields['by'], 'by', 'who acknowledges');
    if (!by.ok) return by;
    const note = required(fields['note'], 'note', 'what was found and done', MAX_TEXT);
    if (!note.ok) return note;
    const request = requestOf(fields);
    return request.ok ? taken({ by: by.value, note: note.value, ...request.value }) : request;
  });
}

/**
 * @param nowMs the workflow's or the client's clock; null if the time was checked before
 * @param maxHours how far ahead it may end by the policy; absent if the policy is unknown
 */
export function checkSnooze(payload: unknown, nowMs: number | null, maxHours?: number): Checked<SnoozeRequest> {
  return withFields(payload, ['by', 'until', 'note', ...REQUEST_FIELDS], (fields) => {
    const by = required(fields['by'], 'by', 'who snoozes');
    if (!by.ok) return by;
    const note = required(fields['note'], 'note', 'why it can wait', MAX_TEXT);
    if (!note.ok) return note;
    const until = timeOf(fields['until']);
    if (until === null) return refused(`until is ${shown(fields['until'])}; it must be a time (ISO 8601)`);
    const text = new Date(until).toISOString();
    if (nowMs !== null && until <= nowMs) return refused(`until (${text}) is not in the future`);
    if (nowMs !== null && until > nowMs + MAX_SNOOZE_MS) return refused(`until (${text}) is over a year ahead`);
    if (nowMs !== null && maxHours !== undefined && until > nowMs + maxHours * HOUR_MS + SLACK_MS) {
      return refused(
        `until (${text}) is over ${maxHours} hours ahead, the most that the policy allows (snooze_max_hours)`,
      );
    }
    const request = requestOf(fields);
    return request.ok ? taken({ by: by.value, note: note.value, until: text, ...request.value }) : request;
  });
}

/** The fields of `ActWay`, and of `ActRequest`. */
const WAY_FIELDS = ['via', 'channel'];
const REQUEST_FIELDS = [...WAY_FIELDS, 'requestId'];

/** The way of an act. A message without one was sent directly through Temporal. */
function wayOf({ via, channel }: Fields): Checked<ActWay> {
  if (via !== undefined && !(WAYS as readonly unknown[]).includes(via)) {
    return refused(`via is ${shown(via)}; it must be one of ${WAYS.join(', ')}`);
  }
  const way = (via ?? 'temporal') as Way;
  if (channel === undefined) return taken({ via: way });
  const name = required(channel, 'channel', 'which channel it came from');
  return name.ok ? taken({ via: way, channel: name.value }) : name;
}

function requestOf(fields: Fields): Checked<ActRequest> {
  const way = wayOf(fields);
  if (!way.ok || fields['requestId'] === undefined) return way;
  const id = required(fields['requestId'], 'requestId', 'which request it is');
  return id.ok ? taken({ ...way.value, requestId: id.value }) : id;
}

export function checkReason(payload: unknown): Checked<InterventionReason> {
  return withFields(payload, ['action', 'text', 'at', 'severity', 'closesGate', 'sharedCause'], (fields) => {
    const action = required(fields['action'], 'action', 'what it is about');
    if (!action.ok) return action;
    const text = required(fields['text'], 'text', 'what happened', MAX_TEXT);
    if (!text.ok) return text;
    const at = timeOf(fields['at']);
    if (at === null) return refused(`at is ${shown(fields['at'])}; it must be a time (ISO 8601)`);
    const marks = checkMarks(fields);
    if (!marks.ok) return marks;
    return taken({ action: action.value, text: text.value, at: new Date(at).toISOString(), ...marks.value });
  });
}

/** Checks the optional fields of a reason. Null counts as absent. */
function checkMarks(fields: Fields): Checked<Omit<InterventionCall, 'action' | 'text'>> {
  const severity = fields['severity'] ?? undefined;
  const closesGate = fields['closesGate'] ?? undefined;
  const known = SEVERITIES.find((each) => each === severity);
  if (severity !== undefined && known === undefined) {
    return refused(`severity is ${shown(severity)}; it must be ${SEVERITIES.join(' or ')}`);
  }
  if (closesGate !== undefined && typeof closesGate !== 'boolean') {
    return refused(`closesGate is ${shown(closesGate)}; it must be true or false`);
  }
  const cause = textOr(fields['sharedCause'], 'sharedCause', '', MAX_NAME);
  if (!cause.ok) return cause;
  return taken({
    ...(known !== undefined && { severity: known }),
    ...(closesGate !== undefined && { closesGate }),
    ...(cause.value !== '' && { sharedCause: cause.value }),
  });
}

/** Shortens a reason of Plumbline's own until `checkReason` accepts it, because it may quote an exchange's text. */
export function boundedReason(reason: InterventionReason): InterventionReason {
  const { sharedCause } = reason;
  return {
    action: cut(reason.action, MAX_NAME),
    text: cut(reason.text, MAX_TEXT),
    at: reason.at,
    ...marksOf(reason),
    ...(sharedCause !== undefined && { sharedCause: cut(sharedCause, MAX_NAME) }),
  };
}

function cut(text: string, max: number): string {
  const line = printable(text).trim();
  return line.length <= max ? line || '-' : `${line.slice(0, max - 1)}…`;
}

/** Checks the start arguments of the reconciliation workflow, except what continue-as-new carries. */
export function checkStart(payload: unknown): Checked<{ account: string; exchange: string; policy: Policy }> {
  return withFields(payload, ['account', 'exchange', 'policy', 'carried'], (fields) => {
    const problem =
      accountProblem(fields['account']) ?? exchangeProblem(fields['exchange']) ?? policyProblem(fields['policy']);
    if (problem !== null) return refused(problem);
    return taken({
      account: fields['account'] as string,
      exchange: fields['exchange'] as string,
      policy: fields['policy'] as Policy,
    });
  });
}

/** The fields of a policy that an intervention has. */
const RULE_FIELDS = ['escalation', 'notifyChannels', 'quietHours', 'reminderMinutes'];

export function checkInterventionRules(payload: unknown): Checked<InterventionRules> {
  const names = [...RULE_FIELDS, 'snoozeMaxHours', 'link'];
  return withFields(payload, names, (fields) => {
    const { snoozeMaxHours, link } = fields;
    const problem =
      callRulesProblem(fields) ??
      (snoozeMaxHours === undefined ? 'snoozeMaxHours is missing' : null) ??
      (link === undefined || isLink(link) ? null : `link is ${shown(link)}; it must be an http:// or https:// address`);
    return problem === null ? taken(fields as unknown as InterventionRules) : refused(problem);
  });
}

export function checkStanding(payload: unknown): Checked<{ standing: boolean }> {
  return withFields(payload, ['standing'], ({ standing }) =>
    typeof standing === 'boolean'
      ? taken({ standing })
      : refused(`standing is ${shown(standing)}; it must be true or false`),
  );
}

export function checkInterventionStart(payload: unknown): Checked<{
  account: string;
  exchange: string;
  reminderMinutes: number[];
  reasons: InterventionReason[];
}> {
  const names = ['account', 'exchange', 'reminderMinutes', 'reasons', 'rules', 'carried', 'again'];
  return withFields(payload, names, (fields) => {
    const { account, exchange, reminderMinutes: minutes, reasons } = fields;
    const problem = accountProblem(account) ?? exchangeProblem(exchange);
    if (problem !== null) return refused(problem);
    const areMinutes = Array.isArray(minutes) && minutes.length > 0 && minutes.length <= 1_000;
    if (!areMinutes || !minutes.every((each) => Number.isInteger(each) && each >= 1 && each <= 10_080)) {
      return refused(`reminderMinutes is ${shown(minutes)}; it must list whole numbers from 1 to 10080`);
    }
    if (!Array.isArray(reasons) || reasons.length === 0 || reasons.length > MAX_REASONS) {
      return refused(`reasons is ${shown(reasons)}; it must list 1 to ${MAX_REASONS} reasons`);
    }
    const rules = fields['rules'] === undefined ? null : checkInterventionRules(fields['rules']);
    if (rules?.ok === false) return rules;
    const checked = reasons.map(checkReason);
    const bad = checked.find((each) => !each.ok);
    if (bad !== undefined && !bad.ok) return bad;
    return taken({
      account: account as string,
      exchange: exchange as string,
      reminderMinutes: minutes as number[],
      reasons: checked.flatMap((each) => (each.ok ? each.value : [])),
    });
  });
}

/** Checks the carried state of an intervention that is restarted from the ledger. */
export function checkCarriedIntervention(payload: unknown): Checked<{
  interventionId: string;
  openedAt: string;
  notifiedTimes: number;
  snoozedUntil: string | null;
}> {
  const names = ['interventionId', 'openedAt', 'notifiedTimes', 'snoozedUntil'];
  return withFields(payload, names, ({ interventionId, openedAt, notifiedTimes, snoozedUntil }) => {
    const id = required(interventionId, 'interventionId', 'which intervention it is');
    if (!id.ok) return id;
    if (timeOf(openedAt) === null) return refused(`openedAt is ${shown(openedAt)}; it must be a time (ISO 8601)`);
    if (!Number.isInteger(notifiedTimes) || (notifiedTimes as number) < 0) {
      return refused(`notifiedTimes is ${shown(notifiedTimes)}; it must be a whole number`);
    }
    if (snoozedUntil !== null && timeOf(snoozedUntil) === null) {
      return refused(`snoozedUntil is ${shown(snoozedUntil)}; it must be a time (ISO 8601) or null`);
    }
    return taken({
      interventionId: id.value,
      openedAt: openedAt as string,
      notifiedTimes: notifiedTimes as number,
      snoozedUntil: snoozedUntil as string | null,
    });
  });
}

/** Why an update has the wrong number of payloads; null if it has at most one. */
export function payloadsProblem(payloads: readonly unknown[]): string | null {
  return payloads.length <= 1 ? null : `it takes one payload, and ${payloads.length} came`;
}

/** The sender of a message, even if the rest of it is invalid. */
export function senderOf(payload: unknown): string {
  const by = isMap(payload) ? nameOr(payload['by'], UNKNOWN_PERSON) : null;
  return by?.ok === true ? by.value : UNKNOWN_PERSON;
}

function accountProblem(account: unknown): string | null {
  if (typeof account === 'string' && ACCOUNT_NAME.test(account)) return null;
  return `account is ${shown(account)}; it must be a name of a-z, 0-9, _ and -`;
}

function exchangeProblem(exchange: unknown): string | null {
  if (typeof exchange === 'string' && EXCHANGE_ID.test(exchange)) return null;
  return `exchange is ${shown(exchange)}; it must be an exchange id`;
}
