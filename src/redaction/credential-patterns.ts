import { REDACTED } from './redacted.js';

/** Endings of the names of credentials: `apiKey`, `X-MBX-APIKEY`, `access_token`, `OK-ACCESS-SIGN`. */
const NAME = [
  'api[-_]?key',
  'api[-_]?sign',
  'bapi-sign',
  'access[-_]?key(?:[-_]?id)?',
  'access[-_]?sign',
  'private[-_]?key',
  'secret(?:[-_]?key)?',
  'passphrase',
  'password',
  'passwd',
  'token',
  'signature',
  'listen[-_]?key',
  'authent',
  'authorization',
  '(?<![a-z0-9])sign?',
].join('|');

/** The value of a parameter or unquoted field. It has no quote or backslash, so surrounding JSON stays valid. */
const BARE = String.raw`[^&\s"'<>\\;,)\]}]+`;
/** A quoted value: as in JSON or JavaScript, as in JSON inside JSON, or cut off before the closing quote. */
const QUOTED = [
  String.raw`"(?:[^"\\]|\\.)*"`,
  String.raw`'(?:[^'\\]|\\.)*'`,
  // The closing quote has as many backslashes as the opening one; a quote with more is inside the value.
  String.raw`(?<escape>\\{1,7})"(?:(?!(?<!\\)\k<escape>").)*(?<!\\)\k<escape>"`,
  String.raw`["'](?:[^"'\\]|\\.)*$`,
].join('|');
/** Placeholders in remedies, such as "..." and "$NAME", are not values. */
const NO_VALUE = String.raw`(?!\.\.\.|\$|<|\[redacted\])`;
/** The closing quote of a quoted name. */
const CLOSE = String.raw`\\{0,7}["']?`;

interface Pattern {
  /** A text without this part cannot match. */
  needs?: string;
  find: RegExp;
  replace: string | ((...match: string[]) => string);
}

/** Forms in which credentials appear, whatever their value. They are applied in this order. */
const PATTERNS: readonly Pattern[] = [
  {
    needs: '-----BEGIN',
    // A private key in PEM, with line ends or with "\n".
    find: /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g,
    replace: REDACTED,
  },
  {
    needs: '@',
    // user:password@ in a URL, but not the port of host:8080/?mail=a@b.
    find: /(:\/\/[^\s/@:"'<>\\]{0,256}:)(?!\d{1,5}[/?#])[^\s"'<>\\]{1,1024}(?=@)/g,
    replace: `$1${REDACTED}`,
  },
  {
    // Header lines, and headers in lists of names and values. A value may have several words.
    find: /((?<![a-z])(?:proxy-)?authorization\\{0,7}["']?\s{0,3}[:=,]\s{0,3}\\{0,7}["']?)((?:bearer|basic|digest|token|hmac[\w-]*|aws4[\w-]*)\s[^\r\n"'\\]+|[^\s"'\\,]{16,})/gi,
    replace: `$1${REDACTED}`,
  },
  {
    find: /((?<![a-z])(?:set-)?cookie\\{0,7}["']?\s{0,3}[:,]\s{0,3}\\{0,7}["']?)[^\r\n"'\\]{4,}/gi,
    replace: `$1${REDACTED}`,
  },
  {
    find: /\b(bearer|basic)(\s{1,3}|%20|\+)(?=[a-z0-9._~+/=-]*[A-Z0-9=_])[A-Za-z0-9._~+/=-]{8,}/gi,
    replace: (match, scheme, gap) => (looksLikeWord(match) ? match : `${scheme}${gap}${REDACTED}`),
  },
  {
    needs: 'eyJ',
    // A JSON Web Token.
    find: /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
    replace: REDACTED,
  },
  {
    // ?signature=..., also percent-encoded once.
    find: new RegExp(`((?:${NAME}|[?&]key)(?:=|%3D))${NO_VALUE}${BARE}`, 'gi'),
    replace: (match, start) => {
      // A percent-encoded value ends where the next parameter begins.
      const rest = /%3D$/i.test(start ?? '') ? (/%26.*$/is.exec(match)?.[0] ?? '') : '';
      return `${start}${REDACTED}${rest}`;
    },
  },
  {
    // "apiKey": "...", apiKey: '...', and \"apiKey\":\"...\" inside another JSON text.
    find: new RegExp(String.raw`((?:${NAME})${CLOSE}\s{0,3}[:=]\s{0,3})(${QUOTED})`, 'gi'),
    replace: (_match, start, value) => `${start}${requoted(value ?? '')}`,
  },
  {
    // ['X-MBX-APIKEY', '...'], as in lists of raw headers.
    find: new RegExp(String.raw`((?<=-)(?:${NAME})${CLOSE},\s{0,3})(${QUOTED})`, 'gi'),
    replace: (_match, start, value) => `${start}${requoted(value ?? '')}`,
  },
  {
    // X-MBX-APIKEY: ..., with an unquoted value that looks like a key and not like a word or the name of a variable.
    find: new RegExp(String.raw`((?:${NAME})${CLOSE}\s{0,3}:\s{0,3})([A-Za-z0-9+/=_.~-]{12,})`, 'gi'),
    replace: (match, start, value) => (looksLikeKey(value ?? '') ? `${start}${REDACTED}` : match),
  },
  {
    // KEY: ..., the name of the header at some exchanges.
    find: /(\bkey:\s{0,3})([A-Za-z0-9]{24,})/gi,
    replace: (match, start, value) => (looksLikeKey(value ?? '') ? `${start}${REDACTED}` : match),
  },
];

/** Replaces everything that has the form of a credential, whether or not the value is a known secret. */
export function redactCredentials(text: string): string {
  let redacted = text;
  for (const { needs, find, replace } of PATTERNS) {
    if (needs !== undefined && !text.includes(needs)) continue;
    redacted = typeof replace === 'string' ? redacted.replace(find, replace) : redacted.replace(find, replace);
  }
  return redacted;
}

/** Replaces a quoted value and keeps its quotes, so that JSON stays valid. */
function requoted(value: string): string {
  const quote = /^\\*["']/.exec(value)?.[0] ?? '';
  const closed = value.length >= quote.length * 2 && value.endsWith(quote);
  const inner = value.slice(quote.length, closed ? -quote.length : undefined);
  return inner === '' || inner === '...' ? value : `${quote}${REDACTED}${closed ? quote : ''}`;
}

function looksLikeKey(value: string): boolean {
  const isVariableName = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(value);
  return !isVariableName && /\d/.test(value) && /[A-Za-z]/.test(value);
}

/** Whether the match is only words, such as "Basic Authentication". */
function looksLikeWord(match: string): boolean {
  return /^\w+\s+[A-Z]?[a-z]+$/.test(match);
}

const SECRET_KEY =
  /(?:secret|password|passwd|passphrase|token|api[-_]?key|private[-_]?key|access[-_]?key|listen[-_]?key|signature|authorization|cookie|authent|sign)$/i;

/** Whether a field with this name holds a credential. `token_env` and `secretFile` hold only the name of a place. */
export function namesCredential(key: string): boolean {
  return SECRET_KEY.test(key);
}
