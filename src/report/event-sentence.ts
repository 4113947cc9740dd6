import type { LedgerEvent } from '../ledger/contract/ledger.js';

/**
 * What an event says, as one sentence for people. Takes payloads of any form, because events of earlier versions and altered
 * ones are shown, too: a field that is missing or has another type is left out.
 */
export function eventSentence({ type, payload, runNumber: run }: SentEvent): string {
  const said = new Said(payload);
  switch (type) {
    case 'RECONCILIATION_COMPLETED':
      return `${runName(run)} ${said.text('outcome') ?? 'completed'}${list([
        counted(said.number('discrepancies'), 'discrepancy', 'discrepancies'),
        counted(said.number('opened'), 'new', 'new'),
        counted(said.number('resolved'), 'resolved', 'resolved'),
        counted(said.size('unsettled'), 'not confirmed', 'not confirmed'),
      ])}${said.requestedBy()}`;
    case 'RECONCILIATION_FAILED':
      return `${runName(run)} failed${said.streak()}: ${said.text('kind') ?? 'unknown'}: ${said.text('reason') ?? 'no reason given'}`;
    case 'RECONCILIATION_PAUSED':
      return `Paused by ${said.by()}${said.after('reason')}`;
    case 'RECONCILIATION_RESUMED':
      return `Resumed by ${said.by()}`;
    case 'RECONCILIATION_STOPPED':
      return `Stopped by ${said.by()}: it is no longer reconciled`;
    case 'RECONCILIATION_CANCELLED':
      return `The workflow was cancelled in Temporal: it is no longer reconciled`;
    case 'MANUAL_INTERVENTION':
      return manualIntervention(said);
    case 'DISCREPANCY_RESOLVED':
      return said.text('by') === null
        ? `Resolved: ${said.what()}`
        : `Closed by ${said.by()}: ${said.what()}${said.note()}`;
    case 'DISCREPANCY_ACCEPTED':
      return `${said.by()} accepted ${said.what()} until ${said.time('until')}${said.note()}`;
    case 'ACCEPTANCE_ENDED':
      return `No longer accepted (${(said.text('why') ?? 'it ended').replaceAll('_', ' ')}): ${said.what()}`;
    case 'MANUAL_REVIEW_ACKNOWLEDGED':
      return `${said.by()} acknowledged the call${said.note()}`;
    case 'INTERVENTION_SNOOZED':
      return `${said.by()} snoozed the call until ${said.time('until')}${said.note()}`;
    case 'NOTIFICATION_DELIVERED':
      return `Message "${said.text('occasion') ?? 'call'}" delivered on ${said.text('channel') ?? 'a channel'}`;
    case 'NOTIFICATION_FAILED':
      return `Message "${said.text('occasion') ?? 'call'}" not delivered on ${said.text('channel') ?? 'a channel'}${said.after('message', 'error', 'reason')}`;
    case 'KEY_PERMISSIONS_CHANGED':
      return `The key ${said.choice('can_trade', 'can trade', 'cannot trade')}, ${said.choice('can_withdraw', 'can withdraw', 'cannot withdraw')}, and is ${said.choice('ip_restricted', 'bound to addresses', 'not bound to addresses')}`;
    case 'ACCOUNT_REGISTERED':
      return `Registered by ${said.by()} for ${said.text('exchange') ?? 'an exchange'}`;
    case 'POLICY_CHANGED':
      return `Policy changed by ${said.by()}${said.changedFields()}`;
    case 'ACCOUNT_REPAIRED':
      return `Repaired by ${said.by()}${said.after('found')}`;
    case 'REQUEST_REFUSED':
      return `A request (${said.text('message') ?? 'unknown'}) from ${said.by()} was refused${said.after('reason')}`;
    default:
      return type;
  }
}

type SentEvent = Pick<LedgerEvent, 'type' | 'payload' | 'runNumber'>;

