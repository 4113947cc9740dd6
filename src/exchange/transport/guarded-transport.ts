import { limitOfIssue } from '../../config/limit-issues.js';
import { inTurns } from '../../runtime/turns.js';
import { utf8Text } from '../../runtime/utf8.js';
import { FailureError, type FailureKind } from '../../domain/failure/failure.js';
import { JsonTextError } from '../../domain/text/json-reader.js';
import { LIMITS, TooLargeError } from '../../domain/limits/limits.js';
import { Deadline } from '../../net/deadline.js';
import { httpCall, readUpTo, type HttpAnswer } from '../../net/http-client.js';
import { version } from '../../runtime/version.js';
import type { Ban, Bans } from './bans.js';
import { callContext, type ExchangeCallContext } from './call-context.js';
import { ANY_PATH, isQuestionOf, nameOf, type Endpoint } from './endpoint.js';
import { ExchangeFailure, kindOfCcxtError, kindOfStatus, retryAfterMs, saysBan } from './error-kinds.js';
import { exactJson, type ExactJson } from '../../domain/text/exact-json.js';
import type { CcxtExchange } from './ccxt-exchange.js';
import { refusedUntil, remedyOf } from './refusal-texts.js';
import { limitOf, LONGEST_BAN_MS, type RequestLimits } from './request-limits.js';
import { checkShape } from './shape-check.js';
import type { SecretMask } from './secret-mask.js';
import { endedBy } from './until-aborted.js';
import { causeOf, firstIssue, mergedHeaders, secretsOf, type HttpRequest } from './wire-texts.js';

export interface TransportRules {
  /** Called with the headers of every answer, which may report our use of the limit. */
  onHeaders: (headers: Headers) => void;
  /** Called when a request was not answered before its deadline. */
  onTimeout: () => void;
  /** Deadline of one request, from the first byte sent to the last byte received. */
  deadlineMs: number;
  /** Maximum size of the answer's body after decompression. */
  maxBytes: number;
  bans: Bans;
  /** Identity of this account's key in the bans; null for requests without an account (markets). */
  key: string | null;
  /** Whether a refusal for too many requests stops the key or the address. */
  limits: RequestLimits;
  /** Kinds of the exchange's own error codes. They override ccxt's reading. */
  codes: Readonly<Record<string, FailureKind>>;
  /** The exchange's own error code in a document; null where it holds none. */
  codeOf: (document: ExactJson) => string | null;
  /** The wait in a header of the exchange's own, milliseconds. */
  retryAfterMs: (headers: Headers) => number | null;
  mask: SecretMask;
  nowMs: () => number;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** The parts of a failure that may be known besides what went wrong. */
interface Reported {
  status?: number;
  text?: string;
  code?: string | null;
  waitMs?: number | null;
  remedy?: string;
}

/**
 * Replaces the instance's `fetch`. ccxt reads a 200 with an empty, cut or foreign body as an empty list, and has no deadline
 * for a stalled body. Here every answer is complete, JSON, and of its endpoint's shape, or the call throws ExchangeFailure.
 * Numbers reach ccxt as text.
 */
export function guardTransport(exchange: CcxtExchange, rules: TransportRules): void {
  exchange.fetch = async (url, method, headers, body) => {
    const context = callContext.getStore();
    if (context === undefined) throw new Error(`a request to ${new URL(url).pathname} outside of any call`);
    const weight = context.weights.shift() ?? 0;
    try {
      return await new Exchanging(
        exchange,
        rules,
        context,
        { url, method, headers: headers ?? {}, body },
        weight,
      ).run();
    } catch (error) {
      if (error instanceof FailureError) context.failures.push(error);
      throw error;
    } finally {
      context.lanes.shift()?.();
    }
  };
}

/** One exchange of messages: a request and its answer. */
class Exchanging {
  private readonly endpoint: Endpoint<unknown>;

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly rules: TransportRules,
    private readonly context: ExchangeCallContext,
    private readonly request: HttpRequest,
    private readonly weight: number,
  ) {
    this.endpoint = this.allowedEndpoint();
  }

  /** Sends the request, and reports it however it ends. */
  async run(): Promise<ExactJson> {
    const startedAt = this.rules.nowMs();
    let failure: FailureKind | null = null;
    try {
      return await this.ask();
    } catch (error) {
      failure = error instanceof FailureError ? error.failure.kind : 'bug';
      throw error;
    } finally {
      this.context.onCall?.({
        question: nameOf(this.endpoint),
        scope: this.endpoint.scope ?? null,
        weight: this.weight,
        startedAt,
        endedAt: this.rules.nowMs(),
        failure,
      });
    }
  }

