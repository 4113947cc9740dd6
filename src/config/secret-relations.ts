import { isLoopback } from '@plumbline/primitives/hosts';
import { REDACTED } from '../redaction/redacted.js';
import { hasSecretInAddress, type UnplacedProblem } from './config-problems.js';
import { showValue } from './issues.js';

// What holds for every part of the file that names secrets and addresses.

export type Fields = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

/**
 * Refuses to send a secret over a network without encryption, where others can read it. Loopback is not a network. The
 * address of a private name, such as a service in Docker Compose, counts as one, because only the user knows who can
 * see its traffic.
 */
export function checkPlainHttp(fields: Fields, name: string, secrets: readonly string[], at: Path): UnplacedProblem[] {
  const sent = secrets.find((secret) => `${secret}_env` in fields || `${secret}_file` in fields);
  return sent === undefined ? [] : refusePlainHttp(fields, name, sent, at);
}

/** As `checkPlainHttp`, for a secret that is sent in any case. */
export function refusePlainHttp(fields: Fields, name: string, sent: string, at: Path): UnplacedProblem[] {
  const value = fields[name];
  if (fields['allow_plain_http'] === true || typeof value !== 'string' || !URL.canParse(value)) return [];
  const { protocol, hostname } = new URL(value);
  if (protocol !== 'http:' || isLoopback(hostname)) return [];
  return [
    {
      at: [...at, name],
      value: hasSecretInAddress(value) ? REDACTED : showValue(value),
      message: `the ${sent} would go to ${hostname} unencrypted (http://), so others on the network could read it`,
      remedy: 'use https://, or set allow_plain_http: true next to it if only you can see the traffic between the two',
    },
  ];
}

/** Refuses a secret with both a variable and a file. */
export function checkSources(fields: Fields, names: readonly string[], at: Path): UnplacedProblem[] {
  return names
    .filter((name) => fields[`${name}_env`] !== undefined && fields[`${name}_file`] !== undefined)
    .map((name) => ({
      at: [...at, `${name}_file`],
      value: null,
      message: `both ${name}_env and ${name}_file are given`,
      remedy: 'keep one of the two',
    }));
}

/** Refuses an address that contains a secret. The value is not shown. */
export function checkAddress(fields: Fields, name: string, at: Path): UnplacedProblem[] {
  const value = fields[name];
  if (typeof value !== 'string' || !hasSecretInAddress(value)) return [];
  return [
    {
      at: [...at, name],
      value: REDACTED,
      message: 'the address contains a user name, a password or a token',
      remedy:
        name === 'url' || name === 'otlp_url'
          ? 'remove it and name a bearer token with token_env or token_file'
          : "remove it; the exchange's credentials go into api_key_env and the related fields",
    },
  ];
}
