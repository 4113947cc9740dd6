import { z } from 'zod';
import type { ConfigProblem } from './config-error.js';
import type { reconciliationSchema } from './reconciliation-schema.js';
import { REDACTED } from '../redaction/redacted.js';
import { expectation, formatPath, optionsOf, showValue, valueAt } from './issues.js';
import { suggest } from './suggest.js';

export type Path = readonly PropertyKey[];
/** A problem without its place in the file. */
export type UnplacedProblem = Omit<ConfigProblem, 'path' | 'line' | 'column'> & { at: Path };

/** Words in the names of fields whose values are secrets, in any spelling. */
const SECRET_WORDS = /secret|passw|passphrase|token|api_?key|private_?key|credential|mnemonic|seed|auth/i;
/** Fields that hold the name of a variable or file with a secret. */
const NAMES_A_PLACE = /_(?:env|file)$/;

/** Converts zod's issues to problems. Values that may be secrets are masked. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], schema: z.ZodType, root: unknown): UnplacedProblem[] {
  return issues.flatMap((issue) => {
    const meant = issuesOfMeantOption(issue);
    if (meant !== null) return problemsOf(meant, schema, root);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey([...issue.path, key], knownKeys(schema, issue.path, root), root));
    }
    return [wrongValue(issue, root)];
  });
}

/** The issues of one option of a union: the option whose form (text, map, list) the value has. */
function issuesOfMeantOption(issue: z.core.$ZodIssue): z.core.$ZodIssue[] | null {
  if (issue.code !== 'invalid_union') return null;
  const isOf = (codes: readonly string[]) => (errors: readonly z.core.$ZodIssue[]) =>
    !errors.some(({ path, code }) => path.length === 0 && codes.includes(code));
  const meant =
    issue.errors.find(isOf(['invalid_type', 'invalid_value', 'custom'])) ?? issue.errors.find(isOf(['invalid_type']));
  return meant?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? null;
}

function wrongValue(issue: z.core.$ZodIssue, root: unknown): UnplacedProblem {
  const at = issue.path;
  const value = valueAt(root, at);
  // A message of the schema may end in a suggestion, which belongs in the remedy.
  const [expected = '', suggested] = expectation(issue).split('; did you mean ');
  const nearest = suggest(String(value), (optionsOf(issue) ?? []).map(String));
  const meant = suggested ?? (nearest === null ? undefined : `${JSON.stringify(nearest)}?`);
  if (value === undefined) {
    return { at, value: null, message: `it is missing, expected ${expected}`, remedy: `add ${nameOf(at)}` };
  }
  const shown = mayBeSecret(at, value) ? REDACTED : showValue(value);
  const remedy = NAMES_A_PLACE.test(nameOf(at))
    ? `put the secret into an environment variable and name the variable here, such as ${exampleVariable(at)}`
    : meant === undefined
      ? `set ${nameOf(at)} to ${expected}`
      : `did you mean ${meant}`;
  return { at, value: shown, message: `it is ${shown}, expected ${expected}`, remedy };
}

/** Whether a value may be a secret. A wrong variable name is probably the secret itself. */
function mayBeSecret(at: Path, value: unknown): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const name = nameOf(at);
  if (NAMES_A_PLACE.test(name)) return name.endsWith('_env');
  return SECRET_WORDS.test(name) || hasSecretInAddress(String(value)) || looksLikeKey(String(value));
}

/** Whether the text is long and consists of letters and digits: probably a key in the wrong place. */
export function looksLikeKey(text: string): boolean {
  return /^[A-Za-z0-9+=_-][A-Za-z0-9+/=_-]{19,}$/.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text);
}

function unknownKey(at: Path, known: readonly string[], root: unknown): UnplacedProblem {
  const key = nameOf(at);
  const value = valueAt(root, at);
  const field = secretFieldMeant(key, known);
  const isScalar = typeof value !== 'object' || value === null;
  if (isScalar && !NAMES_A_PLACE.test(key) && (field !== null || SECRET_WORDS.test(key))) {
    const remedy =
      field === null
        ? `remove it; name an environment variable or a file that holds the secret instead`
        : `put it into an environment variable and write ${field}_env: ${exampleVariable([...at.slice(0, -1), field])} (or ${field}_file: PATH)`;
    return { at, value: REDACTED, message: 'a secret (or what may be one) is written in the file', remedy };
  }
  const shown = mayBeSecret(at, value) || SECRET_WORDS.test(key) ? REDACTED : showValue(value);
  return { at, value: shown, message: 'there is no such key', remedy: remedyForKey(key, at, known) };
}

