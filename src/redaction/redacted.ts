/** What stands in every text, value and document where a secret stood. */
export const REDACTED = '[redacted]';
