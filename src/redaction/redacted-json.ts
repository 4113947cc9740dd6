import type { Redactor } from './redactor.js';

/**
 * A JSON text without secrets that still is JSON. `indent` is the one it was written with.
 *
 * The text is redacted as a whole, which leaves all else as it is. Only where a secret reached over quotes, so that what is
 * left is no JSON, each text of the document is redacted for itself.
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
