/** Replaces a secret in every text, value and document. */
export const REDACTED = '[redacted]';
