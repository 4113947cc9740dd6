import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DEMO_ACCOUNT } from './engine/credentials.js';
import { Rejection } from './engine/rejection.js';
import type { World } from './world.js';

/** Returns the function that converts engine ids to the exchange's order ids; null for an unknown exchange. */
export type OrderNaming = (exchange: string) => ((engineId: string) => string) | null;

/**
 * Serves the bots' internal state: the demo account's under /bot/state, any account's under /bot/<account>/state. With
 * `?exchange=<ccxt id>` orders have the ids of that exchange.
 */
export function addBotState(app: FastifyInstance, world: World, token: string, naming: OrderNaming): void {
  const serve = async (account: string, request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ error: "send the bot's token as Authorization: Bearer <token>" });
    }
    const { exchange } = request.query as { exchange?: string };
    const nameOf = exchange === undefined ? (id: string) => id : naming(exchange);
    if (nameOf === null) return reply.code(400).send({ error: `there is no exchange ${exchange}` });
    try {
      const { orders, ...state } = world.bot(account).state();
      return {
        ...state,
        orders: orders.map((order) => ({ ...order, id: order.id === null ? null : nameOf(order.id) })),
      };
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
