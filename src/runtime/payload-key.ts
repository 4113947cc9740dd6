/** A key of payloads: 32 bytes, and the id that stands beside everything that it encrypted. */
export interface PayloadKey {
  id: string;
  bytes: Uint8Array;
}

export const KEY_BYTES = 32;
export const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** The bytes of a key in base64 or base64url, or hexadecimal; null if it does not have 32 bytes. */
export function keyBytesOf(text: string): Uint8Array | null {
  const bytes = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : /^[A-Za-z0-9+/_-]{43}=?$/.test(text)
      ? Buffer.from(text, 'base64')
      : null;
  return bytes?.length === KEY_BYTES ? bytes : null;
}
