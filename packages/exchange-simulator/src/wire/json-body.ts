import { parse } from 'lossless-json';

/** A JSON value as exchanges read requests: numbers and booleans keep the text in which they were written. */
export type BodyValue = string | null | BodyValue[] | BodyObject;
export interface BodyObject {
  readonly [name: string]: BodyValue;
}

/**
 * The object in a JSON body, exactly as written; null if the text is anything else. An empty body is an empty object.
 */
export function readJsonObject(text: string): BodyObject | null {
  if (text.trim() === '') return {};
  const value = readJson(text);
  return isObject(value) ? value : null;
}

/** Any JSON, exactly as written; undefined if the text is not JSON. */
export function readJson(text: string): BodyValue | undefined {
  try {
    return asText(parse(text, undefined, { parseNumber: (digits) => digits }));
  } catch {
    return undefined;
  }
}

/** The fields of an object as parameters; nested values stay JSON, null counts as absent. */
export function textsOf(body: BodyObject): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    if (value !== null) texts.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return texts;
}

export function isObject(value: BodyValue | undefined): value is BodyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asText(value: unknown): BodyValue {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object') throw new TypeError(`a JSON document cannot hold a ${typeof value}`);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, asText(field)]));
}
