import type { Redactor } from './redactor.js';

/**
 * Redacts a JSON text; the result is valid JSON.
 *
 * The text is redacted as a whole, which keeps everything else unchanged. Only if a secret spans quotes, so that the result
 * is no JSON, each text of the document is redacted separately.
 *
 * @param indent the indentation with which the text was written
 */
export function redactedJson(json: string, redactor: Redactor, indent?: number): string {
  const redacted = redactor.text(json);
  if (redacted === json || isJson(redacted)) return redacted;
  return JSON.stringify(redactor.value(JSON.parse(json)), null, indent);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
