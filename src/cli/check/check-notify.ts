import type { AccountConfig, PlumblineConfig, SecretSource } from '../../config/config.js';
import { usesChannel } from '../../domain/policy/policy-channels.js';
import { secretSetting } from '../../notify/channel-parts.js';
import { heartbeatUrl } from '../../notify/heartbeat.js';
import type { Redactor } from '../../redaction/redactor.js';
import { reportOf } from '../context/errors.js';
import { count } from '../terminal/count.js';
import type { CheckState } from './check-answer.js';

/** Whether people can be reached: one channel, or the dead man's switch of one account. */
export interface NotifyCheck {
  /** "channel chat", "heartbeat of main". */
  name: string;
  kind: string;
  state: CheckState;
  text: string;
  remedy: string | null;
}

interface Secrets {
  /** Reads a secret's value; throws FailureError (configuration) if it is missing. */
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
}

/**
 * Checks the channels and heartbeats of these accounts: settings and secrets. Sends nothing, because a ping would tell a dead
 * man's switch that the account was checked. Never throws.
 */
export function checkNotify(
  config: PlumblineConfig,
  accounts: readonly AccountConfig[],
  secrets: Secrets,
): NotifyCheck[] {
  const channels = config.notify.channels.map((channel) => {
    const users = accounts.filter(({ policy }) => usesChannel(policy, channel.name)).length;
    return checkChannel(channel, users, secrets);
  });
  return [...channels, ...checkHeartbeats(accounts, secrets)];
}

type AnyChannel = PlumblineConfig['notify']['channels'][number];

function checkChannel(channel: AnyChannel, users: number, { resolveSecret }: Secrets): NotifyCheck {
  const base = { name: `channel ${channel.name}`, kind: channel.kind };
  const named: [string, SecretSource][] = Object.entries(channel.secrets);
  try {
    for (const [secret, source] of named) {
      resolveSecret(source, secretSetting<string>({ name: channel.name, secrets: channel.secrets }, secret));
    }
  } catch (error) {
    return { ...base, ...failed(error) };
  }
  const set = named.length === 0 ? 'needs no secret' : `${count(named.length, 'secret')} set`;
  if (users > 0) return { ...base, state: 'ok', text: `${channel.kind}: ${set}`, remedy: null };
  return {
    ...base,
    state: 'note',
    text: `${channel.kind}: ${set}; no account that is checked here uses it`,
    remedy: 'name it in escalation or notify of an account, or remove it',
  };
}

function checkHeartbeats(accounts: readonly AccountConfig[], secrets: Secrets): NotifyCheck[] {
  const owners = new Map<string, string>();
  return accounts.flatMap(({ name, heartbeat }): NotifyCheck[] => {
    if (heartbeat === undefined) return [];
    const base = { name: `heartbeat of ${name}`, kind: heartbeat.kind };
    try {
      const { href, host } = heartbeatUrl(name, heartbeat, 'verdict', secrets);
      const owner = owners.get(href);
      owners.set(href, owner ?? name);
      if (owner === undefined) return [{ ...base, state: 'ok', text: `${heartbeat.kind}: at ${host}`, remedy: null }];
      return [
        {
          ...base,
          state: 'warning',
          text: `${heartbeat.kind}: the same address as ${owner}: while one of the two is checked, nobody notices that the other is not`,
          remedy: 'give each account its own check: write {account} into the address, or set heartbeat of the account',
        },
      ];
    } catch (error) {
      return [{ ...base, ...failed(error) }];
    }
  });
}

function failed(error: unknown): Pick<NotifyCheck, 'state' | 'text' | 'remedy'> {
  const { kind, message, remedy } = reportOf(error);
  return { state: 'failed', text: `${kind}: ${message}`, remedy };
}