function manualIntervention(said: Said): string {
  const calls = said.flag('intervene') === false ? 'Recorded' : 'A human is needed';
  switch (said.text('action') ?? '') {
    case 'RECONCILIATION_FAILURE_THRESHOLD':
      return `${calls}: ${counted(said.number('consecutive_failures'), 'run', 'runs') ?? 'runs'} in a row failed`;
    case 'UNSETTLED':
      return `${calls}: ${said.text('symbol') ?? 'a value'} was not confirmed in ${counted(said.number('runs_in_a_row'), 'run', 'runs') ?? 'several runs'} in a row${said.after('reason')}`;
    case 'NOT_COMPARED':
      return `${calls}: ${said.text('symbol') ?? said.text('scope') ?? 'a part'} is not compared any more${said.after('reason')}`;
    default:
      return `${calls}: ${said.what()}`;
  }
}

function runName(run: number | null): string {
  return run === null ? 'A run' : `Run ${run}`;
}

function counted(count: number | null, one: string, many: string): string | null {
  return count === null || count === 0 ? null : `${count} ${count === 1 ? one : many}`;
}

function list(parts: readonly (string | null)[]): string {
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? '' : `: ${said.join(', ')}`;
}

const MAX_FIELDS = 6;

/** The fields of a payload, each only in the type that it should have. */
class Said {
  constructor(private readonly payload: Readonly<Record<string, unknown>>) {}

  text(name: string): string | null {
    const value = this.payload[name];
    return typeof value === 'string' && value.trim() !== '' ? value : null;
  }

  number(name: string): number | null {
    const value = this.payload[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  }

  flag(name: string): boolean | null {
    const value = this.payload[name];
    return typeof value === 'boolean' ? value : null;
  }

  size(name: string): number | null {
    const value = this.payload[name];
    return Array.isArray(value) ? value.length : null;
  }

  choice(name: string, yes: string, no: string): string {
    const value = this.flag(name);
    return value === null ? `perhaps ${yes}` : value ? yes : no;
  }

  /** Who did it, and how it came. */
  by(): string {
    const by = this.text('by') ?? 'unknown';
    const [via, channel] = [this.text('via'), this.text('channel')];
    if (via === null) return by;
    return channel === null ? `${by} (${via})` : `${by} (${via}, ${channel})`;
  }

  requestedBy(): string {
    const by = this.payload['requested_by'];
    const names = Array.isArray(by) ? by.filter((name) => typeof name === 'string') : [];
    return names.length === 0 ? '' : `, requested by ${names.slice(0, 3).join(', ')}`;
  }

  /** What differs. */
  what(): string {
    const described = this.text('story') ?? this.text('description');
    if (described !== null) return described;
    return [this.text('type') ?? this.text('action'), this.text('symbol')].filter((part) => part !== null).join(' ');
  }

  note(): string {
    return this.after('note');
  }

  /** The first of these fields that is there, after a colon. */
  after(...names: readonly string[]): string {
    for (const name of names) {
      const text = this.text(name);
      if (text !== null) return `: ${text}`;
    }
    return '';
  }

  time(name: string): string {
    return (
      this.text(name)
        ?.replace(/:\d\d(\.\d+)?Z$/, 'Z')
        .replace('T', ' ') ?? 'an unknown time'
    );
  }

  streak(): string {
    const [failures, threshold] = [this.number('consecutive_failures'), this.number('threshold')];
    if (failures === null) return '';
    return threshold === null ? ` (${failures} in a row)` : ` (${failures} in a row, a call at ${threshold})`;
  }

  changedFields(): string {
    const names = changedNames(this.payload['before'], this.payload['after']);
    const more = names.length - MAX_FIELDS;
    return list([...names.slice(0, MAX_FIELDS), more > 0 ? `and ${more} more` : null]);
  }
}

function changedNames(before: unknown, after: unknown): string[] {
  const flat = { ...settingsOf(before) };
  const now = settingsOf(after);
  return [...new Set([...Object.keys(flat), ...Object.keys(now)])].filter(
    (name) => JSON.stringify(flat[name]) !== JSON.stringify(now[name]),
  );
}

/** Exchange, activity and the fields of the policy, by name. */
function settingsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {};
  const { policy, ...others } = value as Record<string, unknown>;
  return { ...others, ...(typeof policy === 'object' && policy !== null ? policy : {}) };
}
