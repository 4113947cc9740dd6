/** The two functions that an Ethereum signature needs and that Node lacks. */
export interface Crypto {
  keccak256(bytes: Uint8Array): Uint8Array;
  /** The address of a private key of 32 bytes, as "0x" and 40 lower-case digits. */
  addressOf(privateKey: Uint8Array): string;
  /** The address whose key signed this hash; null if the numbers are not a signature. */
  recoverAddress(hash: Uint8Array, signature: { r: bigint; s: bigint; recovery: number }): string | null;
}

let loaded: Promise<Crypto> | null = null;

/** Loaded when the first wallet is used. */
export async function loadCrypto(): Promise<Crypto> {
  return (loaded ??= load());
}

async function load(): Promise<Crypto> {
  const [{ secp256k1 }, { keccak_256 }] = await Promise.all([
    import('@noble/curves/secp256k1.js'),
    import('@noble/hashes/sha3.js'),
  ]);
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
