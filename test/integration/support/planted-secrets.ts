import { generateKeyPairSync } from 'node:crypto';

/**
 * Secrets that are as unusual as real ones may be: they are difficult for escaping, encoding and pattern matching. None
 * shares a part with another, because one leak would then be reported as several.
 */
export function plantSecrets() {
  const pem = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    /** Special characters of regular expressions, as far as a header can carry them. */
    patternKey: String.raw`k$y.*+?^(p|q)[l]{2}\d-Qz7~!marigold`,
    /** Base64 with padding. */
    base64Secret: Buffer.from(Array.from({ length: 31 }, (_, index) => (index * 73 + 251) % 256)).toString('base64'),
    plainKey: 'Xv8RtB2LmWc4Yn6Jd0HsQe3Ku5Pa7Gf9',
    /** A key with several lines. */
    pem: pem.privateKey,
    /** Characters that a URL, JSON, HTML or a shell escapes, as far as a header can carry them. */
    token: String.raw`t0k/3n%2F+&<b>"w"'s=\n,wood-pigeon~^`,
    password: `p@ss:w/rd?#%[x]&"thistledown"`,
  };
}
export type PlantedSecrets = ReturnType<typeof plantSecrets>;

/** Ways in which a server may echo a secret. */
export const ECHOES: readonly [name: string, echo: (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['percent-encoded', encodeURIComponent],
  [
    'split over a URL encoding',
    (secret) => secret.slice(0, secret.length / 2) + everyByte(secret.slice(secret.length / 2)),
  ],
  ['percent-encoded twice', (secret) => encodeURIComponent(encodeURIComponent(secret))],
  ['escaped as in JSON', escaped],
  ['escaped twice', (secret) => escaped(escaped(secret))],
  ['in base64', (secret) => Buffer.from(secret).toString('base64')],
  ['in hexadecimal', (secret) => Buffer.from(secret).toString('hex')],
];

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function everyByte(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Parts of this length occur in no other text by chance. */
const PART = 14;

/**
 * Returns a search for parts of the secrets in a text, with results such as "token, escaped as in JSON". A part counts
 * as the whole, so that a truncated secret is found too: every window of the secret, in every encoding, in any case.
 */
export function searchFor(secrets: Readonly<Record<string, string>>): (text: string) => string[] {
  const windows = new Map<string, string>();
  for (const [name, secret] of Object.entries(secrets)) {
    for (const [way, echo] of ECHOES) {
      for (const window of windowsOf(secret, echo)) if (!windows.has(window)) windows.set(window, `${name}, ${way}`);
    }
  }
  return (text) => {
    const folded = text.toLowerCase();
    const found = new Set<string>();
    for (let start = 0; start + PART <= folded.length; start++) {
      const leak = windows.get(folded.slice(start, start + PART));
      if (leak !== undefined) found.add(leak);
    }
    return [...found];
  };
}

/** For a PEM block its own bytes: frame and header are the same in all keys of a kind. */
function secretPart(secret: string): string {
  const body = /-----BEGIN[^-]*-----\s*([^-]*?)\s*-----END/.exec(secret)?.[1];
  return body === undefined ? secret : body.replaceAll(/\s/g, '').slice(-42);
}

/** The Base64 of a part depends on its offset within a group of three bytes, so all three are generated. */
function windowsOf(secret: string, echo: (secret: string) => string): string[] {
  const part = secretPart(secret);
  return [0, 1, 2].flatMap((from) => {
    const text = echo(part.slice(from)).replace(/=+$/, '').toLowerCase();
    const last = Math.max(0, text.length - PART - 1);
    return Array.from({ length: last + 1 }, (_, start) => text.slice(start, start + PART));
  });
}
