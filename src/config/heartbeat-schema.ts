import { z } from 'zod';
import { says, sourceFields } from './schema-parts.js';

export const HEARTBEAT_KINDS = ['healthchecks', 'uptime_kuma', 'plain'] as const;

/** `heartbeat` of an account: a service that calls a person when no verdict comes. */
export const heartbeatSchema = z.strictObject({
  kind: z
    .enum(HEARTBEAT_KINDS)
    .meta(says('The service: Healthchecks.io, a push monitor of Uptime Kuma, or any URL that answers 2xx.', 'plain'))
    .default('plain'),
  // The address is a secret: whoever knows it can pretend that the account is checked.
  ...sourceFields('url'),
  report_failures: z
    .boolean()
    .meta(
      says(
        'Whether a failed run is reported as a failure at once, and not only by the verdict that is missing.',
        false,
      ),
    )
    .default(false),
  allow_plain_http: z
    .boolean()
    .meta(says('Allows http:// to another host: anyone who sees the traffic can ping, too.', false))
    .default(false),
});
export type HeartbeatFields = z.infer<typeof heartbeatSchema>;
