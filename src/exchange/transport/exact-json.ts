import type { ExactJson } from '../../domain/text/exact-json.js';

export { exactJson, type ExactJson } from '../../domain/text/exact-json.js';

/** The fields of a document; empty where it is no object. */
export function fieldsOf(document: ExactJson): Readonly<Record<string, ExactJson>> {
  return document === null || typeof document !== 'object' || Array.isArray(document) ? {} : document;
}
