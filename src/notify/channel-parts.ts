import { isLoopback } from '@plumbline/primitives/hosts';
import type { SecretSource } from '../config/config.js';
import { FailureError } from '../domain/failure/failure.js';
import type { Redactor } from '../redaction/redactor.js';
import { channelFailure } from './channel-failure.js';

/** The worker's log: receives the lines of the channel `log`, and problems outside of a message. */
export interface ChannelLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/** What every channel is made from. */
export interface ChannelParts {
  /** `resolveSecret` of the configuration. */
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
  log: ChannelLog;
  now: () => number;
  /** The environment of the programs of kind `command`: `commandEnvironment` of the configuration. */
  commandEnvironment: Readonly<Record<string, string | undefined>>;
}

/** The part of a channel's configuration that names its secrets. */
export interface NamesSecrets<Name extends string> {
  name: string;
  secrets: Partial<Record<Name, SecretSource>>;
}

/** The path of a setting in the configuration: `notify.channels.chat.token_env`. */
export function settingOf(channel: string, field: string): string {
  return `notify.channels.${channel}.${field}`;
}

/** The field that names a secret of the channel: `notify.channels.chat.token_file`. */
export function secretSetting<Name extends string>({ name, secrets }: NamesSecrets<Name>, secret: Name): string {
  const source = secrets[secret];
  return settingOf(name, `${secret}_${source !== undefined && 'file' in source ? 'file' : 'env'}`);
}

/**
 * Reads a secret and adds it to the redactor. Secrets are read for each message, so that a renewed file is used at once, and a
 * missing secret fails the message and not the worker.
 *
 * @throws FailureError `configuration`, side `channel`
 */
export function readSecret<Name extends string>(
  config: NamesSecrets<Name>,
  secret: Name,
  { resolveSecret, redactor }: Pick<ChannelParts, 'resolveSecret' | 'redactor'>,
): string {
  const where = secretSetting(config, secret);
  const source = config.secrets[secret];
  if (source === undefined) {
    throw channelFailure('configuration', `${where} is not set`, `set ${where} to the name of a variable`, { where });
  }
  try {
    const value = resolveSecret(source, where);
    redactor.add(value);
    return value;
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    throw new FailureError({ ...error.failure, side: 'channel' });
  }
}

/**
 * As `readSecret`, for a secret that is sent in a header.
 *
 * @throws FailureError `configuration` if no header can carry it
 */
export function readHeaderSecret<Name extends string>(
  config: NamesSecrets<Name>,
  secret: Name,
  parts: Pick<ChannelParts, 'resolveSecret' | 'redactor'>,
): string {
  const value = readSecret(config, secret, parts);
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  const where = secretSetting(config, secret);
  throw channelFailure(
    'configuration',
    `the value that ${where} names contains spaces or characters that no header can carry`,
    'check the variable or file that holds it',
    { where },
  );
}

/** Parts of an address's path of at least this length may be a secret on their own. */
const SHORTEST_SECRET_PART = 12;

/**
 * Reads an address that is itself a secret, such as that of an incoming webhook. Its long parts are also redacted on their own,
 * because services quote them.
 *
 * @throws FailureError `configuration` if it is no address, or not encrypted
 */
export function readSecretAddress<Name extends string>(
  config: NamesSecrets<Name> & { settings: { allowPlainHttp: boolean } },
  secret: Name,
  parts: Pick<ChannelParts, 'resolveSecret' | 'redactor'>,
): URL {
  const text = readSecret(config, secret, parts).trim();
  const where = secretSetting(config, secret);
  const refuse = (message: string, remedy: string): FailureError =>
    channelFailure('configuration', `the value that ${where} names ${message}`, remedy, { where });
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw refuse('is not an http:// or https:// address', 'copy the whole address from the service');
  }
  const url = new URL(text);
  for (const part of [url.href, `${url.pathname}${url.search}`, ...url.pathname.split('/')]) {
    if (part.length >= SHORTEST_SECRET_PART) parts.redactor.add(part);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !config.settings.allowPlainHttp) {
    throw refuse(
      `is not encrypted (http://), so others on the network to ${url.hostname} could read it`,
      'use https://, or set allow_plain_http: true next to it if only you can see the traffic between the two',
    );
  }
  return url;
}
