import { isLoopback } from '@plumbline/primitives/hosts';
import { CHANNEL_NAME, LOG_CHANNEL } from '../domain/policy/channel-name.js';
import type { Policy } from '../domain/policy/policy.js';
import { isMap } from '../domain/text/is-map.js';
import { badName } from './bad-name.js';
import { hasSecretInAddress, type UnplacedProblem } from './config-problems.js';
import { showValue } from './issues.js';
import type { ChannelKind } from './notify-schema.js';
import { REDACTED } from '../redaction/redacted.js';
import { checkPlainHttp, checkSources, type Fields, type Path } from './secret-relations.js';
import { suggest } from './suggest.js';

interface KindRules {
  /** Secrets by their names in the file, without `_env` and `_file`. */
  secrets: readonly string[];
  /** Of each group at least one must be given: as a field, by a variable, or by a file. */
  needs: readonly (readonly string[])[];
  /** Two groups of fields that exclude each other. */
  either?: readonly [readonly string[], readonly string[]];
  /** The field with the address, and the secrets that are sent to it. */
  address?: { field: string; sent: readonly string[] };
}

const RULES: Readonly<Record<ChannelKind, KindRules>> = {
  log: { secrets: [], needs: [] },
  webhook: {
    secrets: ['url', 'secret', 'token'],
    needs: [['url'], ['secret']],
    either: [['url'], byName('url')],
    // The signing secret is not sent.
    address: { field: 'url', sent: ['token'] },
  },
  slack: {
    secrets: ['url', 'token'],
    needs: [['url', 'token']],
    either: [byName('url'), byName('token')],
    address: { field: 'base_url', sent: ['token'] },
  },
  discord: { secrets: ['url'], needs: [['url']] },
  telegram: { secrets: ['token'], needs: [['token']], address: { field: 'base_url', sent: ['token'] } },
  ntfy: {
    secrets: ['topic', 'token'],
    needs: [['topic']],
    either: [['topic'], byName('topic')],
    address: { field: 'url', sent: ['topic', 'token'] },
  },
  pushover: {
    secrets: ['token', 'user'],
    needs: [['token'], ['user']],
    address: { field: 'base_url', sent: ['token', 'user'] },
  },
  pagerduty: {
    secrets: ['routing_key'],
    needs: [['routing_key']],
    address: { field: 'base_url', sent: ['routing_key'] },
  },
  opsgenie: { secrets: ['api_key'], needs: [['api_key']], address: { field: 'base_url', sent: ['api_key'] } },
  alertmanager: {
    secrets: ['password', 'token'],
    needs: [],
    either: [byName('password'), byName('token')],
    address: { field: 'url', sent: ['password', 'token'] },
  },
  email: { secrets: ['password'], needs: [] },
  command: { secrets: [], needs: [] },
  apprise: {
    secrets: ['key', 'urls'],
    needs: [['key', 'urls']],
    either: [byName('key'), byName('urls')],
    address: { field: 'url', sent: ['key', 'urls'] },
  },
};

function byName(secret: string): string[] {
  return [`${secret}_env`, `${secret}_file`];
}

/** Checks `notify` as written: names of channels, and the secrets of each kind. The schema checks single fields. */
export function checkNotify(notify: unknown): UnplacedProblem[] {
  if (!isMap(notify) || !isMap(notify['channels'])) return [];
  return Object.entries(notify['channels']).flatMap(([name, channel]) => {
    const at = ['notify', 'channels', name];
    const misnamed = CHANNEL_NAME.test(name) ? [] : [badName(name, at, 40)];
    return [...misnamed, ...(isMap(channel) ? checkChannel(name, channel, at) : [])];
  });
}

function checkChannel(name: string, channel: Fields, at: Path): UnplacedProblem[] {
  const { kind } = channel;
  if (typeof kind !== 'string' || !Object.hasOwn(RULES, kind)) return [];
  if (name === LOG_CHANNEL && kind !== 'log') {
    const message = `the name ${LOG_CHANNEL} belongs to the worker's log, which always exists`;
    return [{ at, value: 'a map', message, remedy: `rename it, for example to ${kind}` }];
  }
  if (kind === 'log' && name !== LOG_CHANNEL) {
    const message = `the worker's log is the channel ${LOG_CHANNEL}, which always exists; it reaches nobody`;
    return [{ at, value: 'a map', message, remedy: `remove it, and write ${LOG_CHANNEL} where ${name} is used` }];
  }
  const { secrets, needs, either, address } = RULES[kind as ChannelKind];
  return [
    ...checkSources(channel, secrets, at),
    ...needs.filter((names) => !isGiven(channel, names)).map((names) => missing(kind, names, at)),
    ...(either === undefined ? [] : checkEither(channel, either, at)),
    ...(address === undefined ? [] : checkChannelAddress(channel, address.field, at)),
    ...(address === undefined ? [] : checkPlainHttp(channel, address.field, address.sent, at)),
    ...(kind === 'slack' ? checkSlack(channel, at) : []),
    ...(kind === 'email' || kind === 'alertmanager' ? checkLogin(channel, at) : []),
    ...(kind === 'email' ? checkMailEncryption(channel, at) : []),
  ];
}

