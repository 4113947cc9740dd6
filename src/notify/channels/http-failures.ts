import type { FailureError, FailureKind } from '../../domain/failure/failure.js';
import { retryAfterOf } from '../../domain/failure/retry-after.js';
import { visible } from '../../domain/text/shown-text.js';
import type { Redactor } from '../../redaction/redactor.js';
import { causesOf, errorCode, isCertificateCode, isError } from '../../runtime/error-shape.js';
import { channelFailure } from '../channel-failure.js';

// Converts answers of a service, or their absence, into failures. A kind is retryable if another attempt may succeed.

export interface StatusRule {
  kind: FailureKind;
  remedy: string;
  /** The setting that the failure is about; absent: none. */
  where?: string;
}

/** The settings that remedies name, as paths of the configuration. */
export interface Settings {
  /** What authenticates the sender. */
  secret: string;
  /** Where the message goes. */
  address: string;
}

/** The longest Retry-After that is respected: a message waits no longer than this for a channel. */
const LONGEST_WAIT_MS = 3_600_000;
/** How many characters of a service's own words are quoted. */
const EXCERPT_LENGTH = 200;

/** The rule for a status that is not a success. A kind of channel may have its own rules for some statuses. */
export function ruleOfStatus(status: number, { secret, address }: Settings): StatusRule {
  if (status >= 500) {
    if (status === 502) return { kind: 'network', remedy: 'wait; if it persists, check the proxy before the service' };
    if (status === 504) return { kind: 'timeout', remedy: 'wait; if it persists, check the proxy before the service' };
    return { kind: 'maintenance', remedy: "read the service's status page; Plumbline tries again" };
  }
  if (status >= 300 && status < 400) {
    return { kind: 'configuration', remedy: `set ${address} to the address that answers itself`, where: address };
  }
  switch (status) {
    case 401:
      return { kind: 'authentication', remedy: `check the value that ${secret} names`, where: secret };
    case 403:
      return { kind: 'permission', remedy: `check what the owner of ${secret} may do at the service`, where: secret };
    case 404:
    case 405:
    case 410:
      return { kind: 'configuration', remedy: `check ${address}`, where: address };
    case 407:
      return { kind: 'configuration', remedy: 'let the proxy pass the request' };
    case 408:
      return { kind: 'timeout', remedy: 'check the network between this machine and the service' };
    case 413:
      return {
        kind: 'too_large',
        remedy: 'this is a defect of Plumbline, because messages are bounded: report it with this message',
      };
    case 425:
      return { kind: 'maintenance', remedy: 'wait; Plumbline tries again' };
    case 429:
      return { kind: 'rate_limited', remedy: 'wait; use a channel of its own for Plumbline if others share this one' };
    default:
      return { kind: 'configuration', remedy: `check the settings next to ${address}` };
  }
}

/** The service's own words, as one redacted line. It is redacted before it is shortened, because a part of a secret is secret. */
export function excerptOf(body: string, redactor: Redactor): string {
  const line = visible(redactor.text(body).replaceAll(/\s+/g, ' ').trim());
  if (line === '') return 'an empty body';
  return line.length <= EXCERPT_LENGTH ? line : `${line.slice(0, EXCERPT_LENGTH)}...`;
}

/**
 * Milliseconds to wait before the next attempt; null if the service names no time.
 *
 * @param bodySeconds the time in the answer's body, where some services give it more exactly
 */
export function waitOf(headers: Headers, nowMs: number, bodySeconds: number | null = null): number | null {
  const asked = [retryAfterOf(headers, nowMs), bodySeconds === null ? null : Math.ceil(bodySeconds * 1000)].filter(
    (each) => each !== null,
  );
  return asked.length === 0 ? null : Math.min(Math.max(0, ...asked), LONGEST_WAIT_MS);
}

const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'check that the service runs and listens there',
  ENOTFOUND: 'check the host of the address, and the name server of this machine',
  EAI_AGAIN: 'check the name server of this machine',
};

/** Converts an error of the HTTP client. `what` is the beginning of the message: the service and the address. */
export function explainNetworkError(
  error: unknown,
  what: string,
  settings: Settings,
  redactor: Redactor,
): FailureError {
  const causes = causesOf(error);
  const code = causes.map(errorCode).find((each) => each !== null) ?? null;
  const deepest = causes.at(-1);
  const said = redactor.text(isError(deepest) ? deepest.message : String(deepest));
  const why = code === null || said.includes(code) ? said : `${code}: ${said}`;
  const options = { cause: redactor.value(error) };
  if (isCertificateCode(code)) {
    const remedy = "renew it, or add its authority to NODE_EXTRA_CA_CERTS in this process's environment";
    const where = settings.address;
    return channelFailure('configuration', `${what}: its certificate is not accepted (${why})`, remedy, {
      ...options,
      where,
    });
  }
  const remedy = BY_CODE[code ?? ''] ?? 'check the network between this machine and the service';
  return channelFailure('network', `${what}: it could not be reached (${why})`, remedy, options);
}
