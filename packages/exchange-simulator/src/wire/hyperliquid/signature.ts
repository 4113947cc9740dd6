import { z } from 'zod';
import type { Crypto } from './crypto.js';
import { packMessage } from './msgpack.js';

export const signatureSchema = z.object({
  r: z.string().regex(/^0x[0-9a-fA-F]{1,64}$/),
  s: z.string().regex(/^0x[0-9a-fA-F]{1,64}$/),
  v: z.union([z.literal(27), z.literal(28)]),
});

export interface SignedAction {
  /** As parsed from the request, with its fields in the order in which they were sent. */
  action: unknown;
  nonce: number;
  vaultAddress?: string | null | undefined;
  expiresAfter?: number | null | undefined;
  signature: z.output<typeof signatureSchema>;
}

/** Mainnet; the testnet's letter is "b". */
const SOURCE = 'a';

/**
 * Returns the address that signed an L1 action. The action is packed with MessagePack, followed by nonce, vault and
 * expiry, and hashed; the hash is the `connectionId` of a "phantom agent" that is signed as EIP-712 typed data under
 * chain id 1337. https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/signing, and the SDK that this page
 * refers to, https://github.com/hyperliquid-dex/hyperliquid-python-sdk (`hyperliquid/utils/signing.py`).
 *
 * A wrong signature cannot be recognised as such: it yields the address of an unknown wallet. Null if the numbers
 * cannot be a signature at all. The exchange packs the fields in its own order. This function packs them as sent, so it
 * does not detect a client with a wrong field order.
 */
export function signerOf(
  { action, nonce, vaultAddress, expiresAfter, signature }: SignedAction,
  crypto: Crypto,
): string | null {
  const parts = [packMessage(action), uint64(nonce)];
  parts.push(isGiven(vaultAddress) ? Buffer.concat([Buffer.from([1]), bytesOf(vaultAddress)]) : Buffer.from([0]));
  if (isGiven(expiresAfter)) parts.push(Buffer.concat([Buffer.from([0]), uint64(expiresAfter)]));
  const connectionId = crypto.keccak256(Buffer.concat(parts));
  const hash = (text: string): Uint8Array => crypto.keccak256(Buffer.from(text, 'utf8'));
  const domain = crypto.keccak256(
    Buffer.concat([
      hash('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
      hash('Exchange'),
      hash('1'),
      word(1_337),
      word(0),
    ]),
  );
  const agent = crypto.keccak256(
    Buffer.concat([hash('Agent(string source,bytes32 connectionId)'), hash(SOURCE), connectionId]),
  );
  const digest = crypto.keccak256(Buffer.concat([Buffer.from([0x19, 0x01]), domain, agent]));
  return crypto.recoverAddress(digest, {
    r: BigInt(signature.r),
    s: BigInt(signature.s),
    recovery: signature.v - 27,
  });
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function word(value: number): Buffer {
  return Buffer.concat([Buffer.alloc(24), uint64(value)]);
}
