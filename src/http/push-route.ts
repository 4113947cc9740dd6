import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Acts } from '../acts/acts.js';
import type { Snapshot, Unread } from '../domain/snapshot/snapshot.js';
import { checkFreshness } from '../internal/freshness.js';
import { stateJson, stateOfJson } from '../internal/state-document.js';
import { WrongDocumentError } from '../internal/wrong-document.js';
import type { Ledger } from '../ledger/contract/ledger.js';
import type { PushResult } from '../ledger/contract/pushed-state.js';
import type { Logger } from '../logging/logger.js';
import { inTurns } from '../runtime/turns.js';
import { utf8Text } from '../runtime/utf8.js';
import type { AccountParams, AskLedger } from './account-lookup.js';
import { PushRuns } from './push-runs.js';
import { DEFAULT_MAX_BYTES } from '../config/schema-parts.js';
import { RequestError } from './request-error.js';

/** An account whose bot pushes its state. */
export interface PushedAccount {
  maxBytes: number;
  /** A push requests a run, at most one in so many seconds; null: it does not. */
  runEverySeconds: number | null;
}

interface PushParts {
  ledger: Pick<Ledger, 'storePush' | 'account'>;
  ask: AskLedger;
  accounts: ReadonlyMap<string, PushedAccount>;
  /** Null: pushes request no runs. */
  acts: Pick<Acts, 'forceRun'> | null;
  log: Logger;
}

/** What the server reads of a body, set when it starts. An account that is added later may have up to the default. */
export function largestPush(accounts: ReadonlyMap<string, PushedAccount>): number {
  return Math.max(DEFAULT_MAX_BYTES, ...[...accounts.values()].map(({ maxBytes }) => maxBytes));
}

/** How many rows that could not be read an answer lists. */
const MAX_UNREAD = 50;
/** When to push again if the ledger does not answer. */
const RETRY_AFTER_SECONDS = 2;

/**
 * `PUT /v1/accounts/:account/state`: the bot sends its internal state. 204 if all of it was read, 200 with what could not be
 * read; a state is stored only if it is newer than the stored one. The same document sent again is answered as the first time,
 * so a bot may repeat a push whose answer was lost.
 */
export async function pushRoute(root: FastifyInstance, parts: PushParts): Promise<void> {
  const { ledger, ask, accounts, log } = parts;
  const runs = new PushRuns({
    run: async (account, by) => requestRun(parts, account, by),
    failed: (account, error) => log.warn({ account, error }, 'A push could not request a run'),
  });
  const largest = largestPush(accounts);

  const configuredOf = (account: string): PushedAccount => {
    const configured = accounts.get(account);
    if (configured === undefined) throw takesNone(account);
    return configured;
  };

  // In a scope of its own: only here the body is kept as it came, because numbers keep their exact text.
  await root.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: largest }, (_request, body, done) =>
      done(null, body),
    );
    app.addHook('onClose', async () => runs.close());
    app.put<{ Params: AccountParams; Body: Buffer | undefined }>(
      '/v1/accounts/:account/state',
      {
        bodyLimit: largest,
        // Before the body is read.
        onRequest: async (request) => void configuredOf(request.params.account),
      },
      async (request, reply) => {
        const { account } = request.params;
        const configured = configuredOf(account);
        const document = request.body ?? Buffer.alloc(0);
        if (document.length > configured.maxBytes) throw tooLarge(document.length, configured.maxBytes);
        const state = await stateIn(document);
        const push = {
          account,
          document,
          sha256: createHash('sha256').update(document).digest('hex'),
          asOf: new Date(state.asOf),
        };
        const result = await ask(`storing the state of "${account}"`, ledger.storePush(push)).catch(
          (error: unknown) => {
            reply.header('retry-after', String(RETRY_AFTER_SECONDS));
            throw error;
          },
        );
        if (result.result === 'outdated') throw outdated(push.asOf, result);
        const { runEverySeconds } = configured;
        const by = request.bearer?.name;
        if (runEverySeconds !== null && by !== undefined && result.result === 'stored') {
          runs.pushed(account, by, runEverySeconds);
        }
        const { unread = [] } = state;
        if (unread.length === 0) return reply.code(204).send();
        return reply.send({
          account,
          as_of: push.asOf.toISOString(),
          unread_count: unread.length,
          unread: unread.slice(0, MAX_UNREAD).map(unreadRow),
        });
      },
    );
  });
}

/** @throws RequestError: 400 if it is no JSON, 422 if it cannot be used as a whole */
async function stateIn(document: Buffer): Promise<Snapshot> {
  const text = utf8Text(document);
  if (text === null) throw new RequestError(400, 'the body is not UTF-8', 'send the document as JSON in UTF-8');
  const raw = await inTurns(stateJson(text, 'internal')).catch((error: unknown) => {
    throw error instanceof WrongDocumentError ? refused(400, error) : error;
  });
  const receivedAt = Date.now();
  const options = { side: 'internal', receivedAt: { startedAt: receivedAt, endedAt: receivedAt } } as const;
  const state = await inTurns(stateOfJson(raw, options)).catch((error: unknown) => {
    throw error instanceof WrongDocumentError ? refused(422, error) : error;
  });
  // An old state is taken: the run says that it is stale. One of the future would refuse all that follow it.
  const ahead = checkFreshness(state, receivedAt, Number.POSITIVE_INFINITY);
  if (ahead === null) return state;
  throw new RequestError(422, ahead.message, ahead.remedy, { fields: [{ path: 'as_of', problem: ahead.message }] });
}

function refused(status: 400 | 422, { failure, fields }: WrongDocumentError): RequestError {
  return new RequestError(status, failure.message, failure.remedy, status === 400 ? {} : { fields });
}

function takesNone(account: string): RequestError {
  return new RequestError(
    404,
    `no state is pushed for an account "${account}"`,
    'give the account internal: {kind: push} in the configuration that serve reads, and restart serve',
  );
}

function tooLarge(bytes: number, most: number): RequestError {
  return new RequestError(
    413,
    `the body has ${bytes} bytes; at most ${most} are taken for this account`,
    'send fewer rows, or raise internal.max_bytes if the account is really that large',
  );
}

function outdated(asOf: Date, { storedAsOf }: Extract<PushResult, { result: 'outdated' }>): RequestError {
  const [pushed, stored] = [asOf.toISOString(), storedAsOf.toISOString()];
  return new RequestError(
    409,
    `as_of is ${pushed}, and the stored state is ${pushed === stored ? 'another one of the same time' : `of ${stored}, which is newer`}`,
    'give each state a later as_of than the one before; if two programs push for this account, stop one',
  );
}

function unreadRow({ scope, symbol, reason }: Unread) {
  return { scope, symbol, reason };
}

/** A pause is kept: a push does not end it, and the runs that it would request are left out. */
async function requestRun({ ledger, ask, acts }: PushParts, account: string, by: string): Promise<void> {
  if (acts === null) return;
  const totals = await ask(`the account "${account}"`, ledger.account(account));
  if (totals === null || totals.paused || !totals.active) return;
  await acts.forceRun(account, { by, via: 'http' });
}
