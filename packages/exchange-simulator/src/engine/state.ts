import { z } from 'zod';
import { accountStateSchema } from './account.js';
import { marketSchema } from './market.js';

export const ENGINE_STATE_VERSION = 1;

/** Everything the engine holds, as plain JSON. */
export const engineStateSchema = z.object({
  version: z.literal(ENGINE_STATE_VERSION),
  nextId: z.object({ regular: z.number(), conditional: z.number(), trade: z.number() }),
  markets: z.array(marketSchema),
  prices: z.record(z.string(), z.string()),
  accounts: z.array(accountStateSchema),
});
export type EngineState = z.infer<typeof engineStateSchema>;
