import { namesCredential, redactCredentials } from '../redaction/credential-patterns.js';
import { REDACTED } from '../redaction/redacted.js';
import { hasSecretInAddress, looksLikeKey, type Path, type UnplacedProblem } from './config-problems.js';
import { showValue } from './issues.js';
import { isMap } from '../domain/text/is-map.js';

/**
 * The section `ccxt` of an exchange: options and headers that Plumbline has no field for. They are passed to ccxt and
 * sent unchanged, so they are checked:
 *
 * - The file holds no secret. A name or value that looks like one is refused and not shown.
 * - Requests still go to the exchange's address, and only requests that read are sent. Names that change the address,
 *   and headers that the transport sets, are refused; the guarded transport allows the same requests as without these
 *   settings.
 * - Names, values and nesting are bounded.
 */

export const MAX_CCXT_OPTIONS = 50;
export const MAX_CCXT_HEADERS = 20;
export const MAX_CCXT_DEPTH = 4;
export const MAX_CCXT_NAME = 64;
export const MAX_CCXT_TEXT = 200;

/**
 * Words in the names of credentials, in any spelling. Wider than the redactor's list, because such a name is never
 * needed here.
 */
const CREDENTIAL_WORDS =
  /auth|bearer|cookie|credential|jwt|key|mnemonic|pass(?:wd|word|phrase|$)|private|secret|seed|session|sign|token|wallet/i;
/** Options that send requests to another address, or switch the environment without showing it. */
const ADDRESS_WORDS = /url|host(?:name)?$|prox(?:y|ies)|socks|sandbox|testnet|demo/i;
/** Options that change how lists are paged, or the time with which requests are signed. */
const OWNED_OPTIONS: ReadonlySet<string> = new Set(['paginate', 'timedifference', 'adjustfortimedifference']);
/** Headers of the connection and of the body, which the transport writes. */
const OWNED_HEADERS =
  /^(?:host|connection|keep-alive|upgrade|te|trailer|transfer-encoding|expect|content-.*|accept|accept-encoding|forwarded|x-forwarded-.*|via|origin|referer)$/i;
/** Headers that choose demo trading. */
const DEMO_HEADERS = /^(?:x-simulated-trading|paptrading)$/i;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * Problems of the section `ccxt` of an exchange; none if it is absent or has another type, which the schema refuses.
 */
export function checkCcxtSettings(settings: unknown, at: Path): UnplacedProblem[] {
  if (!isMap(settings)) return [];
  return [
    ...checkOptions(settings['options'], [...at, 'options']),
    ...checkHeaders(settings['headers'], [...at, 'headers']),
  ];
}

function checkOptions(options: unknown, at: Path): UnplacedProblem[] {
  if (!isMap(options)) return [];
  const problems: UnplacedProblem[] = [];
  let count = 0;
  const check = (value: unknown, path: Path): void => {
    count += 1;
    if (path.length - at.length > MAX_CCXT_DEPTH) {
      problems.push(refusal(path, value, `it is nested deeper than ${MAX_CCXT_DEPTH} levels`, 'write it flatter'));
    } else if (isMap(value) || Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value)) {
        const problem = Array.isArray(value) ? null : optionNameProblem(name, inner, [...path, name]);
        if (problem === null) check(inner, [...path, name]);
        else problems.push(problem);
      }
    } else {
      const problem = valueProblem(path, value);
      if (problem !== null) problems.push(problem);
    }
  };
  for (const [name, value] of Object.entries(options)) {
    const problem = optionNameProblem(name, value, [...at, name]);
    if (problem === null) check(value, [...at, name]);
    else problems.push(problem);
  }
  if (count > MAX_CCXT_OPTIONS) problems.push(tooMany(at, count, MAX_CCXT_OPTIONS, 'options'));
  return problems;
}