  private async ask(): Promise<ExactJson> {
    this.refuseIfBanned();
    this.context.onProgress?.(nameOf(this.endpoint));
    const answer = await this.exchangeBytes();
    this.rules.onHeaders(answer.headers);
    const date = Date.parse(answer.headers.get('date') ?? '');
    this.context.answeredAt = Number.isNaN(date) ? null : date;
    const document = await this.parse(answer);
    this.checkRefusal(answer, document);
    const value = await this.checkShape(answer, document);
    this.context.answers.push(value);
    return document;
  }

  /** Only the requests of the profile leave the process. */
  private allowedEndpoint(): Endpoint<unknown> {
    const { url, method, body } = this.request;
    const { pathname } = new URL(url);
    const endpoint = this.context.allowed.find((allowed) => isQuestionOf(allowed, method, pathname, body ?? ''));
    if (endpoint?.path === ANY_PATH) return { ...endpoint, method: method === 'POST' ? 'POST' : 'GET', path: pathname };
    if (endpoint !== undefined) return endpoint;
    throw new ExchangeFailure({
      kind: 'bug',
      message: `${method} ${pathname} was not sent: the profile of ${this.exchange.id} does not ask it`,
      where: `${method} ${pathname}`,
      retryAfterMs: null,
    });
  }

  private refuseIfBanned(): void {
    const ban = this.rules.bans.met(this.rules.key);
    if (ban !== null) throw this.refusal(`was not sent: ${this.untilOf(ban)}`, ban);
  }

  private async exchangeBytes(): Promise<Answer> {
    const { signal } = this.context;
    const deadline = new Deadline(this.rules.deadlineMs, signal);
    let phase = 'before the answer began';
    try {
      const answer = await httpCall(this.request.url, {
        method: this.endpoint.method,
        headers: mergedHeaders({ 'User-Agent': `plumbline/${version}` }, this.exchange.headers, this.request.headers),
        body: this.request.body ?? null,
        signal: deadline.signal,
      });
      phase = `after the headers of HTTP ${answer.status}`;
      return { status: answer.status, headers: answer.headers, text: await this.readBody(answer) };
    } catch (error) {
      if (error instanceof FailureError) throw error;
      if (deadline.hasPassed) {
        this.rules.onTimeout();
        throw this.failure('timeout', `did not end within ${this.rules.deadlineMs / 1000} s; it stopped ${phase}`);
      }
      if (signal?.aborted === true) throw this.failure('timeout', `${endedBy(signal)} ${phase}`);
      throw this.failure('network', `broke off ${phase}: ${causeOf(error)}`);
    } finally {
      deadline.end();
    }
  }

  private async readBody({ status, body }: HttpAnswer): Promise<string> {
    const { bytes, isWhole } = await readUpTo(body, this.rules.maxBytes);
    if (!isWhole) {
      throw this.failure('too_large', `answered more than ${this.rules.maxBytes} bytes`, {
        status,
        remedy: LIMITS.exchangeBytes.remedy,
      });
    }
    const text = utf8Text(bytes);
    if (text === null) throw this.failure('unreadable', 'answered bytes that are not UTF-8', { status });
    return text;
  }

  /** The document; null for an error answer, which need not be JSON. */
  private async parse(answer: Answer): Promise<ExactJson> {
    const type = answer.headers.get('content-type') ?? '';
    let why = '';
    if (answer.text.trim() === '') why = 'an empty body';
    else if (/html|xml/i.test(type)) why = `${type} where JSON is owed`;
    else {
      try {
        return await inTurns(exactJson(answer.text));
      } catch (error) {
        if (error instanceof TooLargeError && answer.status === 200) throw this.tooLarge(error, answer);
        why = isDuplicate(error) ? `a body with ${error.message}` : 'a body that is not one whole JSON document';
      }
    }
    if (answer.status !== 200) return null;
    throw this.failure('unreadable', `answered ${why}`, answer);
  }

  /** A refusal, by status or, also in a 200, by document. */
  private checkRefusal(answer: Answer, document: ExactJson): void {
    const { status, headers, text } = answer;
    const code = document === null ? null : this.rules.codeOf(document);
    let kind: FailureKind | null = null;
    try {
      this.exchange.handleErrors(
        status,
        '',
        this.request.url,
        this.request.method,
        Object.fromEntries(headers),
        text,
        document ?? undefined,
        this.request.headers,
        this.request.body,
      );
    } catch (error) {
      kind = kindOfCcxtError(error) ?? 'unreadable';
    }
    kind = this.kindOf(status, code, kind, text);
    if (kind === null) return;
    const reportedMs = retryAfterMs(headers, text, this.rules.nowMs()) ?? this.rules.retryAfterMs(headers);
    if (kind === 'rate_limited') throw this.limited(answer, code, reportedMs);
    const waitMs = reportedMs === null ? null : Math.min(reportedMs, LONGEST_BAN_MS);
    throw this.failure(kind, 'was refused', { ...answer, code, waitMs });
  }

