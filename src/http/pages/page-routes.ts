import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { accountPage } from './account-page.js';
import type { Notice } from './account-view.js';
import { assetRoutes } from './assets.js';
import { Board } from './board.js';
import { ChangeStream } from './change-stream.js';
import { fleetPage } from './fleet-page.js';
import { carryOut, DONE_WORDS, isDoneWord, parseForm } from './forms.js';
import { loginPage } from './login-page.js';
import type { Viewer } from './page.js';
import type { PageParts, Refused } from './page-parts.js';
import { refusePage, rootOf, safeNext, sendPage, wantsPage } from './refusals.js';
import { runPage } from './run-page.js';
import { RUNS_PER_PAGE, runsPage } from './runs-page.js';
import { streamRoute } from './stream-route.js';
import { frameOf, RANGES, requestOf, type Range } from './timeline.js';
import { STANDINGS, verdictOf } from './verdict.js';

interface AccountParams {
  Params: { account: string };
}
interface RunParams {
  Params: { account: string; run: string };
}

/** What one page reads at most. */
const MAX_OPEN = 200;
const MAX_RUNS = 100;
const MAX_EVENTS = 60;
const MAX_FORM_BYTES = 65_536;

const fleetQuery = z.object({
  q: z.string().trim().toLowerCase().max(63).catch(''),
  show: z.enum(STANDINGS).nullable().catch(null),
  page: z.coerce.number().int().min(1).max(10_000).catch(1),
});
const accountQuery = z.object({
  range: z.enum(Object.keys(RANGES) as [Range, ...Range[]]).catch('day'),
  did: z.string().optional().catch(undefined),
});
const runsQuery = z.object({ before: z.coerce.number().int().min(1).optional().catch(undefined) });
const loginForm = z.object({ token: z.string().max(200).catch(''), next: z.string().max(500).catch('') });

/** The status page: `/`, a page for each account, its runs and their evidence; their files and their stream. */
export async function pageRoutes(root: FastifyInstance, parts: PageParts): Promise<void> {
  const board = new Board(parts);
  const stream = new ChangeStream({
    news: parts.news,
    standings: async () => board.standings(),
    limit: parts.maxStreams,
  });
  root.addHook('preClose', async () => stream.end());
  assetRoutes(root);
  streamRoute(root, stream, parts);
  // In its own scope, so that no other route accepts forms and its errors are pages.
  await root.register(async (app) => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
      (_request, body, done) => done(null, fieldsOf(String(body))),
    );
    app.setErrorHandler(async (error, request, reply) => {
      const refused = parts.refusedOf(error) ?? FAULT;
      if (refused.status >= 500) parts.log.error({ url: request.routeOptions.url, error }, refused.message);
      return refusePage(request, reply, refused);
    });
    readPages(app, parts, board, stream);
    formRoutes(app, parts, stream);
  });
}

const FAULT: Refused = {
  status: 500,
  message: 'A fault in Plumbline itself.',
  remedy: 'see the log of `plumbline serve`',
};

