/** A structure from ccxt. Each field may be missing or have any type. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** An id as text; null if there is none. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

/** A word in lower case; empty if there is none. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

export function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
