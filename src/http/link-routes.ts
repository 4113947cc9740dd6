import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Acts } from '../acts/acts.js';
import type { Present } from '../acts/present.js';
import { PlumblineError } from '../client.js';
import type { Logger } from '../logging/logger.js';
import { checkLink, type LinkClaims } from '../notify/link.js';
import type { Exceeded } from './guard.js';
import { linkPage, MAX_NAME, MAX_NOTE, PAGE_HEADERS, type LinkPage } from './link-page.js';

export interface LinkRouteParts {
  acts: Acts;
  secret: string;
  /** Where people open links. */
  publicUrl: string;
  /** Counts an invalid link. Not null if its address has sent too many. */
  failed: (request: FastifyRequest) => Promise<Exceeded | null>;
  log: Logger;
  now?: () => Date;
}

const MAX_BODY_BYTES = 16_384;
const SNOOZE_MS = 3_600_000;
/** How long an expired link still shows the account's state. */
const SHOWN_AFTER_MS = 7 * 24 * 3_600_000;

const form = z.object({
  name: z.string().trim().min(1).max(MAX_NAME),
  note: z.string().trim().min(1).max(MAX_NOTE),
  act: z.enum(['acknowledge', 'snooze']),
});

/**
 * The page behind a one-time link in a message. Whoever has the link may look, and may act once, under the name that they type.
 * GET never acts, because messengers and mail scanners open links by themselves.
 */
export async function linkRoutes(root: FastifyInstance, parts: LinkRouteParts): Promise<void> {
  // In a scope of its own, so that no other route takes forms.
  await root.register(async (app) => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    app.get<Wildcard>('/a/*', async (request, reply) => {
      const state = await stateOf(parts, request);
      return answer(reply, state.status, state.page);
    });
    app.post<Wildcard>('/a/*', { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
      if (isFromElsewhere(request, parts.publicUrl)) {
        return answer(
          reply,
          403,
          page(null, 'This form was sent by another page. Open the link itself and try again.'),
        );
      }
      const state = await stateOf(parts, request);
      if (state.claims === null || !state.page.asks) return answer(reply, state.status, state.page);
      const typed = form.safeParse(request.body);
      if (!typed.success) {
        // A program may send JSON with anything in it.
        const { name, note } = (request.body ?? {}) as Record<string, unknown>;
        const headline = 'Nothing was done: type your name and a note, and press one of the buttons.';
        return answer(reply, 400, { ...state.page, headline, typed: { name: textOf(name), note: textOf(note) } });
      }
      return carryOut(parts, state.claims, state.page, typed.data, reply);
    });
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface Wildcard {
  Params: { '*': string };
}

interface State {
  status: number;
  page: LinkPage;
  /** Null if the link is not valid. */
  claims: LinkClaims | null;
}

/** What the link shows now, and whether it can still act. */
async function stateOf(
  { acts, secret, failed, now = () => new Date() }: LinkRouteParts,
  request: FastifyRequest<Wildcard>,
): Promise<State> {
  const link = checkLink(request.params['*'], secret, now());
  if (link.kind === 'invalid') {
    const limit = await failed(request);
    if (limit !== null) return { status: 429, claims: null, page: page(null, 'Too many wrong links; wait a minute.') };
    return {
      status: 404,
      claims: null,
      page: page(null, 'This link is not valid. Use the link in the newest message.'),
    };
  }
  const { claims } = link;
  const { account, interventionId, nonce, expiresAt } = claims;
  if (link.kind === 'expired' && now().getTime() - expiresAt.getTime() > SHOWN_AFTER_MS) {
    return { status: 410, claims, page: page(account, 'This link has expired.') };
  }
  const present = await acts.present(account);
  const shown = (status: number, headline: string, asks = false): State => ({
    status,
    claims,
    page: { account, headline, present, asks },
  });
  if (present.gate === null)
    return shown(503, 'The ledger does not answer, so nothing can be shown or done. Try again.');
  const used = await acts.earlier(account, requestIdOf(nonce), interventionId);
  if (used !== null) {
    const { by, at } = used.earlier;
    return shown(410, `This link was used by ${by} on ${at.toISOString()}. This is what is true now.`);
  }
  const over = whyOver(present, interventionId);
  if (over !== null) return shown(410, over);
  if (link.kind === 'expired') return shown(410, 'This link has expired. Use the link in the newest message.');
  return shown(200, 'This is what is true now. Nothing has been done yet.', true);
}

/** Why the intervention needs no answer any more; null if it does. */
function whyOver({ intervention }: Present, interventionId: string): string | null {
  if (intervention === null || intervention.id !== interventionId) {
    return 'The call of this message is over. This is what is true now.';
  }
  if (intervention.state !== 'acknowledged') return null;
  return `${intervention.acknowledgedBy ?? 'Somebody'} has acknowledged it: ${intervention.note ?? ''}`;
}

async function carryOut(
  { acts, log, now = () => new Date() }: LinkRouteParts,
  { account, channel, nonce }: LinkClaims,
  before: LinkPage,
  { act, name, note }: z.infer<typeof form>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const actor = { by: name, via: 'link', channel, note, requestId: requestIdOf(nonce) } as const;
  try {
    const until = new Date(now().getTime() + SNOOZE_MS);
    const { present } =
      act === 'acknowledge' ? await acts.acknowledge(account, actor) : await acts.snooze(account, { ...actor, until });
    const headline =
      act === 'acknowledge'
        ? `Acknowledged by ${name}. The reminders have stopped.`
        : `Snoozed by ${name} until ${until.toISOString()}. The call stays open.`;
    return await answer(reply, 200, { account, headline, present, asks: false });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error({ account, channel, act, error }, `A one-time link could not act: ${message}`);
    const isRefused = error instanceof PlumblineError && error.reason !== 'unavailable';
    return answer(reply, isRefused ? 409 : 503, {
      ...before,
      headline: isRefused
        ? `Nothing was done: ${message}`
        : 'Nothing was done: a part of Plumbline does not answer. Try again.',
      present: await acts.present(account),
      typed: { name, note },
    });
  }
}

function requestIdOf(nonce: string): string {
  return `link/${nonce}`;
}

/** Whether another site's page sent the form. A client without these headers is not a browser, and it needs the link anyway. */
function isFromElsewhere({ headers }: FastifyRequest, publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  // A proxy in front of this server may use another host name than people do.
  return !URL.canParse(origin) || ![headers.host, new URL(publicUrl).host].includes(new URL(origin).host);
}

function page(account: string | null, headline: string): LinkPage {
  return { account, headline, present: null, asks: false };
}

async function answer(reply: FastifyReply, status: number, shown: LinkPage): Promise<FastifyReply> {
  return reply.code(status).headers(PAGE_HEADERS).send(linkPage(shown));
}
