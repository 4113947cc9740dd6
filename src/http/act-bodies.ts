import { z } from 'zod';
import { LIMITS } from '../domain/limits/limits.js';

const words = (what: string) => z.string().trim().min(1).max(LIMITS.messageText.value).meta({ description: what });

/** ISO 8601 with a zone; whoever carries out the act checks by its own clock that it lies in the future. */
const until = z.iso.datetime({ offset: true }).meta({ description: 'ISO 8601 with a time zone, in the future.' });

/** The bodies of the acts. Unknown fields are refused, because a misspelled one would be ignored silently. */
export const ACT_BODIES = {
  acknowledge: z.strictObject({ note: words('What was found and done, or who looks after it.') }),
  accept: z.strictObject({
    note: words('Why it may stay as it is.'),
    until,
    discrepancies: z
      .array(z.uuid())
      .min(1)
      .max(1_000)
      .meta({ description: 'Ids of open discrepancies. Default: all that are open now.' })
      .optional(),
  }),
  snooze: z.strictObject({ note: words('Why it can wait.'), until }),
  pause: z.strictObject({ reason: words('Why the account is paused.') }),
  resume: z.strictObject({}),
  run: z.strictObject({}),
} as const;
export type ActName = keyof typeof ACT_BODIES;
