import type { Answer, Configured } from './service.js';

/** A kind of channel that sends HTTP requests, for the tests that hold for all of them. */
export interface HttpKind {
  kind: string;
  /** How it is configured to send to the given address. */
  configured: (url: string) => Configured;
  /** How the service accepts a message. */
  success: Answer;
  /** What happens after a success whose body is not the service's. */
  garbage: 'delivered' | 'unreadable';
  /** The field in the failure if the service refuses who sends. */
  secret: string;
  /** How the service says that there were too many messages, with a wait of 17 s where its body has one. */
  tooMany?: Answer;
}

export const HTTP_KINDS: readonly HttpKind[] = [
  {
    kind: 'webhook',
    configured: (url) => ({
      fields: `kind: webhook, url_env: HOOK, secret_env: SIGNING, token_env: TOKEN`,
      secrets: {
        HOOK: `${url}/in/Zx81Kq0Lp2Mn4Vb6`,
        SIGNING: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        TOKEN: 'bearer-4f6a1b2c3d',
      },
    }),
    success: { status: 204, body: '' },
    garbage: 'delivered',
    secret: 'token_env',
  },
  {
    kind: 'slack (incoming webhook)',
    configured: (url) => ({
      fields: 'kind: slack, url_env: HOOK',
      secrets: { HOOK: `${url}/services/T0AAAAAAA/B0BBBBBBB/nXk2Yq9Rt7Ws5Vb3Mz1Lp8Jd` },
    }),
    success: { body: 'ok' },
    garbage: 'unreadable',
    secret: 'url_env',
  },
  {
    kind: 'slack (bot)',
    configured: (url) => ({
      fields: `kind: slack, token_env: TOKEN, channel: C0123456789, base_url: "${url}"`,
      secrets: { TOKEN: 'xoxb-1111111111-2222222222-aBcDeFgHiJkLmNoPqRsTuVwX' },
    }),
    success: { body: { ok: true, channel: 'C0123456789', ts: '1764381600.000100' } },
    garbage: 'unreadable',
    secret: 'token_env',
  },
  {
    kind: 'discord',
    configured: (url) => ({
      fields: 'kind: discord, url_env: HOOK',
      secrets: { HOOK: `${url}/api/webhooks/123456789012345678/qW8eRt6yUi4oPa2sDf0gHj-KlZxCv_BnM` },
    }),
    success: { body: { id: '1444000000000000001', type: 0, content: '' } },
    garbage: 'unreadable',
    secret: 'url_env',
    // https://docs.discord.com/developers/topics/rate-limits#exceeding-a-rate-limit
    tooMany: { status: 429, body: { message: 'You are being rate limited.', retry_after: 16.57, global: false } },
  },
  {
    kind: 'telegram',
    configured: (url) => ({
      fields: `kind: telegram, token_env: TOKEN, chat_id: -1001234567890, base_url: "${url}"`,
      secrets: { TOKEN: '987654321:AAE-9x8y7z6w5v4u3t2s1r0q_ponmlkjihg' },
    }),
    success: { body: { ok: true, result: { message_id: 77, date: 1, chat: { id: -1001234567890 } } } },
    garbage: 'unreadable',
    secret: 'token_env',
    // https://core.telegram.org/bots/api#responseparameters
    tooMany: {
      status: 429,
      body: {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests: retry after 17',
        parameters: { retry_after: 17 },
      },
    },
  },
  {
    kind: 'ntfy',
    configured: (url) => ({
      fields: `kind: ntfy, url: "${url}", topic_env: TOPIC, token_env: TOKEN`,
      secrets: { TOPIC: 'plumbline-7Hq2Lx9Rv4', TOKEN: 'tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2' },
    }),
    success: { body: { id: 'hwQ2YpKdmg', time: 1764381600, event: 'message', topic: 'plumbline-7Hq2Lx9Rv4' } },
    garbage: 'unreadable',
    secret: 'token_env',
  },
  {
    kind: 'pushover',
    configured: (url) => ({
      fields: `kind: pushover, token_env: TOKEN, user_env: USER_KEY, base_url: "${url}"`,
      secrets: { TOKEN: 'azGDORePK8gMaC0QOYAMyEEuzJnyUi', USER_KEY: 'uQiRzpo4DXghDmr9QzzfQu27cmVRsG' },
    }),
    success: { body: { status: 1, request: '647d2300-702c-4b38-8b2f-d56326ae460b' } },
    garbage: 'unreadable',
    secret: 'token_env',
  },
];
