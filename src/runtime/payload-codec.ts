import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { KEY_ID, type PayloadKey } from './payload-key.js';

const ENCODING = 'binary/encrypted';
const KEY_FIELD = 'encryption-key-id';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const utf8 = new TextDecoder();

/** A payload was encrypted with a key that this process does not have. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';
  constructor(
    readonly keyId: string,
    known: readonly string[],
  ) {
    super(
      `A payload is encrypted with the key "${keyId}", which temporal.encryption.keys does not have (it has ${known.join(', ')}); add it below the first key`,
    );
  }
}

/**
 * Encrypts all payloads with the first key, and decrypts those of every key. AES-256-GCM with a random nonce: the data is
 * nonce, tag and ciphertext of the whole payload, and the key's id is authenticated with it.
 *
 * Payloads that are not encrypted pass unchanged, so that workflows that began without encryption go on. So does an
 * encrypted one that its key cannot decrypt: it was forged, and its reader refuses it like any malformed payload. If it
 * failed here, one forged signal would stop a workflow for good.
 *
 * @throws UnknownKeyError in `decode`: the key has to be added, and nothing is lost until then
 */
export function createPayloadCodec(keys: readonly [PayloadKey, ...PayloadKey[]]): PayloadCodec {
  const [first] = keys;
  const byId = new Map(keys.map((key) => [key.id, key.bytes]));
  return {
    encode: async (payloads) => payloads.map((payload) => encrypted(payload, first)),
    decode: async (payloads) => payloads.map((payload) => decrypted(payload, byId)),
  };
}

function encrypted(payload: Payload, { id, bytes }: PayloadKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, bytes, nonce).setAAD(Buffer.from(id));
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return {
    metadata: { encoding: Buffer.from(ENCODING), [KEY_FIELD]: Buffer.from(id) },
    data: Buffer.concat([nonce, cipher.getAuthTag(), text]),
  };
}

function decrypted(payload: Payload, keys: ReadonlyMap<string, Uint8Array>): Payload {
  if (fieldOf(payload, 'encoding') !== ENCODING) return payload;
  const id = fieldOf(payload, KEY_FIELD);
  if (id === null || !KEY_ID.test(id)) return payload;
  const key = keys.get(id);
  if (key === undefined) throw new UnknownKeyError(id, [...keys.keys()]);
  const data = Buffer.from(payload.data ?? []);
  if (data.length < NONCE_BYTES + TAG_BYTES) return payload;
  const decipher = createDecipheriv(CIPHER, key, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(id))
    .setAuthTag(data.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const plain = Buffer.concat([decipher.update(data.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return proto.temporal.api.common.v1.Payload.decode(plain);
  } catch {
    return payload;
  }
}

function fieldOf({ metadata }: Payload, name: string): string | null {
  const value = metadata?.[name];
  return value === undefined || value === null ? null : utf8.decode(value);
}
