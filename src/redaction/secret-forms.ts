import { canonical } from './decoded-view.js';

/** A text that gives a secret away. */
export interface Needle {
  text: string;
  /** Part of a base64 text: the whole run around it is the secret, padding and neighbours included. */
  base64: boolean;
}

/** Shorter secrets are found in no text: they would tear holes into every other word. */
export const SHORTEST_SECRET = 4;
/** A line of a secret of several lines that is shorter is not looked for alone. */
const SHORTEST_LINE = 6;
/** Shorter parts of base64 text are found by chance. */
const SHORTEST_BASE64 = 6;

/**
 * All texts that give a secret away besides those that `decodedViews` undoes: its lines, its base64 (at each of the three
 * places in which it can stand in a longer base64 text, such as that of `user:secret`), its bytes in hexadecimal.
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

/** As forms, wrapped texts, shells and SQL write it. What escapes with `%`, `\\` and `&` is undone by `decodedViews`. */
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

/** The secret itself, its lines, and what is secret inside an address with a password. */
function partsOf(secret: string): Set<string> {
  const parts = new Set([secret, secret.trim()]);
  for (const line of secret.split(/[\r\n]+/)) {
    if (line.trim().length >= SHORTEST_LINE && !/^-----(?:BEGIN|END) /.test(line)) parts.add(line.trim());
  }
  if (/^0x/i.test(secret)) parts.add(secret.slice(2));
  // The password of an address, as it is written there and as the server knows it.
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^:@/]*:(.+)@/is.exec(secret)?.[1];
  if (written !== undefined) parts.add(written).add(canonical(written));
  return parts;
}

/** Base64 of a text as it stands inside a longer one: without the characters that its neighbours have a share in. */
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