function isGiven(channel: Fields, names: readonly string[]): boolean {
  return names.some((name) => [name, ...byName(name)].some((field) => channel[field] !== undefined));
}

function missing(kind: string, names: readonly string[], at: Path): UnplacedProblem {
  return {
    at,
    value: 'a map',
    message: `it has no ${names.join(' and no ')}, and ${kind} needs ${names.length > 1 ? 'one of them' : 'it'}`,
    remedy: `add ${names.map((name) => `${name}_env`).join(' or ')} with the name of an environment variable`,
  };
}

function checkEither(channel: Fields, groups: readonly (readonly string[])[], at: Path): UnplacedProblem[] {
  const given = groups.flatMap((fields) => fields.find((field) => channel[field] !== undefined) ?? []);
  const [first, second] = given;
  if (first === undefined || second === undefined) return [];
  const message = `both ${first} and ${second} are given`;
  return [{ at: [...at, second], value: null, message, remedy: 'keep one of the two' }];
}

/** The value is not shown. */
function checkChannelAddress(channel: Fields, field: string, at: Path): UnplacedProblem[] {
  const value = channel[field];
  if (typeof value !== 'string' || !hasSecretInAddress(value)) return [];
  return [
    {
      at: [...at, field],
      value: REDACTED,
      message: 'the address contains a user name, a password or a token',
      remedy:
        field === 'url' && channel['kind'] === 'webhook'
          ? 'put the whole address into an environment variable and name it with url_env'
          : 'remove it; the fields that end in _env and _file name secrets',
    },
  ];
}

function checkSlack(channel: Fields, at: Path): UnplacedProblem[] {
  const isBot = isGiven(channel, ['token']);
  if (isBot === (channel['channel'] !== undefined)) return [];
  return isBot
    ? [
        {
          at,
          value: 'a map',
          message: 'it has a token and no channel',
          remedy: 'add channel: the id of the channel to which the bot writes, such as C0123456789',
        },
      ]
    : [
        {
          at: [...at, 'channel'],
          value: showValue(channel['channel']),
          message: 'an incoming webhook has its own channel, which cannot be changed',
          remedy: 'remove channel, or use a bot: token_env instead of url_env',
        },
      ];
}

/** A user name and a password belong together. */
function checkLogin(channel: Fields, at: Path): UnplacedProblem[] {
  const [named, secret] = [channel['username'] !== undefined, isGiven(channel, ['password'])];
  if (named === secret) return [];
  const [has, lacks] = named ? ['username', 'password'] : ['password', 'username'];
  return [
    {
      at,
      value: 'a map',
      message: `it has a ${has} and no ${lacks}`,
      remedy: named ? 'add password_env with the name of an environment variable' : 'add username',
    },
  ];
}

/** As `checkPlainHttp`, for the password of a mail server. */
function checkMailEncryption(channel: Fields, at: Path): UnplacedProblem[] {
  const { host } = channel;
  if (channel['tls'] !== 'none' || !isGiven(channel, ['password'])) return [];
  if (typeof host !== 'string' || isLoopback(host)) return [];
  return [
    {
      at: [...at, 'tls'],
      value: 'none',
      message: `the password would go to ${host} unencrypted, so others on the network could read it`,
      remedy: 'use tls: starttls or tls: implicit',
    },
  ];
}

/** The fields of a policy that name channels, as they are called in the file. */
export type ChannelsField = 'escalation' | 'notify';

/** The names of all channels of a configuration as written, the log included. */
export function channelNames(notify: unknown): ReadonlySet<string> {
  const channels = isMap(notify) && isMap(notify['channels']) ? Object.keys(notify['channels']) : [];
  return new Set([LOG_CHANNEL, ...channels]);
}

/** Refuses names of channels that do not exist: nobody would be called. `placeOf` returns the path of a field. */
export function checkPolicyChannels(
  policy: Pick<Policy, 'escalation' | 'notifyChannels'>,
  known: ReadonlySet<string>,
  placeOf: (field: ChannelsField) => Path,
): UnplacedProblem[] {
  const rungs = (policy.escalation ?? []).flatMap(({ channels }, rung) =>
    channels.map((name, index) => ({ name, field: 'escalation' as const, rest: [rung, 'channels', index] })),
  );
  const notified = (policy.notifyChannels ?? []).map((name, index) => ({
    name,
    field: 'notify' as const,
    rest: [index],
  }));
  return [...rungs, ...notified]
    .filter(({ name }) => !known.has(name))
    .map(({ name, field, rest }) => {
      const nearest = suggest(name, known);
      return {
        at: [...placeOf(field), ...rest],
        value: showValue(name),
        message: `there is no channel ${showValue(name)} in notify.channels`,
        remedy:
          nearest === null
            ? `add it under notify.channels, or use one of ${[...known].join(', ')}`
            : `did you mean ${nearest}?`,
      };
    });
}
