/** The text that the bytes are in UTF-8; null where they are none. A byte order mark at the beginning is left out. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
