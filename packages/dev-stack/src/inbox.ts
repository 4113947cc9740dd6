import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHostCheck } from '@plumbline/primitives/host-check';
import { limitConnections, nodeServerOptions, SERVER_LIMITS } from '@plumbline/primitives/server-limits';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { messageSchema, type InboxMessage } from './inbox-message.js';
import { inboxPage } from './inbox-page.js';
import { loopback } from './ports.js';

/** Messages that are kept; older ones are dropped. */
const KEPT = 200;

/** The body of Plumbline's channel of kind `webhook`; docs/notifying.md documents it. */
const bodySchema = z.object({
  data: messageSchema
    .omit({ id: true, receivedAt: true, link: true })
    .extend({ link: z.object({ url: z.string().max(4000) }).nullish() }),
});

const stateSchema = z.object({ secret: z.string(), messages: z.array(messageSchema) });

export interface Inbox {
  /** The page with the messages. */
  url: string;
  /** Where Plumbline's channel of kind `webhook` delivers them, and the secret that signs them. */
  webhookUrl: string;
  secret: string;
  close(): Promise<void>;
}

export interface InboxOptions {
  port: number;
  /** Where messages and the secret are kept. */
  stateFile: string;
  save: (text: string) => Promise<unknown>;
  /** Called once for each message. */
  onMessage: (message: InboxMessage) => void;
}

/**
 * A server on this machine that receives Plumbline's messages and shows them on a page, in place of Slack or a pager. It accepts
 * only signed messages, and each message once.
 */
export async function startInbox({ port, stateFile, save, onMessage }: InboxOptions): Promise<Inbox> {
  const { secret, messages } = await savedState(stateFile);
  const webhook = new Webhook(secret);
  const hostProblem = createHostCheck({ listensOn: loopback, allowedHosts: [], setting: null });
  let saving: Promise<unknown> = Promise.resolve();

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    if (body === null) return answer(response, 413, 'the message is too large');
    const id = String(request.headers['webhook-id'] ?? '');
    try {
      webhook.verify(body, request.headers as Record<string, string>);
    } catch {
      return answer(response, 401, 'the signature is wrong');
    }
    const parsed = bodySchema.safeParse(JSON.parse(body));
    if (!parsed.success) return answer(response, 422, z.prettifyError(parsed.error));
    if (!messages.some((known) => known.id === id)) {
      const { link, ...fields } = parsed.data.data;
      const message = { ...fields, id, receivedAt: new Date().toISOString(), link: link?.url ?? null };
      messages.unshift(message);
      messages.splice(KEPT);
      saving = saving.then(async () => save(JSON.stringify({ secret, messages }))).catch(() => undefined);
      onMessage(message);
    }
    // If this process ends before the message is stored, the message is delivered again.
    await saving;
    return answer(response, 204, '');
  };

  const server = createServer(nodeServerOptions(SERVER_LIMITS), (request, response) => {
    const refusal = hostProblem(request.headers);
    if (refusal !== null) return answer(response, refusal.status, `${refusal.message}; ${refusal.remedy}`);
    const route = `${request.method} ${(request.url ?? '').split('?', 1)[0]}`;
    if (route === 'GET /' || route === 'HEAD /') return page(response, messages);
    if (route === 'GET /messages') return json(response, { messages });
    if (route !== 'POST /messages') return answer(response, 404, 'GET / shows the messages');
    receive(request, response).catch(() => answer(response, 400, 'the message cannot be read'));
  });
  limitConnections(server, SERVER_LIMITS, () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, loopback, resolve);
  });
  await save(JSON.stringify({ secret, messages }));
  const url = `http://${loopback}:${port}`;
  return {
    url: `${url}/`,
    webhookUrl: `${url}/messages`,
    secret,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await saving;
    },
  };
}

/** A damaged file is replaced, because its messages are in the ledger as well. */
async function savedState(file: string): Promise<z.infer<typeof stateSchema>> {
  const fresh = { secret: `whsec_${randomBytes(24).toString('base64')}`, messages: [] };
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return fresh;
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    return fresh;
  }
}

/** Null if the body is larger than the limit. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += (piece as Buffer).length;
    if (bytes > SERVER_LIMITS.bodyBytes) return null;
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function page(response: ServerResponse, messages: readonly InboxMessage[]): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(inboxPage(messages));
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}
