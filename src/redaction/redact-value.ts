import { types } from 'node:util';
import { namesCredential } from './credential-patterns.js';
import { aggregatedErrors, isError } from '../runtime/error-shape.js';
import { REDACTED } from './redacted.js';

const DEEPEST = 24;
/** Entries of a list beyond this number are only counted, to bound log lines. */
const LONGEST_LIST = 10_000;

/** A copy as plain data. Every text passes through `redact`, and the value of every field that names a credential is removed. */
export function redactValue(root: unknown, redact: (text: string) => string): unknown {
  const ancestors = new Set<object>();

  function copy(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        return redact(value);
      case 'bigint':
        return redact(value.toString());
      case 'number':
        // A secret may be a number ("uid"). It is redacted as text, and the result stays text.
        return numberOrText(value);
      case 'symbol':
        return redact(value.toString());
      case 'function':
        return `[function ${redact(value.name)}]`;
      case 'boolean':
      case 'undefined':
        return value;
      case 'object':
        return value === null ? null : copyObject(value, depth);
    }
  }

  function numberOrText(value: number): number | string {
    const written = String(value);
    const redacted = redact(written);
    return redacted === written ? value : redacted;
  }

  function copyObject(value: object, depth: number): unknown {
    if (ancestors.has(value)) return '[circular]';
    if (depth >= DEEPEST) return '[too deep]';
    ancestors.add(value);
    try {
      return copyKind(value, depth + 1);
    } catch (error) {
      // A getter or proxy that throws must not prevent the rest from being shown.
      return `[unreadable: ${redact(isError(error) ? error.message : String(error))}]`;
    } finally {
      ancestors.delete(value);
    }
  }

  function copyKind(value: object, depth: number): unknown {
    if (isError(value)) return copyError(value, depth);
    if (Array.isArray(value)) return copyList(value, depth);
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return `[${value.byteLength} bytes]`;
    if (types.isMap(value)) return copyEntries(value, depth);
    if (types.isSet(value)) return copyList([...value], depth);
    if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof URL || value instanceof URLSearchParams || types.isRegExp(value)) return redact(String(value));
    if (value instanceof Headers) return copyEntries(value, depth);
    if ('toJSON' in value && typeof value.toJSON === 'function') return copy((value.toJSON as () => unknown)(), depth);
    return copyEntries(Object.entries(value), depth);
  }

  /** Copies `name`, `message`, `stack` and `cause` explicitly, because they are not enumerable. */
  function copyError(error: Error, depth: number): Record<string, unknown> {
    const reported: [string, unknown][] = [
      ['name', error.name],
      ['message', error.message],
      ['stack', error.stack],
    ];
    if (error.cause !== undefined) reported.push(['cause', error.cause]);
    if (aggregatedErrors(error).length > 0) reported.push(['errors', aggregatedErrors(error)]);
    const own = Object.entries(error).filter(([key]) => !reported.some(([name]) => name === key));
    return copyEntries([...reported, ...own], depth);
  }

  function copyList(list: readonly unknown[], depth: number): unknown[] {
    const copied = list.slice(0, LONGEST_LIST).map((each) => copy(each, depth));
    return list.length > LONGEST_LIST ? [...copied, `[${list.length - LONGEST_LIST} more]`] : copied;
  }

  function copyEntries(entries: Iterable<readonly [unknown, unknown]>, depth: number): Record<string, unknown> {
    const copied: [string, unknown][] = [];
    for (const [key, value] of entries) {
      const name = typeof key === 'object' && key !== null ? '[object]' : String(key);
      copied.push([redact(name), namesCredential(name) ? withoutCredential(value, depth) : copy(value, depth)]);
    }
    return Object.fromEntries(copied);
  }

  /** Redacts the value of a field such as "token". Keeps whether there is a value, and copies the fields of a map. */
  function withoutCredential(value: unknown, depth: number): unknown {
    if (value === null || value === undefined || value === '' || typeof value === 'boolean') return value;
    if (Array.isArray(value)) return value.map((each) => withoutCredential(each, depth));
    return typeof value === 'object' ? copy(value, depth) : REDACTED;
  }

  return copy(root, 0);
}
