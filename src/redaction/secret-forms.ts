import { canonical } from './decoded-view.js';

/** A text that reveals a secret. */
export interface Needle {
  text: string;
  /** Whether it is a part of a base64 text, which is removed as a whole. */
  base64: boolean;
}

/** Shorter secrets are not searched for, because they would match ordinary text. */
export const SHORTEST_SECRET = 4;
/** Shorter lines of a multi-line secret are not searched for separately. */
const SHORTEST_LINE = 6;
/** Shorter parts of base64 text would match by chance. */
const SHORTEST_BASE64 = 6;

/**
 * All texts that reveal a secret, except the encodings that `decodedViews` decodes: its lines, its base64 (at each of the
 * three alignments in a longer base64 text, such as that of `user:secret`), and its bytes in hexadecimal.
 */
export function formsOf(secret: string): Needle[] {
  const plain = new Set<string>();
  const encoded = new Set<string>();
  for (const part of partsOf(secret)) {
    if (part.length < SHORTEST_SECRET) continue;
    for (const form of writtenForms(part)) plain.add(form);
    const bytes = Buffer.from(part, 'utf8');
    plain.add(bytes.toString('hex'));
    plain.add([...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' '));
    plain.add([...bytes].join(','));
    const inner = JSON.stringify(part).slice(1, -1);
    for (const form of new Set([part, inner, encodeURIComponent(bytes.toString('utf8'))])) {
      for (const core of base64Cores(form)) encoded.add(core);
    }
  }
  return [
    ...[...plain].filter((text) => text.length >= SHORTEST_SECRET).map((text) => ({ text, base64: false })),
    ...[...encoded].filter((text) => text.length >= SHORTEST_BASE64).map((text) => ({ text, base64: true })),
  ];
}

/** The forms of web forms, wrapped texts, shells and SQL. `decodedViews` decodes escapes with `%`, `\\` and `&`. */
function writtenForms(part: string): string[] {
  return [
    part,
    canonical(part),
    part.replaceAll(' ', '+'),
    part.replaceAll(/\s+/g, ''),
    part.replaceAll("'", String.raw`'\''`),
    part.replaceAll("'", "''"),
    part.replaceAll('"', '""'),
  ];
}

/** The secret itself, its lines, and the password if it is a URL with one. */
function partsOf(secret: string): Set<string> {
  const parts = new Set([secret, secret.trim()]);
  for (const line of secret.split(/[\r\n]+/)) {
    if (line.trim().length >= SHORTEST_LINE && !/^-----(?:BEGIN|END) /.test(line)) parts.add(line.trim());
  }
  if (/^0x/i.test(secret)) parts.add(secret.slice(2));
  // The password of a URL, encoded as in the URL and decoded.
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^:@/]*:(.+)@/is.exec(secret)?.[1];
  if (written !== undefined) parts.add(written).add(canonical(written));
  return parts;
}

/** Base64 of a text inside a longer one, without the characters that share bits with its neighbours. */
function base64Cores(text: string): string[] {
  const bytes = Buffer.from(text, 'utf8');
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    const core = whole.slice(first, last);
    const forUrls = core.replaceAll('+', '-').replaceAll('/', '_');
    return core === forUrls ? [core] : [core, forUrls];
  });
}
