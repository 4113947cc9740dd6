import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Keyed by Node's platform and architecture. */
export type Hashes = Readonly<Record<string, string>>;

/**
 * SHA-256 of the executables that are downloaded. A new version needs new hashes; docs/architecture.md says how to make
 * them. They are hashes of the executables and not of an archive, so they hold for every source.
 */
export const TEMPORAL_CLI_1_9_1: Hashes = {
  'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
  'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
  'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
  'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
};
export const TIME_SKIPPING_SERVER_1_40_0: Hashes = {
  'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
  'linux-arm64': 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
  'darwin-x64': '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
  'darwin-arm64': '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
};

/** @throws Error if the file's hash is not the one known for this platform, or none is known */
export async function requireKnownHash(path: string, known: Hashes): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  const expected = known[platform];
  if (expected === undefined) {
    throw new Error(`no hash of it is known for ${platform}, so it was neither run nor kept`);
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('hex');
  if (found === expected) return;
  throw new Error(
    `it was changed on the way, and was not run and not kept: its SHA-256 is ${found}, and ${expected} was expected`,
  );
}