function readPages(app: FastifyInstance, parts: PageParts, board: Board, stream: ChangeStream): void {
  const { ledger, ask, access } = parts;

  app.get('/', async (request, reply) => {
    reply.header('vary', 'accept');
    if (!wantsPage(request)) return reply.type('text/plain').send(parts.index);
    const { q: name, show: standing, page } = fleetQuery.parse(request.query);
    const { place } = stream;
    const { rows, now } = await board.view();
    const seen = rows.filter(({ overview }) => access.sees(request, overview.totals.account));
    const fleet = seen.map(({ overview: { totals }, verdict }) => ({ totals, verdict, isGateOpen: verdict.gate.open }));
    return sendPage(
      reply,
      200,
      fleetPage({ rows: fleet, query: { name, standing, page }, now, viewer: viewerOf(request, parts), place }),
    );
  });

  app.get<AccountParams>('/accounts/:account', async (request, reply) => {
    const { did } = accountQuery.parse(request.query);
    const notice: Notice | null = isDoneWord(did) ? { kind: 'done', text: DONE_WORDS[did] } : null;
    return sendAccount(request, reply, parts, stream, { status: 200, notice });
  });

  app.get<AccountParams>('/accounts/:account/runs', async (request, reply) => {
    const { account } = request.params;
    const { before } = runsQuery.parse(request.query);
    const { place } = stream;
    const totals = await parts.totalsOf(account);
    if (totals === null) return notHere(request, reply, account);
    const runs = await ask(
      'runs',
      ledger.runs(account, { limit: RUNS_PER_PAGE, ...(before !== undefined && { before }) }),
    );
    const viewer = viewerOf(request, parts);
    return sendPage(
      reply,
      200,
      runsPage({ account, runs, isNewest: before === undefined, viewer, place, now: totals.readAt }),
    );
  });

  app.get<RunParams>('/accounts/:account/runs/:run', async (request, reply) => {
    const { account } = request.params;
    const number = Number(request.params.run);
    const totals = await parts.totalsOf(account);
    if (totals === null) return notHere(request, reply, account);
    const isNumber = Number.isSafeInteger(number) && number >= 1;
    const [run] = isNumber ? await ask('a run', ledger.runs(account, { limit: 1, before: number + 1 })) : [];
    if (run === undefined || run.runNumber !== number) {
      return refusePage(request, reply, {
        status: 404,
        message: `"${account}" has no run ${request.params.run}`,
        remedy: null,
      });
    }
    const { workflowRunId, runNumber } = run;
    const [evidence, discrepancies] = await Promise.all([
      ask('the evidence of a run', ledger.loadObservations({ account, workflowRunId, runNumber })).then(
        (observations) => ({ observations, unreadable: null }),
        (error: unknown) => ({
          observations: null,
          unreadable: error instanceof Error ? error.message : String(error),
        }),
      ),
      ask('discrepancies', ledger.discrepancies(account, { limit: MAX_OPEN })),
    ]);
    const open = discrepancies.filter(
      ({ openedAt, resolvedAt }) => openedAt <= run.endedAt && (resolvedAt === null || resolvedAt > run.endedAt),
    );
    const view = { account, run, ...evidence, open, viewer: viewerOf(request, parts), now: totals.readAt };
    return sendPage(reply, 200, runPage(view));
  });
}

function formRoutes(app: FastifyInstance, parts: PageParts, stream: ChangeStream): void {
  const { access, acts, log } = parts;

  app.post<AccountParams>('/accounts/:account', async (request, reply) => {
    const { account } = request.params;
    const by = request.bearer?.name;
    if (acts === null || by === undefined) throw new TypeError('an act without a token');
    const form = parseForm(request.body);
    const refuse = async (refused: Refused): Promise<FastifyReply> =>
      sendAccount(request, reply, parts, stream, {
        status: refused.status,
        notice: refusedNotice(refused, request.body),
      });
    if (form === null)
      return refuse({
        status: 400,
        message: 'Nothing was done: a field of the form is missing or wrong.',
        remedy: null,
      });
    try {
      const did = await carryOut(acts, account, by, form, new Date());
      return await reply
        .code(303)
        .header('location', `${rootOf(request.url)}accounts/${account}?did=${did}`)
        .send();
    } catch (error) {
      const refused = parts.refusedOf(error);
      if (refused === null) throw error;
      log.warn({ account, act: form.act, error }, `An act of a page was refused: ${refused.message}`);
      return refuse({ ...refused, message: `Nothing was done: ${refused.message}` });
    }
  });

  app.get('/login', async (_request, reply) => {
    if (!access.hasTokens) return reply.code(303).header('location', './').send();
    return sendPage(reply, 200, loginPage({ root: './', next: '', refused: null, now: new Date() }));
  });
  app.post('/login', async (request, reply) => {
    const { token, next } = loginForm.parse(request.body ?? {});
    const target = safeNext(next);
    const refuse = async ({ status, message }: Refused): Promise<FastifyReply> =>
      sendPage(reply, status, loginPage({ root: './', next: target, refused: message, now: new Date() }));
    if (!access.isFromOwnPage(request)) {
      return refuse({ status: 403, message: 'The form was sent by another page. Try again here.', remedy: null });
    }
    const refused = await access.logIn(request, reply, token.trim());
    return refused === null ? reply.code(303).header('location', `./${target}`).send() : refuse(refused);
  });
  app.post('/logout', async (request, reply) => {
    if (access.isFromOwnPage(request)) access.logOut(request, reply);
    return reply.code(303).header('location', './').send();
  });
}

