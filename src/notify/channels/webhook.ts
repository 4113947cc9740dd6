import { Webhook } from 'standardwebhooks';
import type { ChannelConfigOf } from '../../config/channel-config.js';
import { channelFailure } from '../channel-failure.js';
import { readHeaderSecret, readSecret, readSecretAddress, secretSetting, settingOf } from '../channel-parts.js';
import type { ChannelParts } from '../channel-parts.js';
import type { Channel, Message } from '../channel.js';
import { sendTo } from './http-sender.js';
import { messageDocument } from './message-views.js';

/**
 * A signed POST to any address, as Standard Webhooks specifies
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): `webhook-id` is the same for each
 * attempt to send a message, `webhook-timestamp` is the time of the attempt, `webhook-signature` is an HMAC-SHA256 over both
 * and the body. Every 2xx is a success; the body of the answer is only quoted in errors.
 */
export function createWebhookChannel(config: ChannelConfigOf<'webhook'>, parts: ChannelParts): Channel {
  const { name, settings } = config;
  const addressSetting = settings.url === undefined ? secretSetting(config, 'url') : settingOf(name, 'url');
  const service = {
    name: 'the webhook',
    settings: {
      secret: secretSetting(config, config.secrets.token === undefined ? 'secret' : 'token'),
      address: addressSetting,
    },
    deadlineSeconds: settings.deadlineSeconds,
  };
  return {
    name,
    kind: 'webhook',
    async deliver(message, { signal }) {
      const url = settings.url === undefined ? readSecretAddress(config, 'url', parts) : new URL(settings.url);
      const body = JSON.stringify(payloadOf(message));
      const at = new Date(parts.now());
      const headers: Record<string, string> = {
        'webhook-id': message.key,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': signer().sign(message.key, at, body),
      };
      if (config.secrets.token !== undefined) {
        headers['authorization'] = `Bearer ${readHeaderSecret(config, 'token', parts)}`;
      }
      await sendTo(service, { url, headers, contentType: 'application/json', body, signal }, parts);
      return { id: null, thread: null };
    },
  };

  function signer(): Webhook {
    const secret = readSecret(config, 'secret', parts);
    try {
      return new Webhook(secret);
    } catch {
      const where = secretSetting(config, 'secret');
      throw channelFailure(
        'configuration',
        `the value that ${where} names is not a secret of Standard Webhooks`,
        'use whsec_ and 24 to 64 random bytes in base64, such as from: echo "whsec_$(openssl rand -base64 32)"',
        { where },
      );
    }
  }
}

/** The body, the same for each attempt. `docs/notifying.md` documents it. */
function payloadOf(message: Message): object {
  return { type: `intervention.${message.occasion}`, data: messageDocument(message) };
}
