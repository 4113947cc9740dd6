import type { FastifyReply, FastifyRequest } from 'fastify';
import { loginPage } from './login-page.js';
import { messagePage, PAGE_HEADERS } from './page.js';
import type { Refused } from './page-parts.js';

/** The relative path from a page to the server's root, so that it works behind a proxy that adds a path. */
export function rootOf(url: string): string {
  const [path = ''] = url.split('?');
  const depth = path.split('/').length - 2;
  return depth <= 0 ? './' : '../'.repeat(depth);
}

/** Whether a browser asks: programs take anything, or JSON. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') ?? false;
}

export async function sendPage(reply: FastifyReply, status: number, text: string): Promise<FastifyReply> {
  return reply.code(status).headers(PAGE_HEADERS).send(text);
}

const HEADINGS: Readonly<Record<number, string>> = {
  403: 'Not allowed',
  404: 'Not here',
  429: 'Too many requests',
  503: 'Nothing is known',
};

/** Answers a page's request that is not carried out. Without a valid session it asks for a token. */
export async function refusePage(
  request: FastifyRequest,
  reply: FastifyReply,
  refused: Refused,
): Promise<FastifyReply> {
  const { status, message, remedy } = refused;
  const [root, now] = [rootOf(request.url), new Date()];
  if (status === 401) return sendPage(reply, 401, loginPage({ root, next: nextOf(request), refused: null, now }));
  const frame = { title: 'Plumbline', root, viewer: viewerOfRefused(request), now };
  return sendPage(
    reply,
    status,
    messagePage(frame, { heading: HEADINGS[status] ?? 'It did not work', text: message, remedy }),
  );
}

/** Lets a person whose token has too few rights log out. */
function viewerOfRefused({ bearer, headers }: FastifyRequest) {
  if (bearer === null) return null;
  return { name: bearer.name, acts: false, whyNot: null, hasSession: headers.cookie !== undefined };
}

function nextOf({ method, url }: FastifyRequest): string {
  return method === 'GET' ? url.replace(/^\/+/, '') : '';
}

/** A path of this server's pages, without its first slash; anything else becomes the list of accounts. */
export function safeNext(next: string): string {
  return /^(?:accounts\/[a-z0-9][a-z0-9_-]{0,62}(?:\/runs(?:\/\d{1,15})?)?)?(?:\?[\w=&%.-]{0,300})?$/.test(next)
    ? next
    : '';
}
