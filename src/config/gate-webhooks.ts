import { z } from 'zod';
import { isMap } from '../domain/text/is-map.js';
import type { UnplacedProblem } from './config-problems.js';
import { filled, sourceFields, webAddress } from './schema-parts.js';
import type { SecretSource } from './secret-source.js';
import { checkAddress, checkSources } from './secret-relations.js';

// `serve.gate_webhooks`: where `serve` sends each change of a trading gate.

export const MAX_GATE_WEBHOOKS = 20;

const gateWebhook = z.strictObject({
  url: webAddress.meta({ description: 'Receives a POST for each change. Put an address with a token into url_env.' }),
  ...sourceFields('url'),
  ...sourceFields('secret'),
  accounts: z.array(filled).min(1).max(10_000).meta({ description: 'Accounts whose changes are sent. Default: all.' }),
});

export const gateWebhooksSchema = z
  .array(gateWebhook.partial())
  .max(MAX_GATE_WEBHOOKS)
  .meta({
    description:
      'Addresses to which `plumbline serve` sends each change of a trading gate, signed by Standard Webhooks. The secret is ' +
      'whsec_ and 24 to 64 bytes in base64. A message may come late or twice, so a bot must still ask the gate.',
    default: [],
  });

type GateWebhookFields = z.infer<typeof gateWebhooksSchema>[number];

/** One address that receives changes of trading gates. */
export interface GateWebhookConfig {
  url: string | SecretSource;
  secret: SecretSource;
  /** Null: all. */
  accounts: string[] | null;
}

/** @param sourceOf finds `<name>_env` or `<name>_file` among the fields */
export function gateWebhooksOf(
  webhooks: readonly GateWebhookFields[],
  sourceOf: (fields: GateWebhookFields, name: string) => SecretSource | null,
): GateWebhookConfig[] {
  return webhooks.map((fields) => {
    const url = fields.url ?? sourceOf(fields, 'url');
    const secret = sourceOf(fields, 'secret');
    if (url === null || secret === null) throw new TypeError('checkGateWebhooks let an incomplete webhook pass');
    return { url, secret, accounts: fields.accounts ?? null };
  });
}

/** Checks that each webhook has one address and one secret, and names accounts that exist. */
export function checkGateWebhooks(serve: unknown, accounts: Readonly<Record<string, unknown>>): UnplacedProblem[] {
  const webhooks: unknown = isMap(serve) ? serve['gate_webhooks'] : undefined;
  return (Array.isArray(webhooks) ? (webhooks as unknown[]) : []).flatMap((webhook, index) => {
    const at = ['serve', 'gate_webhooks', index];
    if (!isMap(webhook)) return [];
    const problems = [...checkSources(webhook, ['url', 'secret'], at), ...checkAddress(webhook, 'url', at)];
    const missing = (message: string, remedy: string): UnplacedProblem => ({ at, value: 'a map', message, remedy });
    const hasSource = (name: string): boolean =>
      webhook[`${name}_env`] !== undefined || webhook[`${name}_file`] !== undefined;
    if (webhook['url'] === undefined && !hasSource('url')) {
      problems.push(missing('it has no address', 'add url, or url_env for an address that holds a token'));
    } else if (webhook['url'] !== undefined && hasSource('url')) {
      problems.push(missing('it has two addresses', 'keep one of url, url_env and url_file'));
    }
    if (!hasSource('secret')) {
      const remedy = 'add secret_env; make one with: echo "whsec_$(openssl rand -base64 32)"';
      problems.push(missing('it has no secret, so the receiver could not detect a forged message', remedy));
    }
    const named: unknown = webhook['accounts'];
    for (const [position, name] of (Array.isArray(named) ? (named as unknown[]) : []).entries()) {
      if (typeof name !== 'string' || Object.hasOwn(accounts, name)) continue;
      problems.push({
        at: [...at, 'accounts', position],
        value: JSON.stringify(name),
        message: 'there is no account of this name',
        remedy: 'name an account of this file',
      });
    }
    return problems;
  });
}
