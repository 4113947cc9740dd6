import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import { LIMITS } from '../domain/limits/limits.js';
import { policyProblem, printable, shown } from '../domain/policy/policy-limits.js';
import type { Policy } from '../domain/policy/policy.js';
import type {
  AcknowledgeRequest,
  ForceRunRequest,
  PauseRequest,
  ReconfigureRequest,
  SnoozeRequest,
  StopRequest,
} from './messages.js';
import { UnreadablePayload } from './payload-converter.js';

export { policyProblem } from '../domain/policy/policy-limits.js';

// One validator per message. Each is pure and synchronous, accepts any value, and never throws. The client runs them before
// it sends a message, the workflows before they act on it.

/** A valid message, or why it is refused, one line. */
export type Checked<T> = { ok: true; value: T } | { ok: false; problem: string };

/** The sender of a message without a name, as the Web UI may send it. */
export const UNKNOWN_PERSON = 'unknown (Web UI)';

const MAX_NAME = LIMITS.messageName.value;
const MAX_TEXT = LIMITS.messageText.value;
/** ccxt's ids are lower-case letters and digits; a search attribute shows them. */
const EXCHANGE_ID = /^[\w.-]{1,100}$/;
/** A snooze ends within a year. A person who needs longer acknowledges the intervention. */
const MAX_SNOOZE_MS = 366 * 24 * 60 * 60 * 1000;
const MAX_REASONS = LIMITS.reasons.value;

export function checkPause(payload: unknown): Checked<PauseRequest> {
  return withFields(payload, ['by', 'reason'], (fields) => {
    const by = nameOr(fields['by'], UNKNOWN_PERSON);
    if (!by.ok) return by;
    const reason = textOr(fields['reason'], 'reason', 'no reason given');
    return reason.ok ? taken({ by: by.value, reason: reason.value }) : reason;
  });
}

/** Checks `resume`, `forceRun`, `runNow` and `retrySetAside`, which have only a sender. */
export function checkBy(payload: unknown): Checked<ForceRunRequest> {
  return withFields(payload, ['by'], ({ by }) => {
    const name = nameOr(by, UNKNOWN_PERSON);
    return name.ok ? taken({ by: name.value }) : name;
  });
}

/** Checks `stop`. It ends the checks of the account, so the sender must give a name. */
export function checkStop(payload: unknown): Checked<StopRequest> {
  return withFields(payload, ['by'], ({ by }) => {
    const name = required(by, 'by', 'who stops it');
    return name.ok ? taken({ by: name.value }) : name;
  });
}

export function checkReconfigure(payload: unknown): Checked<ReconfigureRequest> {
  return withFields(payload, ['by', 'exchange', 'policy'], (fields) => {
    const by = nameOr(fields['by'], UNKNOWN_PERSON);
    if (!by.ok) return by;
    const problem = exchangeProblem(fields['exchange']) ?? policyProblem(fields['policy']);
    if (problem !== null) return refused(problem);
    return taken({ by: by.value, exchange: fields['exchange'] as string, policy: fields['policy'] as Policy });
  });
}

export function checkAcknowledge(payload: unknown): Checked<AcknowledgeRequest> {
  return withFields(payload, ['by', 'note'], (fields) => {
    const by = required(fields['by'], 'by', 'who acknowledges');
    if (!by.ok) return by;
    const note = required(fields['note'], 'note', 'what was found and done', MAX_TEXT);
    return note.ok ? taken({ by: by.value, note: note.value }) : note;
  });
}

/** @param nowMs the workflow's or the client's clock; null if the time was checked before */
export function checkSnooze(payload: unknown, nowMs: number | null): Checked<SnoozeRequest> {
  return withFields(payload, ['by', 'until', 'note'], (fields) => {
    const by = required(fields['by'], 'by', 'who snoozes');
    if (!by.ok) return by;
    const note = required(fields['note'], 'note', 'why it can wait', MAX_TEXT);
    if (!note.ok) return note;
    const until = timeOf(fields['until']);
    if (until === null) return refused(`until is ${shown(fields['until'])}; it must be a time (ISO 8601)`);
    const text = new Date(until).toISOString();
    if (nowMs !== null && until <= nowMs) return refused(`until (${text}) is not in the future`);
    if (nowMs !== null && until > nowMs + MAX_SNOOZE_MS) return refused(`until (${text}) is over a year ahead`);
    return taken({ by: by.value, note: note.value, until: text });
  });
}

