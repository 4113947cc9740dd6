import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Actor, Acts, Done } from '../acts/acts.js';
import type { AnsweredCall } from '../acts/answer-call.js';
import { discrepancyDocument } from '../report/documents.js';
import { gateSentence, presentDocument, presentWords } from '../report/present-document.js';
import type { AccountLookup, AccountParams } from './account-lookup.js';
import { ACT_BODIES, type ActName } from './act-bodies.js';
import { actError, parsedBody, RequestError } from './request-error.js';

const MAX_BODY_BYTES = 100_000;

interface Answer {
  status: 200 | 202;
  body: Record<string, unknown>;
}

/** `POST /v1/accounts/:account/...`: what people do. Each answers with what is true now. */
export function actRoutes(app: FastifyInstance, acts: Acts, { known }: AccountLookup): void {
  const route = (
    name: ActName,
    act: (account: string, actor: Actor, body: unknown) => Promise<Answer>,
    { repeats = false } = {},
  ): void => {
    app.post<{ Params: AccountParams }>(
      `/v1/accounts/:account/${name}`,
      { bodyLimit: MAX_BODY_BYTES },
      async (request, reply) => {
        const { account } = request.params;
        if ((await known(account, reply)) === null) return reply;
        const actor = actorOf(request, repeats);
        const about = { account, done: name, by: actor.by, via: actor.via };
        try {
          const { requestId } = actor;
          const earlier = requestId === undefined ? null : await acts.earlier(account, requestId);
          if (earlier !== null) return { ...about, repeated: true, ...nowOf(earlier) };
          const { status, body } = await act(account, actor, request.body);
          return await reply.code(status).send({ ...about, repeated: false, ...body });
        } catch (error) {
          throw actError(error);
        }
      },
    );
  };

  route(
    'acknowledge',
    async (account, actor, body) => {
      const { note } = parsedBody(ACT_BODIES.acknowledge, body);
      const done = await acts.acknowledge(account, { ...actor, note });
      return { status: 200, body: { ...takenBy(done.answered), ...nowOf(done) } };
    },
    { repeats: true },
  );
  route(
    'snooze',
    async (account, actor, body) => {
      const { note, until } = parsedBody(ACT_BODIES.snooze, body);
      const done = await acts.snooze(account, { ...actor, note, until: new Date(until) });
      return { status: 200, body: { ...takenBy(done.answered), ...nowOf(done) } };
    },
    { repeats: true },
  );
  route(
    'accept',
    async (account, actor, body) => {
      const { note, until, discrepancies = null } = parsedBody(ACT_BODIES.accept, body);
      const done = await acts.accept(account, {
        ...actor,
        note,
        until: new Date(until),
        discrepancyIds: discrepancies,
      });
      return {
        status: 200,
        body: {
          accepted: done.accepted.map(discrepancyDocument),
          acknowledged: done.acknowledged !== null,
          kept_open: done.keptOpen,
          ...nowOf(done),
        },
      };
    },
    { repeats: true },
  );
  route('pause', async (account, actor, body) => {
    const { reason } = parsedBody(ACT_BODIES.pause, body);
    const done = await acts.pause(account, { ...actor, reason });
    return { status: done.changed === null ? 202 : 200, body: { changed: done.changed, ...nowOf(done) } };
  });
  route('resume', async (account, actor, body) => {
    parsedBody(ACT_BODIES.resume, body);
    const done = await acts.resume(account, actor);
    return { status: done.changed === null ? 202 : 200, body: { changed: done.changed, ...nowOf(done) } };
  });
  route('run', async (account, actor, body) => {
    parsedBody(ACT_BODIES.run, body);
    return { status: 202, body: nowOf(await acts.forceRun(account, actor)) };
  });
}

/** The bearer always exists here, because the guard refuses acts without a token. */
function actorOf({ bearer, headers }: FastifyRequest, repeats: boolean): Actor {
  if (bearer === null) throw new TypeError('an act without a token');
  const key = headers['idempotency-key'];
  if (!repeats || key === undefined) return { by: bearer.name, via: 'http' };
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new RequestError(400, 'Idempotency-Key is wrong', 'send 1 to 200 visible ASCII characters without blanks');
  }
  // The same key of two tokens names two requests.
  const requestId = `http/${createHash('sha256')
    .update(JSON.stringify([bearer.name, key]))
    .digest('hex')}`;
  return { by: bearer.name, via: 'http', requestId };
}

function takenBy({ withoutWorkflow }: AnsweredCall) {
  return { taken_by: withoutWorkflow === null ? 'workflow' : 'ledger', without_workflow: withoutWorkflow };
}

function nowOf({ present }: Done) {
  return { says: gateSentence(present), next: presentWords(present).next, ...presentDocument(present) };
}