function optionNameProblem(name: string, value: unknown, at: Path): UnplacedProblem | null {
  if (name.length > MAX_CCXT_NAME || !/^[A-Za-z0-9][\w./:-]*$/.test(name) || name in Object.prototype) {
    return refusal(at, value, `it is no name of an option, or longer than ${MAX_CCXT_NAME} characters`, 'correct it');
  }
  if (isCredentialName(name)) return secretName(at);
  if (ADDRESS_WORDS.test(name)) return movesAddress(at, value);
  if (!OWNED_OPTIONS.has(name.toLowerCase())) return null;
  return refusal(at, value, 'Plumbline sets this option itself, because complete reads depend on it', 'remove it');
}

function checkHeaders(headers: unknown, at: Path): UnplacedProblem[] {
  if (!isMap(headers)) return [];
  const entries = Object.entries(headers);
  const problems = entries.flatMap(([name, value]) => headerProblem(name, value, [...at, name]) ?? []);
  const names = new Set(entries.map(([name]) => name.toLowerCase()));
  if (names.size < entries.length) {
    problems.push(refusal(at, headers, 'a header is named twice, in two spellings', 'keep one of them'));
  }
  if (entries.length > MAX_CCXT_HEADERS) problems.push(tooMany(at, entries.length, MAX_CCXT_HEADERS, 'headers'));
  return problems;
}

function headerProblem(name: string, value: unknown, at: Path): UnplacedProblem | null {
  if (name.length > MAX_CCXT_NAME || !HEADER_NAME.test(name)) {
    return refusal(at, value, `it is no name of a header, or longer than ${MAX_CCXT_NAME} characters`, 'correct it');
  }
  if (isCredentialName(name)) return secretName(at);
  if (/prox/i.test(name)) return movesAddress(at, value);
  if (DEMO_HEADERS.test(name)) {
    return refusal(
      at,
      value,
      'the header chooses demo trading',
      'remove it and set demo: true in the exchange section',
    );
  }
  if (OWNED_HEADERS.test(name)) {
    return refusal(at, value, 'the header belongs to the connection, which Plumbline controls', 'remove it');
  }
  if (typeof value === 'string' && !PRINTABLE.test(value)) {
    return refusal(at, value, 'a value of a header consists of printable ASCII characters', 'correct it');
  }
  return valueProblem(at, value);
}

/** A scalar that may be a secret, an address, or is too long. */
function valueProblem(at: Path, value: unknown): UnplacedProblem | null {
  if (typeof value !== 'string') return null;
  if (value.length > MAX_CCXT_TEXT) {
    return refusal(at, REDACTED, `it is longer than ${MAX_CCXT_TEXT} characters`, 'shorten it', REDACTED);
  }
  const written = `${String(at.at(-1) ?? '')}: ${value}`;
  if (redactCredentials(value) !== value || redactCredentials(written) !== written || looksLikeKey(value)) {
    return refusal(at, value, 'the value looks like a secret', SECRET_REMEDY, REDACTED);
  }
  if (hasSecretInAddress(value) || value.includes('://')) return movesAddress(at, value, REDACTED);
  return null;
}

const SECRET_REMEDY =
  'remove it; credentials are named by api_key_env, secret_env and the related fields of the exchange section, and ccxt signs with them';

function secretName(at: Path): UnplacedProblem {
  return refusal(at, null, 'the name is that of a credential', SECRET_REMEDY, REDACTED);
}

function movesAddress(at: Path, value: unknown, shown?: string): UnplacedProblem {
  return refusal(
    at,
    value,
    'it could send requests to another address',
    'remove it; base_url, demo and testnet of the exchange section choose the address',
    shown,
  );
}

function tooMany(at: Path, count: number, most: number, what: string): UnplacedProblem {
  return refusal(at, {}, `it has ${count} ${what}; at most ${most} are allowed`, `write fewer ${what}`);
}

function refusal(at: Path, value: unknown, message: string, remedy: string, shown?: string): UnplacedProblem {
  return { at, value: shown ?? showValue(value), message, remedy };
}

function isCredentialName(name: string): boolean {
  return CREDENTIAL_WORDS.test(name) || namesCredential(name);
}
