import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DEMO_ACCOUNT } from '../credentials.js';
import { Rejection } from '../engine/rejection.js';
import type { World } from '../world.js';

/** Serves the bots' internal state: the demo account's under /bot/state, any account's under /bot/<account>/state. */
export function addBotState(app: FastifyInstance, world: World, token: string): void {
  const serve = async (account: string, request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ error: "send the bot's token as Authorization: Bearer <token>" });
    }
    try {
      return world.bot(account).state();
    } catch (error) {
      if (error instanceof Rejection) return reply.code(404).send({ error: error.message });
      throw error;
    }
  };
  app.get('/bot/state', async (request, reply) => serve(DEMO_ACCOUNT, request, reply));
  app.get<{ Params: { account: string } }>('/bot/:account/state', async (request, reply) =>
    serve(request.params.account, request, reply),
  );
}
