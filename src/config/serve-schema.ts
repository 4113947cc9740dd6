import { z } from 'zod';
import { canonicalHost } from '@plumbline/primitives/hosts';
import { MAX_LISTED } from '../domain/policy/policy-limits.js';
import { gateWebhooksSchema } from './gate-webhooks.js';
import { filled, port, says, sourceFields, webAddress } from './schema-parts.js';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_SERVE_PORT = 9400;

/**
 * What the bearer of a token may do. `viewer` includes `gate-only`, and `operator` includes `viewer`. `push` may push the state of
 * its accounts and do nothing else.
 */
export const TOKEN_ROLES = ['gate-only', 'viewer', 'operator', 'push'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

export const allowedHosts = z
  .array(
    filled
      .max(255)
      .refine((host) => canonicalHost(host) !== null && !/:\d+$/.test(host), 'a host name without scheme and port'),
  )
  .max(MAX_LISTED);
const allowedHostsMeaning =
  'Further host names that it answers: the service name of a container, the public name of a proxy. It always answers ' +
  'loopback names and, unless it listens on loopback, IP addresses. Requests for other names are refused (421), so that no ' +
  'web page can read it through a browser by DNS rebinding.';

/** The hash of a token, as `sha256sum` and `plumbline token new` print it. */
export const SHA256 = /^[0-9a-f]{64}$/i;

const token = z.strictObject({
  name: filled
    .max(100)
    .refine((name) => name.trim() === name, 'a name without blanks at its ends')
    .meta({ description: 'The person or program that uses it; recorded with every act.' }),
  role: z.enum(TOKEN_ROLES).meta({
    description:
      '`gate-only` reads only trading gates, for a bot. `viewer` reads everything. `operator` also acts: acknowledge, accept, ' +
      'snooze, pause, resume, run. `push` only sends the state of its accounts, which it must name.',
  }),
  accounts: z
    .array(filled)
    .min(1)
    .max(MAX_LISTED)
    .meta({ description: 'Accounts that it may use. Default: all.' })
    .optional(),
  sha256: z
    .string()
    .regex(SHA256, 'the SHA-256 of the token, 64 hexadecimal digits; `plumbline token new` prints it')
    .meta({ description: 'SHA-256 of the token, hexadecimal. The token itself is stored nowhere.' })
    .optional(),
  ...sourceFields('sha256'),
});

export const serveSchema = z
  .strictObject({
    host: filled.meta(
      says('The address that `plumbline serve` listens on. Beyond loopback it needs tokens.', DEFAULT_HOST),
    ),
    port: port.meta(says('0 takes any free port.', DEFAULT_SERVE_PORT)),
    allowed_hosts: allowedHosts.meta(says(allowedHostsMeaning, [])),
    gate_webhooks: gateWebhooksSchema,
    tokens: z
      .array(token)
      .max(MAX_LISTED)
      .meta(
        says(
          'Who may read and act over HTTP. Without tokens, everyone on this machine may read and nobody may act.',
          [],
        ),
      ),
    metrics_without_token: z
      .boolean()
      .meta(says('Leaves /metrics open although there are tokens: for a Prometheus on a private network.', false)),
    read_without_token: z
      .boolean()
      .meta(
        says('Everyone on this machine may read although there are tokens; acting needs one. Only on loopback.', false),
      ),
    public_url: webAddress.meta({
      description:
        'Where people reach `serve` from outside. Messages then hold one-time links to it; needs link_secret.',
    }),
    ...sourceFields('link_secret'),
  })
  .partial();

export type ServeFields = z.infer<typeof serveSchema>;
export type TokenFields = z.infer<typeof token>;