/** The field that a wrong key stands for: `apiKey` and `api_key` mean api_key_env, `bearer_token` means token_env. */
function secretFieldMeant(key: string, known: readonly string[]): string | null {
  const fields = known.filter((name) => NAMES_A_PLACE.test(name)).map((name) => name.replace(NAMES_A_PLACE, ''));
  return suggest(key, fields) ?? fields.find((field) => key.toLowerCase().endsWith(`_${field}`)) ?? null;
}

function remedyForKey(key: string, at: Path, known: readonly string[]): string {
  const renamed = RENAMED_KEYS.get(key);
  if (renamed !== undefined) return `it is now called ${renamed}: rename it and keep its value`;
  const nearest = suggest(key, known);
  if (nearest !== null) return `did you mean ${nearest}?`;
  if (RECONCILIATION_KEYS.has(key)) {
    const section = formatPath([...(at[0] === 'accounts' ? at.slice(0, 2) : []), 'reconciliation']);
    return `write it under ${section}`;
  }
  if (at[0] === 'temporal' && at.length <= 2) {
    return "remove it; Temporal's own environment configures its connection (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, profiles)";
  }
  return known.length === 0 ? 'remove it' : `remove it, or use one of ${known.join(', ')}`;
}

/** Keys of earlier versions, with the keys that replaced them. */
const RENAMED_KEYS: ReadonlyMap<string, keyof z.infer<typeof reconciliationSchema>> = new Map([
  ['settle_seconds', 'confirm_interval_seconds'],
  ['max_looks', 'max_observations'],
  ['unsettled_threshold', 'unconfirmed_threshold'],
]);

const RECONCILIATION_KEYS: ReadonlySet<string> = new Set<keyof z.infer<typeof reconciliationSchema>>([
  'enabled',
  'interval_minutes',
  'failure_threshold',
  'confirmations',
  'confirm_interval_seconds',
  'grace_seconds',
  'max_observations',
  'max_internal_age_seconds',
  'retry_seconds',
  'aliases',
  'baseline',
  'at_least',
  'tolerance',
  'compare_balances',
  'ignore',
  'drift',
  'intervene_on',
  'unconfirmed_threshold',
  'reminder_minutes',
  'gate_max_age_minutes',
]);

/** Whether a URL has `user:password@`, or a query parameter that may be a secret. */
export function hasSecretInAddress(text: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:[^/?#]*@/i.test(text)) return true;
  // A password with an unescaped slash or question mark.
  if (!URL.canParse(text)) return /:\/\/.*:.*@/.test(text);
  const url = new URL(text);
  if (url.password !== '' || url.username !== '') return true;
  return [...url.searchParams.keys()].some((name) => SECRET_WORDS.test(name) || /^(?:key|sig(?:nature)?)$/i.test(name));
}

/** A variable name to suggest: MAIN_API_KEY for accounts.main.exchange.api_key. */
function exampleVariable(at: Path): string {
  const field = nameOf(at).replace(NAMES_A_PLACE, '');
  const owner = at[0] === 'accounts' ? String(at[1]) : 'plumbline';
  return field === 'url' && at[0] === 'ledger'
    ? 'PLUMBLINE_DATABASE_URL'
    : `${owner}_${field}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
}

function nameOf(at: Path): string {
  return String(at.at(-1) ?? '');
}

/** The keys that the schema knows at a path. For a union: the keys of the variant that the value selects, else of all. */
function knownKeys(schema: z.ZodType, path: Path, root: unknown): string[] {
  let current: z.core.$ZodType[] = [schema];
  for (const part of path) {
    current = current.flatMap((each) => children(each, part));
  }
  const kind = valueAt(root, [...path, 'kind']);
  const objects = current.flatMap(unwrapped).filter((each) => each instanceof z.ZodObject);
  const variant = objects.filter(
    ({ shape }) => 'kind' in shape && shape['kind'] instanceof z.ZodLiteral && shape['kind'].values.has(kind as string),
  );
  return [...new Set((variant.length > 0 ? variant : objects).flatMap(({ shape }) => Object.keys(shape)))];
}

function children(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType[] {
  return unwrapped(schema).flatMap((each) => {
    if (each instanceof z.ZodObject) {
      const child: unknown = each.shape[String(part)];
      return child instanceof z.ZodType ? [child] : [];
    }
    if (each instanceof z.ZodArray) return [each.element];
    return each instanceof z.ZodRecord ? [each.valueType] : [];
  });
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return unwrapped(schema.unwrap());
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in);
  return schema instanceof z.ZodUnion ? schema.options.flatMap(unwrapped) : [schema];
}
