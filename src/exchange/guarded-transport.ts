import type { z } from 'zod';
import { FailureError, type FailureKind } from '../domain/failure.js';
import { version } from '../version.js';
import type { Bans } from './bans.js';
import { callContext, type CallContext } from './call-context.js';
import { ANY_PATH, isQuestionOf, nameOf, type Endpoint } from './endpoint.js';
import { ExchangeFailure, kindOfCcxtError, kindOfStatus, retryAfterMs } from './error-kinds.js';
import { parseExactJson, type ExactJson } from './exact-json.js';
import type { CcxtExchange } from './load-ccxt.js';
import type { SecretMask } from './secret-mask.js';

export interface TransportRules {
  /** Takes note of what an answer says of our use of the exchange. */
  onHeaders: (headers: Headers) => void;
  /** For one request, from the first byte sent to the last byte received. */
  deadlineMs: number;
  /** Of the answer's body after decompression. */
  maxBytes: number;
  bans: Bans;
  /** What this account's requests can be banned by. */
  banNames: { address: string; key: string };
  /** Whether a refusal for too many requests is meant for the key alone; else it holds for all keys of the address. */
  bansKeyOnly: (status: number, code: string | null) => boolean;
  /** Kinds of the exchange's own error codes, stronger than what ccxt makes of them. */
  codes: Readonly<Record<string, FailureKind>>;
  /** The exchange's own error code in a document; null where it holds none. */
  codeOf: (document: ExactJson) => string | null;
  /** A wait in the exchange's own way, milliseconds. */
  retryAfterMs: (headers: Headers) => number | null;
  mask: SecretMask;
  nowMs: () => number;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

type RequestHeaders = Record<string, string>;

/**
 * Replaces the instance's way to the network. ccxt takes a 200 with an empty, cut or foreign body for "nothing there"
 * and has no deadline for a body that stalls; here every answer is whole, JSON, and of the shape its endpoint owes, or
 * the call ends in an ExchangeFailure. Numbers reach ccxt as text.
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

interface Request {
  url: string;
  method: string;
  headers: RequestHeaders;
  body: string | undefined;
}

/** One request and its answer. */
class Exchanging {
  private readonly endpoint: Endpoint<unknown>;

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly rules: TransportRules,
    private readonly context: CallContext,
    private readonly request: Request,
    private readonly weight: number,
  ) {
    this.endpoint = this.allowedEndpoint();
  }

