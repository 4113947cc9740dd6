import { WrittenNumber } from '../domain/text/json-reader.js';
import type { z } from 'zod';

type Path = readonly PropertyKey[];

/** The path of a field as text: `positions[3].amount`, `accounts.main.exchange.id`. Empty for the root. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (typeof part === 'string' && /^[A-Za-z_][\w-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}

/** The value at the path, undefined if there is none. Reads own properties only. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

const LONGEST_SHOWN_VALUE = 60;

/** A value as text for a message: JSON for scalars, the kind of anything else. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    const number = value instanceof WrittenNumber ? value.value : undefined;
    return typeof number === 'string' ? shorten(number) : 'a map';
  }
  return shorten(JSON.stringify(value) ?? typeof value);
}

function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN_VALUE ? text : `${text.slice(0, LONGEST_SHOWN_VALUE)}...`;
}

const KIND_NAMES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

/** The words among which the value should be, if the issue names them. */
export function optionsOf(issue: z.core.$ZodIssue): unknown[] | null {
  const options: unknown = issue.code === 'invalid_union' && 'options' in issue ? issue.options : null;
  return Array.isArray(options) ? options : null;
}

/** What an issue expected, to follow the word "expected": "a number", 'one of "long", "short"'. */
export function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KIND_NAMES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'at least one entry'
        : `${String(issue.minimum)} or more`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at most ${String(issue.maximum)} long`
        : `${String(issue.maximum)} or less`;
    case 'invalid_union': {
      const options = optionsOf(issue);
      return options !== null ? `one of ${options.map((option) => JSON.stringify(option)).join(', ')}` : issue.message;
    }
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'custom':
      return issue.message;
  }
}
