import { parse } from 'lossless-json';

/** A JSON value as exchanges read requests: numbers and booleans are the text they were written in. */
export type BodyValue = string | null | BodyValue[] | BodyObject;
export interface BodyObject {
  readonly [name: string]: BodyValue;
}

/** The object in a JSON body, exactly as written; null where the text is anything else. An empty body is an empty object. */
export function readJsonObject(text: string): BodyObject | null {
  if (text.trim() === '') return {};
  try {
    const value = asText(parse(text, undefined, { parseNumber: (digits) => digits }));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
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
