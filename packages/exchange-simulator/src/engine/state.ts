import { z } from 'zod';
import { accountStateSchema } from './account.js';
import { marketSchema } from './market.js';

export const ENGINE_STATE_VERSION = 1;

const nextIdsSchema = z.object({ regular: z.number(), conditional: z.number(), trade: z.number() });
/** The next id of each sequence. */
export type NextIds = z.infer<typeof nextIdsSchema>;

/** Everything the engine holds, as plain JSON. */
export const engineStateSchema = z.object({
  version: z.literal(ENGINE_STATE_VERSION),
  nextId: nextIdsSchema,
  markets: z.array(marketSchema),
  prices: z.record(z.string(), z.string()),
  accounts: z.array(accountStateSchema),
});
export type EngineState = z.infer<typeof engineStateSchema>;