async function sendAccount(
  request: FastifyRequest<AccountParams>,
  reply: FastifyReply,
  parts: PageParts,
  stream: ChangeStream,
  { status, notice }: { status: number; notice: Notice | null },
): Promise<FastifyReply> {
  const { account } = request.params;
  const { ledger, ask, watch, proofs } = parts;
  const { range } = accountQuery.parse(request.query);
  const { place } = stream;
  const known = await parts.totalsOf(account);
  if (known === null) return notHere(request, reply, account);
  const frame = frameOf(range, known.policy.intervalMinutes, known.readAt);
  const [[overview], open, runs, events, timeline] = await Promise.all([
    ask(`the account "${account}"`, ledger.overview(account)),
    ask('discrepancies', ledger.discrepancies(account, { state: 'open', limit: MAX_OPEN })),
    ask('runs', ledger.runs(account, { limit: MAX_RUNS })),
    ask('events', ledger.events(account, { limit: MAX_EVENTS })),
    ask('the timeline', ledger.timeline(account, requestOf(frame, known.policy.intervalMinutes))),
  ]);
  if (overview === undefined) return notHere(request, reply, account);
  const now = overview.totals.readAt;
  const verdict = verdictOf(overview, watch.findingOf(account), now);
  const view = { overview, verdict, open, runs, events, timeline, frame, now, notice, place };
  const viewer = viewerOf(request, parts);
  return sendPage(
    reply,
    status,
    accountPage({ ...view, viewer, proof: proofs.get(account) ?? null, formKey: randomUUID() }),
  );
}

async function notHere(request: FastifyRequest, reply: FastifyReply, account: string): Promise<FastifyReply> {
  return refusePage(request, reply, {
    status: 404,
    message: `The ledger knows no account "${account}".`,
    remedy: '`plumbline apply` registers the accounts of a configuration',
  });
}

function viewerOf(request: FastifyRequest, { acts, access }: PageParts): Viewer {
  const { bearer } = request;
  const name = bearer?.name ?? null;
  const hasSession = access.hasSession(request);
  if (acts === null) return { name, hasSession, acts: false, whyNot: 'This server only reads.' };
  if (bearer === null) {
    return {
      name,
      hasSession,
      acts: false,
      mayLogIn: access.hasTokens,
      whyNot: access.hasTokens
        ? 'You are not logged in, and acting needs a token.'
        : 'This server has no tokens, so nobody can act here. Make one with `plumbline token new --name NAME --role operator` and add the line that it prints to serve.tokens.',
    };
  }
  if (bearer.role !== 'operator') {
    return {
      name,
      hasSession,
      acts: false,
      whyNot: `The token "${bearer.name}" has the role ${bearer.role}: it reads only.`,
    };
  }
  return { name, hasSession, acts: true, whyNot: null };
}

function refusedNotice({ message, remedy }: Refused, body: unknown): Notice {
  const fields = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const typed = Object.fromEntries(
    fields.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  const act = typed['act'];
  return { kind: 'refused', text: message, remedy, typed, ...(act !== undefined && { act }) };
}

/** A field that comes several times is a list. */
function fieldsOf(body: string): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(body)) {
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]);
  }
  return Object.fromEntries(fields);
}
