import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault, Faults, PlacedFault } from './faults.js';

const HTML_PAGE =
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>';
/** Number of pieces in which a slow answer is sent. */
const SLOW_PIECES = 20;
/** Fields that contain a time: "time", "updateTime", "serverTime", "as_of", ... */
const TIME_FIELD =
  /("(?:[A-Za-z_]*[tT]ime|ts|timestamp|as_of|T|E)":\s*)(?:(\d{13})\b|"(\d{13})"|"(\d{4}-\d\d-\d\dT[^"]+)")/g;
/** Times that lie in the future by design and do not say when the answer was made. */
const TIMELESS_FIELD = /"(?:nextFundingTime)"/;

export interface FaultHooksOptions {
  faults: Faults;
  /** Which paths faults may affect. */
  applies: (path: string) => boolean;
  /** The body with which this path's exchange refuses too many requests. */
  tooManyRequestsBody: (path: string, kind: 'rate_limit' | 'ban', retryAfterSeconds: number) => string;
}

/**
 * Injects faults into answers at the socket, where real faults occur.
 *
 * Faults that need no answer (status, empty, html, wrong JSON, rate limit, ban, refused connection) act before the
 * endpoint, which then changes nothing. The others take the endpoint's real answer and spoil its delivery.
 */
export function addFaultHooks(app: FastifyInstance, options: FaultHooksOptions): void {
  const hit = new WeakMap<FastifyRequest, PlacedFault>();
  const remembered = new Map<number, string>();

  // In preHandler the body has been read, so faults can match parameters in it.
  app.addHook('preHandler', async (request, reply) => {
    const { pathname, searchParams } = new URL(request.url, 'http://simulator');
    if (!options.applies(pathname)) return;
    const parameters = new Map([...bodyParametersOf(request.body), ...searchParams]);
    const placed = options.faults.take({ method: request.method, path: pathname, parameters });
    if (placed === null) return;
    hit.set(request, placed);
    await answerInstead(placed.fault, reply, (kind, seconds) => options.tooManyRequestsBody(pathname, kind, seconds));
  });

  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const placed = hit.get(request);
    if (placed === undefined || typeof payload !== 'string') return payload;
    return spoil(placed, payload, reply, remembered);
  });
}

/** Fields of a form, or the top level of a JSON object: some exchanges name the endpoint only there. */
function bodyParametersOf(body: unknown): [string, string][] {
  if (typeof body !== 'string') return [];
  if (!body.startsWith('{')) return [...new URLSearchParams(body)];
  try {
    return Object.entries(JSON.parse(body) as object).map(([name, value]) => [name, String(value)]);
  } catch {
    return [];
  }
}

async function answerInstead(
  fault: Fault,
  reply: FastifyReply,
  refusal: (kind: 'rate_limit' | 'ban', retryAfterSeconds: number) => string,
): Promise<void> {
  switch (fault.kind) {
    case 'status':
      await reply
        .code(fault.status)
        .headers(fault.headers)
        .type(fault.content_type)
        .send(fault.body ?? JSON.stringify({ code: -1000, msg: `simulated status ${fault.status}` }));
      return;
    case 'empty':
      await reply.code(200).type('application/json').send('');
      return;
    case 'html':
      await reply.code(fault.status).type('text/html').send(HTML_PAGE);
      return;
    case 'wrong_json':
      await reply.code(200).type('application/json').send(fault.body);
      return;
    case 'rate_limit':
    case 'ban': {
      const seconds = fault.retry_after_seconds;
      await reply
        .code(fault.kind === 'ban' ? 418 : 429)
        .header('retry-after', String(seconds))
        .type('application/json')
        .send(refusal(fault.kind, seconds));
      return;
    }
    case 'refuse':
      reply.hijack();
      reply.raw.socket?.destroy();
      return;
    case 'truncated':
    case 'stall':
    case 'slow':
    case 'reset':
    case 'old_timestamp':
    case 'repeat':
      return;
  }
}

function spoil(
  { id, fault }: PlacedFault,
  payload: string,
  reply: FastifyReply,
  remembered: Map<number, string>,
): string | Readable {
  const bytes = Buffer.from(payload);
  switch (fault.kind) {
    case 'truncated':
      return payload.slice(0, fault.keep ?? Math.floor(payload.length / 2));
    case 'old_timestamp':
      return olderBy(payload, fault.age_ms);
    case 'repeat': {
      // The first answer passes and is stored; every later answer is the same.
      const first = remembered.get(id) ?? payload;
      remembered.set(id, first);
      return first;
    }
    case 'stall':
      void reply.header('content-length', bytes.length);
      return stalled(reply);
    case 'slow':
      void reply.header('content-length', bytes.length);
      return dripping(bytes, fault.duration_ms);
    case 'reset':
      void reply.header('content-length', bytes.length);
      return cutOff(bytes, reply);
    case 'status':
    case 'empty':
    case 'html':
    case 'wrong_json':
    case 'rate_limit':
    case 'ban':
    case 'refuse':
      return payload;
  }
}

/** Shifts every time in the answer into the past; other numbers stay unchanged. */
function olderBy(payload: string, ageMs: number): string {
  return payload.replace(TIME_FIELD, (whole, field: string, plain?: string, quoted?: string, iso?: string) => {
    if (TIMELESS_FIELD.test(field)) return whole;
    if (plain !== undefined) return `${field}${Number(plain) - ageMs}`;
    if (quoted !== undefined) return `${field}"${Number(quoted) - ageMs}"`;
    const time = iso === undefined ? Number.NaN : Date.parse(iso);
    return Number.isNaN(time) ? whole : `${field}"${new Date(time - ageMs).toISOString()}"`;
  });
}

/** Sends the headers, then no byte until the client hangs up. */
function stalled(reply: FastifyReply): Readable {
  return new Readable({
    read() {
      reply.raw.flushHeaders();
    },
  });
}

function dripping(bytes: Buffer, durationMs: number): Readable {
  const size = Math.max(1, Math.ceil(bytes.length / SLOW_PIECES));
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  return new Readable({
    read() {
      timer = setTimeout(() => {
        this.push(sent >= bytes.length ? null : bytes.subarray(sent, sent + size));
        sent += size;
      }, durationMs / SLOW_PIECES);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
}

/** Sends half of the body, then breaks the connection. */
function cutOff(bytes: Buffer, reply: FastifyReply): Readable {
  let sentHalf = false;
  return new Readable({
    read() {
      if (!sentHalf) {
        sentHalf = true;
        this.push(bytes.subarray(0, Math.ceil(bytes.length / 2)));
        return;
      }
      // Waits a moment so that the half is sent; then resets, as a dying proxy does.
      setTimeout(() => reply.raw.socket?.resetAndDestroy(), 20).unref();
    },
  });
}
