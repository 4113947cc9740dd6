import { FailureError } from '../../domain/failure/failure.js';
import { LIMITS } from '../../domain/limits/limits.js';
import { isMap } from '../../domain/text/is-map.js';
import { Deadline } from '../../net/deadline.js';
import { httpCall, readUpTo } from '../../net/http-client.js';
import { version } from '../../runtime/version.js';
import { channelFailure } from '../channel-failure.js';
import type { ChannelParts } from '../channel-parts.js';
import {
  excerptOf,
  explainNetworkError,
  ruleOfStatus,
  waitOf,
  type Settings,
  type StatusRule,
} from './http-failures.js';

/** What a channel says about its service. */
export interface Service {
  /** Its name in failures, such as "Slack". */
  name: string;
  settings: Settings;
  deadlineSeconds: number;
  /**
   * Judges an answer by the service's own rules. Null: the status decides, and 2xx is a success. Needed for services that report
   * errors in the body, even with status 200.
   */
  judge?: (answer: ServiceAnswer) => Refusal | null;
}

/** Why an answer is no success. */
export interface Refusal extends StatusRule {
  /** The time to wait, if the body names one. */
  retryAfterSeconds?: number | null;
  /** The words to quote, if not the whole text of the answer. */
  said?: string;
}

export interface ServiceRequest {
  url: URL;
  headers?: Record<string, string>;
  contentType: string;
  body: string;
  signal: AbortSignal;
}

export interface ServiceAnswer {
  status: number;
  headers: Headers;
  /** The body, up to the limit of bytes. */
  text: string;
  isWhole: boolean;
}

/**
 * Sends one POST and returns the answer if it is a success. Follows no redirect, so that secrets go to no other address. One
 * deadline covers everything from the connection to the last byte. Certificates are verified.
 *
 * Errors name the service and the origin of its address, never its path, which may be a secret.
 *
 * @throws FailureError with side `channel`; the signal's reason if the caller cancelled
 */
export async function sendTo(
  service: Service,
  request: ServiceRequest,
  { redactor, now }: Pick<ChannelParts, 'redactor' | 'now'>,
): Promise<ServiceAnswer> {
  const { signal } = request;
  signal.throwIfAborted();
  const what = `${service.name} (${request.url.origin})`;
  const deadline = new Deadline(service.deadlineSeconds * 1000, signal);
  try {
    const answer = await exchange(request, deadline.signal);
    const refusal = service.judge?.(answer) ?? usualRefusal(answer, service.settings);
    if (refusal === null) return answer;
    const said = excerptOf(refusal.said ?? answer.text, redactor);
    throw channelFailure(refusal.kind, `${what} answered HTTP ${answer.status}: ${said}`, refusal.remedy, {
      where: refusal.where ?? null,
      retryAfterMs: waitOf(answer.headers, now(), refusal.retryAfterSeconds),
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof FailureError) throw error;
    if (deadline.hasPassed) {
      throw channelFailure(
        'timeout',
        `${what} did not answer completely within ${service.deadlineSeconds} s`,
        'check the network between this machine and the service; raise deadline_seconds if the service needs longer',
      );
    }
    throw explainNetworkError(error, what, service.settings, redactor);
  } finally {
    deadline.end();
  }
}

async function exchange(request: ServiceRequest, signal: AbortSignal): Promise<ServiceAnswer> {
  const { url, contentType, body } = request;
  const headers = { 'user-agent': `plumbline/${version}`, ...request.headers, 'content-type': contentType };
  const answer = await httpCall(url, { method: 'POST', headers, body, signal });
  try {
    const { bytes, isWhole } = await readUpTo(answer.body, LIMITS.channelAnswerBytes.value);
    return { status: answer.status, headers: answer.headers, text: new TextDecoder().decode(bytes), isWhole };
  } finally {
    // Releases the connection if the body was not read to its end.
    answer.body.destroy();
  }
}

/** The address of a path below a service's root, which may have a path of its own. */
export function below(root: string, path: string): URL {
  return new URL(`${root.replace(/\/+$/, '')}${path}`);
}

function usualRefusal({ status }: ServiceAnswer, settings: Settings): Refusal | null {
  return status >= 200 && status < 300 ? null : ruleOfStatus(status, settings);
}

/** The body as a JSON map; null if it is something else. */
export function mapOf({ text, isWhole }: Pick<ServiceAnswer, 'text' | 'isWhole'>): Record<string, unknown> | null {
  if (!isWhole) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : null;
  } catch {
    return null;
  }
}

/** For a success whose body is not from the service, such as that of a proxy or a login page. Retried with the same key. */
export function notItsAnswer({ isWhole, text }: ServiceAnswer, { address }: Settings): Refusal {
  const { value, remedy } = LIMITS.channelAnswerBytes;
  return {
    kind: 'unreadable',
    remedy: isWhole ? `check ${address}: a proxy or a login page may have answered` : remedy,
    where: address,
    said: isWhole ? text : `more than ${value} bytes, which begin with ${text}`,
  };
}
