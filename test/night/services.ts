import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Listening } from '../support/listening.js';

/** One request that a service received, and the status that it answered. */
export interface Received {
  at: number;
  status: number;
  body: Record<string, unknown>;
}

export interface Service {
  readonly url: string;
  readonly received: Received[];
  /** While false, it answers 503. */
  isUp: boolean;
}

interface Answer {
  status: number;
  body: unknown;
}

async function serve(
  servers: Listening,
  answerTo: (path: string, headers: IncomingHttpHeaders, body: Record<string, unknown>) => Answer,
): Promise<Service> {
  const received: Received[] = [];
  const service = { url: '', received, isUp: true };
  service.url = await servers.serve((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(pieces).toString('utf8')) as Record<string, unknown>;
      const answer = service.isUp
        ? answerTo(request.url ?? '', request.headers, body)
        : { status: 503, body: 'upstream connect error' };
      received.push({ at: Date.now(), status: answer.status, body });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  return service;
}

/** Slack's Web API as far as a message needs it (https://docs.slack.dev/reference/methods/chat.postMessage). */
export async function startSlack(servers: Listening, token: string): Promise<Service> {
  const postMessage = z.looseObject({
    channel: z.string(),
    text: z.string().min(1).max(40_000),
    blocks: z
      .array(z.looseObject({ type: z.string() }))
      .max(50)
      .optional(),
    thread_ts: z.string().optional(),
  });
  let messages = 0;
  const refused = (error: string): Answer => ({ status: 200, body: { ok: false, error } });
  return serve(servers, (path, headers, body) => {
    if (path !== '/api/chat.postMessage') return refused('unknown_method');
    if (headers.authorization !== `Bearer ${token}`) return refused('invalid_auth');
    if (!(headers['content-type'] ?? '').startsWith('application/json')) return refused('invalid_post_type');
    const parsed = postMessage.safeParse(body);
    if (!parsed.success) return refused('invalid_arguments');
    messages += 1;
    return { status: 200, body: { ok: true, channel: parsed.data.channel, ts: `1795400000.${100_000 + messages}` } };
  });
}

/** PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/trigger-events/). */
export async function startPagerDuty(servers: Listening, routingKey: string): Promise<Service> {
  const event = z.looseObject({
    routing_key: z.literal(routingKey),
    event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
    dedup_key: z.string().min(1).max(255),
  });
  const payload = z.looseObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
  });
  return serve(servers, (path, _headers, body) => {
    if (path !== '/v2/enqueue') return { status: 404, body: {} };
    const parsed = event.safeParse(body);
    const isValid =
      parsed.success && (body['event_action'] !== 'trigger' || payload.safeParse(body['payload']).success);
    if (!isValid)
      return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors: [] } };
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: body['dedup_key'] } };
  });
}
