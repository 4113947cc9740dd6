import type { Policy } from './policy.js';

/** Whether calls of an account with this policy can use the channel. A policy that names no channel uses all of them. */
export function usesChannel(
  { escalation, notifyChannels }: Pick<Policy, 'escalation' | 'notifyChannels'>,
  name: string,
): boolean {
  if (escalation === undefined) return true;
  return escalation.some(({ channels }) => channels.includes(name)) || (notifyChannels ?? []).includes(name);
}