  /** Records the ban for the key or the address, and describes it. */
  private limited(answer: Answer, code: string | null, reportedMs: number | null): ExchangeFailure {
    const { bans, key, limits } = this.rules;
    const { status, text } = answer;
    const signed = key !== null && secretsOf(this.request).length > 0;
    const limit = limitOf(limits, { status, code, signed, reportedMs, saysBan: saysBan(text) });
    const { stops, waitMs, disbelievedMs } = limit;
    if (waitMs === null || waitMs === 0) {
      return this.failure('rate_limited', `was refused: too many requests of this ${stops}`, {
        ...answer,
        code,
        waitMs,
      });
    }
    if (stops === 'key' && key !== null) bans.banKey(key, waitMs);
    else bans.banAddress(waitMs);
    const ban: Ban = { stops, remainingMs: waitMs };
    return this.refusal(`was refused: ${this.untilOf(ban, disbelievedMs)}`, ban, { ...answer, code });
  }

  private untilOf(ban: Ban, disbelievedMs: number | null = null): string {
    return refusedUntil(this.exchange.id, ban, this.rules.nowMs(), disbelievedMs);
  }

  private refusal(what: string, ban: Ban, reported: Reported = {}): ExchangeFailure {
    const remedy = remedyOf(this.exchange.id, ban, this.rules.nowMs());
    return this.failure('rate_limited', what, { ...reported, waitMs: ban.remainingMs, remedy });
  }

  /** The exchange's own code decides first, then a clear status, then ccxt's reading; null where nothing is wrong. */
  private kindOf(status: number, code: string | null, ccxtKind: FailureKind | null, text: string): FailureKind | null {
    const known = code === null || !Object.hasOwn(this.rules.codes, code) ? undefined : this.rules.codes[code];
    if (known !== undefined) return known;
    // ccxt maps 429 to different errors on different exchanges, and searches a failing server's body for order errors.
    if (status === 429 || status === 418 || (status >= 500 && ccxtKind !== 'maintenance')) return kindOfStatus(status);
    // Some gateways refuse a banned address like a forbidden one.
    if (status === 403 && /too (?:frequent|many)/i.test(text)) return 'rate_limited';
    return ccxtKind ?? (status === 200 ? null : kindOfStatus(status));
  }

  private async checkShape(answer: Answer, document: ExactJson): Promise<unknown> {
    const parsed = await inTurns(checkShape(this.endpoint.shape, document));
    if (parsed.ok) return parsed.value;
    const limit = parsed.issues.map(limitOfIssue).find((name) => name !== null);
    const what = `answered another shape than expected (${firstIssue(parsed.issues)})`;
    if (limit === undefined) throw this.failure('unreadable', what, answer);
    throw this.failure('too_large', what, { ...answer, remedy: LIMITS[limit].remedy });
  }

  private tooLarge(error: TooLargeError, answer: Answer): ExchangeFailure {
    return this.failure('too_large', `answered a body that is too large: ${error.message}`, {
      ...answer,
      remedy: error.remedy,
    });
  }

  private failure(kind: FailureKind, what: string, reported: Reported = {}): ExchangeFailure {
    const status = reported.status === undefined ? '' : `, HTTP ${reported.status}`;
    const body = reported.text === undefined || reported.text === '' ? '' : `: ${this.beginning(reported.text)}`;
    return new ExchangeFailure(
      {
        kind,
        message: this.rules.mask.text(`${this.exchange.id} ${nameOf(this.endpoint)} ${what}${status}`) + body,
        where: nameOf(this.endpoint),
        retryAfterMs: reported.waitMs ?? null,
        ...(reported.remedy === undefined ? {} : { remedy: reported.remedy }),
      },
      reported.code ?? null,
      reported.status ?? null,
    );
  }

  /** The first 200 characters of a body. Masked before the cut, so no half of a secret remains. */
  private beginning(text: string): string {
    const masked = this.rules.mask.text(text.slice(0, 20_000), secretsOf(this.request));
    const line = masked.replaceAll(/\s+/g, ' ').trim();
    return line.length <= 200 ? line : `${line.slice(0, 200)}...`;
  }
}

function isDuplicate(error: unknown): error is JsonTextError {
  return error instanceof JsonTextError && error.fault === 'duplicate';
}
