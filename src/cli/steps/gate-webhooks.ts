import type { PlumblineConfig, SecretSource } from '../../config/config.js';
import type { GateWebhook } from '../../http/gate-webhooks.js';
import { CommandError } from '../context/errors.js';

/** Of Standard Webhooks: 24 to 64 bytes. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/**
 * The webhooks of the configuration with the values of their secrets.
 *
 * @throws FailureError if a secret cannot be read, CommandError if it is no secret of Standard Webhooks or no address
 */
export function gateWebhooksOf(
  { serve }: Pick<PlumblineConfig, 'serve'>,
  secretOf: (source: SecretSource, what: string) => string,
): GateWebhook[] {
  return serve.gateWebhooks.map(({ url, secret, accounts }, index) => {
    const where = `serve.gate_webhooks[${index}]`;
    const address = typeof url === 'string' ? url : secretOf(url, `${where}.url`);
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
      throw new CommandError(`${where}.url is no http:// or https:// address`, 'write it with its scheme');
    }
    const key = secretOf(secret, `${where}.secret`);
    if (!SECRET.test(key)) {
      throw new CommandError(
        `${where}.secret is no secret of Standard Webhooks, which is whsec_ and 24 to 64 bytes in base64`,
        'make one with: echo "whsec_$(openssl rand -base64 32)"',
      );
    }
    return { number: index + 1, url: address, secret: key, accounts };
  });
}
