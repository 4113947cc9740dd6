import { createHash, createHmac } from 'node:crypto';
import { ask } from '../raw-http.js';
import { DEMO_CREDENTIALS } from '../../../packages/exchange-simulator/src/simulator.js';

export interface Signing {
  credentials?: { apiKey: string; secret: string };
  method?: string;
  query?: string;
  body?: string;
  nonce?: string;
  /** Instead of what the documentation says to sign. */
  signed?: { query?: string; path?: string };
}

export interface KrakenAnswer {
  status: number;
  body: Body;
  raw: string;
  /** The header by which a page says how to go on. */
  token: unknown;
}

/** Signed here by hand, as the page "Derivatives REST" says, and not by a client. */
export async function krakenCall(base: string, path: string, signing: Signing = {}): Promise<KrakenAnswer> {
  const { credentials = DEMO_CREDENTIALS, method = 'GET', query = '', body = '', nonce, signed = {} } = signing;
  const signedPath = signed.path ?? path.replace('/derivatives', '');
  const message = (signed.query ?? query) + body + (nonce ?? '') + signedPath;
  // The demo's secrets are plain text; Kraken's are Base64 of bytes, here of that text.
  const key = Buffer.from(credentials.secret, 'utf8');
  const authent = createHmac('sha512', key).update(createHash('sha256').update(message).digest()).digest('base64');
  const answer = await ask(`${base}${path}${query === '' ? '' : `?${query}`}`, {
    method,
    body,
    headers: { APIKey: credentials.apiKey, Authent: authent, ...(nonce === undefined ? {} : { Nonce: nonce }) },
  });
  return {
    status: answer.status,
    body: JSON.parse(answer.body) as Body,
    raw: answer.body,
    token: answer.headers['next-continuation-token'],
  };
}

export interface Body {
  result?: string;
  error?: string;
  len?: number;
  elements?: { uid: string; timestamp: number; event: Record<string, Record<string, unknown>> }[];
  continuationToken?: string;
  [field: string]: unknown;
}
