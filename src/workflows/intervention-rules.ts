import { DEFAULT_SNOOZE_MAX_HOURS } from '../domain/policy/ladder-limits.js';
import type { Policy } from '../domain/policy/policy.js';

/** The part of an account's policy that an open intervention needs. A change reaches the intervention as a signal. */
export interface InterventionRules extends Pick<
  Policy,
  'escalation' | 'notifyChannels' | 'quietHours' | 'reminderMinutes'
> {
  /** How many hours ahead a snooze may end. */
  snoozeMaxHours: number;
  /** The account's page, for people; absent if none is configured. */
  link?: string;
}

/** Characters of the address of an account's page. */
const MAX_LINK = 2_000;

/** Whether an address can be shown as a link in Markdown, and does not end it. */
export function isLink(link: unknown): link is string {
  return typeof link === 'string' && link.length <= MAX_LINK && /^https?:\/\/[^\s()<>]+$/.test(link);
}

export function rulesOf(policy: Policy, link: string | null): InterventionRules {
  const { escalation, notifyChannels, quietHours, reminderMinutes, snoozeMaxHours } = policy;
  return {
    reminderMinutes,
    snoozeMaxHours: snoozeMaxHours ?? DEFAULT_SNOOZE_MAX_HOURS,
    ...(escalation === undefined ? {} : { escalation }),
    ...(notifyChannels === undefined ? {} : { notifyChannels }),
    ...(quietHours === undefined ? {} : { quietHours }),
    ...(link === null ? {} : { link }),
  };
}