  /** Asks, and tells of it however it ended. */
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
    const document = this.parse(answer);
    this.checkRefusal(answer, document);
    const { value } = this.checkShape(answer, document);
    this.context.answers.push(value);
    return document;
  }

  /** Nothing but the questions of the profile leaves the process. */
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
    const waitMs = this.rules.bans.remainingMs(Object.values(this.rules.banNames));
    if (waitMs === 0) return;
    throw this.failure('rate_limited', `was not sent: the exchange banned this key or address`, { waitMs });
  }

  private async exchangeBytes(): Promise<Answer> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.rules.deadlineMs);
    const { signal } = this.context;
    let phase = 'before the answer began';
    try {
      const response = await fetch(this.request.url, {
        method: this.request.method,
        headers: { 'User-Agent': `plumbline/${version}`, ...this.exchange.headers, ...this.request.headers },
        body: this.request.body ?? null,
        redirect: 'manual',
        signal: signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal]),
      });
      phase = `after the headers of HTTP ${response.status}`;
      return { status: response.status, headers: response.headers, text: await this.readBody(response) };
    } catch (error) {
      if (error instanceof FailureError) throw error;
      if (deadline.signal.aborted) {
        throw this.failure('timeout', `did not end within ${this.rules.deadlineMs / 1000} s; it stopped ${phase}`);
      }
      if (signal?.aborted === true) throw this.failure('timeout', `was given up by its caller ${phase}`);
      throw this.failure('network', `broke off ${phase}: ${causeOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  private async readBody(response: Response): Promise<string> {
    if (response.body === null) return '';
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > this.rules.maxBytes) {
        throw this.failure('unreadable', `answered more than ${this.rules.maxBytes} bytes`, {
          status: response.status,
        });
      }
      chunks.push(chunk);
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    } catch {
      throw this.failure('unreadable', 'answered bytes that are not UTF-8', { status: response.status });
    }
  }

  /** The document; null where the answer is an error anyway and so may be no JSON. */
  private parse(answer: Answer): ExactJson {
    const type = answer.headers.get('content-type') ?? '';
    let why = '';
    if (answer.text.trim() === '') why = 'an empty body';
    else if (/html|xml/i.test(type)) why = `${type} where JSON is owed`;
    else {
      try {
        return parseExactJson(answer.text);
      } catch {
        why = 'a body that is not one whole JSON document';
      }
    }
    if (answer.status !== 200) return null;
    throw this.failure('unreadable', `answered ${why}`, answer);
  }

  /** The exchange says no, by status or (also in a 200) by document. */
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
    const waitMs = retryAfterMs(headers, text, this.rules.nowMs()) ?? this.rules.retryAfterMs(headers);
    if (kind === 'rate_limited' && waitMs !== null) {
      const { address, key } = this.rules.banNames;
      this.rules.bans.impose(this.rules.bansKeyOnly(status, code) ? key : address, waitMs);
    }
    throw this.failure(kind, 'was refused', { ...answer, code, waitMs });
  }

  /** The exchange's own code first, then a status that is plain, then ccxt's reading; null where nothing is wrong. */
  private kindOf(status: number, code: string | null, ccxtKind: FailureKind | null, text: string): FailureKind | null {
    const known = code === null ? undefined : this.rules.codes[code];
    if (known !== undefined) return known;
    // ccxt gives 429 different names on different exchanges, and reads a failing server's body for words of orders.
    if (status === 429 || status === 418 || (status >= 500 && ccxtKind !== 'maintenance')) return kindOfStatus(status);
    // Some gateways refuse a banned address like a forbidden one.
    if (status === 403 && /too (?:frequent|many)/i.test(text)) return 'rate_limited';
    return ccxtKind ?? (status === 200 ? null : kindOfStatus(status));
  }

  private checkShape(answer: Answer, document: ExactJson): { value: unknown } {
    const parsed = this.endpoint.shape.safeParse(document);
    if (parsed.success) return { value: parsed.data };
    throw this.failure('unreadable', `answered another shape than it owes (${firstIssue(parsed.error)})`, answer);
  }

  private failure(
    kind: FailureKind,
    what: string,
    told: { status?: number; text?: string; code?: string | null; waitMs?: number | null } = {},
  ): ExchangeFailure {
    const status = told.status === undefined ? '' : `, HTTP ${told.status}`;
    const body = told.text === undefined || told.text === '' ? '' : `: ${this.beginning(told.text)}`;
    return new ExchangeFailure(
      {
        kind,
        message: this.rules.mask.text(`${this.exchange.id} ${nameOf(this.endpoint)} ${what}${status}`) + body,
        where: nameOf(this.endpoint),
        retryAfterMs: told.waitMs ?? null,
      },
      told.code ?? null,
      told.status ?? null,
    );
  }

  /** The first 200 characters of a body, masked before they are cut so that no half secret is left at the cut. */
  private beginning(text: string): string {
    const masked = this.rules.mask.text(text.slice(0, 20_000), secretsOf(this.request));
    const line = masked.replaceAll(/\s+/g, ' ').trim();
    return line.length <= 200 ? line : `${line.slice(0, 200)}...`;
  }
}

/** What a request carries that its answer may echo: signatures and keys in query, body and headers. */
function secretsOf(request: Request): string[] {
  const secrets: string[] = [];
  const sensitive = /key|sign|pass|auth|token|secret|cookie/i;
  for (const [name, value] of Object.entries(request.headers)) if (sensitive.test(name)) secrets.push(value);
  for (const query of [new URL(request.url).search, request.body ?? '']) {
    for (const [name, value] of new URLSearchParams(query)) if (sensitive.test(name)) secrets.push(value);
  }
  return secrets;
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'unknown';
  return `${issue.path.length === 0 ? 'the whole answer' : issue.path.join('.')}: ${issue.message}`;
}

/** The innermost cause that undici names: "ECONNRESET", "other side closed". */
function causeOf(error: unknown): string {
  let deepest = error;
  while (isObject(deepest) && isObject(deepest['cause'])) deepest = deepest['cause'];
  if (!isObject(deepest)) return String(deepest);
  const { code, message } = deepest;
  return [code, message].filter((part) => typeof part === 'string' && part !== '').join(' ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
