import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The two functions that an Ethereum signature needs and that Node lacks. */
export interface Crypto {
  keccak256(bytes: Uint8Array): Uint8Array;
  /** The address of a private key of 32 bytes, as "0x" and 40 lower-case digits. */
  addressOf(privateKey: Uint8Array): string;
  /** The address whose key signed this hash; null if the numbers are not a signature. */
  recoverAddress(hash: Uint8Array, signature: { r: bigint; s: bigint; recovery: number }): string | null;
}

let loaded: Promise<Crypto> | null = null;

/** From ccxt's own dependency @noble, with which ccxt signs. Loaded when the first wallet is used. */
export async function loadCrypto(): Promise<Crypto> {
  return (loaded ??= load());
}

async function load(): Promise<Crypto> {
  const fromCcxt = createRequire(createRequire(import.meta.url).resolve('ccxt'));
  const addressOfModule = (name: string): string => pathToFileURL(fromCcxt.resolve(name)).href;
  const { secp256k1 } = (await import(addressOfModule('@noble/curves/secp256k1.js'))) as Curve;
  const { keccak_256 } = (await import(addressOfModule('@noble/hashes/sha3.js'))) as Hashes;
  const addressFrom = (publicKey: Uint8Array): string => {
    const digest = keccak_256(publicKey.subarray(1));
    return `0x${Buffer.from(digest.subarray(12)).toString('hex')}`;
  };
  return {
    keccak256: (bytes) => keccak_256(bytes),
    addressOf: (privateKey) => addressFrom(secp256k1.getPublicKey(privateKey, false)),
    recoverAddress: (hash, { r, s, recovery }) => {
      try {
        const signature = new secp256k1.Signature(r, s, recovery);
        return addressFrom(signature.recoverPublicKey(hash).toBytes(false));
      } catch {
        return null;
      }
    },
  };
}

interface Curve {
  secp256k1: {
    getPublicKey(privateKey: Uint8Array, compressed: boolean): Uint8Array;
    Signature: new (
      r: bigint,
      s: bigint,
      recovery: number,
    ) => { recoverPublicKey(hash: Uint8Array): { toBytes(compressed: boolean): Uint8Array } };
  };
}

interface Hashes {
  keccak_256: (bytes: Uint8Array) => Uint8Array;
}
