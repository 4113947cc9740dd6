import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { actionSchema, batchLengthOf, perform } from './actions.js';
import { loadCrypto } from './crypto.js';
import { QUESTIONS } from './info.js';
import { VENUE } from './markets.js';
import { Nonces } from './nonces.js';
import { signatureSchema, signerOf } from './signature.js';
import { accountAt, accountOfSigner } from './wallets.js';
import { recordPrices } from '../../engine/candles.js';
import { RateWindow } from '../rate-window.js';
import type { Wire, WireDependencies } from '../wire.js';
import type { Engine } from '../../engine/engine.js';
import { ANONYMOUS } from '../requests.js';

/** https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits */
const WEIGHT_PER_MINUTE = 1_200;
const MINUTE_MS = 60_000;
const ROWS_PER_WEIGHT = 20;
const ORDERS_PER_WEIGHT = 40;

interface Surroundings {
  engine: Engine;
  dependencies: WireDependencies;
  window: RateWindow;
  nonces: Nonces;
}

/**
 * Hyperliquid, perpetuals of the first dex. Formats come from
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api and the pages below it, named where rows are made.
 *
 * A body that is neither a question nor an action is answered with 422 and plain text. A forbidden action is answered
 * with 200 and `{"status": "err"}`, a refused order with an `error` at its place in an "ok". Not modelled: spot
 * trading, other dexes, vaults, subaccounts, TWAP and scheduled cancels, limits per address. Trailing orders, which the
 * exchange does not have, are shown as stops.
 */
export const hyperliquid: Wire = {
  id: VENUE,

  register(app, engine, dependencies) {
    recordPrices(engine);
    const window = new RateWindow({
      limit: WEIGHT_PER_MINUTE,
      windowMs: MINUTE_MS,
      refusalsBeforeBan: Number.POSITIVE_INFINITY,
      now: dependencies.now,
    });
    const surroundings: Surroundings = { engine, dependencies, window, nonces: new Nonces() };
    app.post('/info', async (request, reply) => info(request, reply, surroundings));
    app.post('/exchange', async (request, reply) => exchange(request, reply, surroundings));
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).type('text/plain').send(''));
    return {
      setWeightPerMinute: (weight) => {
        window.limit = weight;
      },
      reset: () => {
        window.limit = WEIGHT_PER_MINUTE;
        window.clear();
      },
    };
  },

  tooManyRequestsBody: () => 'null',
};

async function info(
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, dependencies, window }: Surroundings,
): Promise<unknown> {
  const body = documentOf(request);
  const asked = z.looseObject({ type: z.string(), user: z.string().optional() }).safeParse(body);
  const question = asked.success ? QUESTIONS[asked.data.type] : undefined;
  if (!asked.success || question === undefined) return unreadable(reply);
  const owner = asked.data.user === undefined ? null : accountAt(engine, asked.data.user);
  if (window.take(question.weight).verdict !== 'ok') {
    dependencies.requests.attribute(request, owner?.id ?? ANONYMOUS, question.weight);
    return reply.code(429).send('null');
  }
  try {
    const answer = await question.answer(engine, body);
    const rows = question.weighsRows && Array.isArray(answer) ? Math.floor(answer.length / ROWS_PER_WEIGHT) : 0;
    window.take(rows);
    dependencies.requests.attribute(request, owner?.id ?? ANONYMOUS, question.weight + rows);
    return await reply.type('application/json').send(JSON.stringify(answer));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return unreadable(reply);
  }
}

const exchangeBody = z.object({
  action: actionSchema,
  nonce: z.number().int().nonnegative(),
  signature: signatureSchema,
  vaultAddress: z.string().nullish(),
  expiresAfter: z.number().int().nullish(),
});

async function exchange(
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, dependencies, window, nonces }: Surroundings,
): Promise<unknown> {
  const document = documentOf(request);
  const parsed = exchangeBody.safeParse(document);
  if (!parsed.success) return unreadable(reply);
  const { action, nonce, signature, vaultAddress, expiresAfter } = parsed.data;
  const weight = 1 + Math.floor(batchLengthOf(action) / ORDERS_PER_WEIGHT);
  const crypto = await loadCrypto();
  // The action as it was sent: parsing drops fields that are signed too.
  const sent = z.object({ action: z.unknown() }).parse(document).action;
  const signer = signerOf({ action: sent, nonce, signature, vaultAddress, expiresAfter }, crypto);
  const account = signer === null ? null : accountOfSigner(engine, signer, crypto);
  dependencies.requests.attribute(request, account?.id ?? ANONYMOUS, weight);
  if (window.take(weight).verdict !== 'ok') return reply.code(429).send('null');
  if (signer === null) return refused(reply, 'Unable to recover signer.');
  if (account === null) return refused(reply, `User or API Wallet ${signer} does not exist.`);
  if (vaultAddress !== undefined && vaultAddress !== null)
    return refused(reply, `Vault not registered: ${vaultAddress}`);
  const now = dependencies.now();
  if (!nonces.accept(signer, nonce, now)) return refused(reply, `Invalid nonce: ${nonce}`);
  if (expiresAfter !== undefined && expiresAfter !== null && now > expiresAfter) {
    return refused(reply, `Action expired at ${expiresAfter}`);
  }
  return reply.send({ status: 'ok', response: perform(engine, account, action) });
}

async function refused(reply: FastifyReply, response: string): Promise<FastifyReply> {
  return reply.send({ status: 'err', response });
}

async function unreadable(reply: FastifyReply): Promise<FastifyReply> {
  const text = 'Failed to deserialize the JSON body into the target type';
  return reply.code(422).type('text/plain; charset=utf-8').send(text);
}

/** Undefined if the body is not JSON. */
function documentOf(request: FastifyRequest): unknown {
  try {
    return typeof request.body === 'string' ? (JSON.parse(request.body) as unknown) : undefined;
  } catch {
    return undefined;
  }
}
