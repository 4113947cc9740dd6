import { z } from 'zod';

/** A message that the inbox has received. */
export const messageSchema = z.object({
  /** The message's key: the same for each delivery of one message. */
  id: z.string().max(200),
  receivedAt: z.string(),
  subject: z.string().max(500),
  text: z.string().max(10_000),
  occasion: z.string().max(50),
  severity: z.string().max(50),
  accounts: z.array(z.string().max(200)).max(1000),
  link: z.string().max(4000).nullable(),
});
export type InboxMessage = z.infer<typeof messageSchema>;