export function checkReason(payload: unknown): Checked<InterventionReason> {
  return withFields(payload, ['action', 'text', 'at'], (fields) => {
    const action = required(fields['action'], 'action', 'what it is about');
    if (!action.ok) return action;
    const text = required(fields['text'], 'text', 'what happened', MAX_TEXT);
    if (!text.ok) return text;
    const at = timeOf(fields['at']);
    if (at === null) return refused(`at is ${shown(fields['at'])}; it must be a time (ISO 8601)`);
    return taken({ action: action.value, text: text.value, at: new Date(at).toISOString() });
  });
}

/** Shortens a reason of Plumbline's own until `checkReason` accepts it, because it may quote an exchange's text. */
export function boundedReason({ action, text, at }: InterventionReason): InterventionReason {
  return { action: cut(action, MAX_NAME), text: cut(text, MAX_TEXT), at };
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

export function checkInterventionStart(payload: unknown): Checked<{
  account: string;
  exchange: string;
  reminderMinutes: number[];
  reasons: InterventionReason[];
}> {
  return withFields(payload, ['account', 'exchange', 'reminderMinutes', 'reasons', 'carried', 'again'], (fields) => {
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
  const by = isObject(payload) ? nameOr(payload['by'], UNKNOWN_PERSON) : null;
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

type Fields = Readonly<Record<string, unknown>>;

/** A missing payload and null count as an object without fields. */
function withFields<T>(payload: unknown, names: readonly string[], check: (fields: Fields) => Checked<T>): Checked<T> {
  if (payload instanceof UnreadablePayload) return refused(`the payload cannot be read: ${payload.problem}`);
  const fields = payload ?? {};
  if (!isObject(fields)) {
    return refused(`the payload is ${shown(payload)}; it must be an object with ${names.join(', ')}`);
  }
  // Temporal writes an accepted update into the history in full, so unknown fields of any size must not get in.
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    return refused(`the payload has the unknown field ${shown(unknown)}; it takes ${names.join(', ')}`);
  }
  return check(fields);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOr(value: unknown, otherwise: string): Checked<string> {
  return value === undefined || value === null ? taken(otherwise) : textOr(value, 'by', otherwise, MAX_NAME);
}

function required(value: unknown, name: string, what: string, max = MAX_NAME): Checked<string> {
  const text = textOr(value, name, '', max);
  return text.ok && text.value === '' ? refused(`say ${what} (${name})`) : text;
}

/** The text without invisible characters, or `otherwise` if nothing is left. */
function textOr(value: unknown, name: string, otherwise: string, max = MAX_TEXT): Checked<string> {
  if (value === undefined || value === null) return taken(otherwise);
  if (typeof value !== 'string') return refused(`${name} is ${shown(value)}; it must be a text`);
  if (value.length > max) return refused(`${name} has ${value.length} characters; at most ${max} are taken`);
  const text = printable(value).trim();
  return taken(text === '' ? otherwise : text);
}

/** The end of the year 9999, milliseconds. */
const LAST_MS = 253_402_300_799_999;

/** The time in milliseconds; null if the value is no ISO 8601 time of the years 1970 to 9999. */
function timeOf(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) || value.length > 40) return null;
  const ms = Date.parse(value);
  return Number.isFinite(ms) && ms >= 0 && ms <= LAST_MS ? ms : null;
}

function taken<T>(value: T): Checked<T> {
  return { ok: true, value };
}

function refused(problem: string): { ok: false; problem: string } {
  return { ok: false, problem };
}
