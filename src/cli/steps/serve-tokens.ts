import type { SecretSource } from '../../config/config.js';
import type { ServeConfig, TokenConfig } from '../../config/serve-config.js';
import { SHA256 } from '../../config/serve-schema.js';
import type { KnownToken } from '../../http/tokens.js';
import { MIN_LINK_SECRET_BYTES } from '../../notify/link.js';
import { CommandError } from '../context/errors.js';

/**
 * The configured tokens with their hashes.
 *
 * @throws FailureError for a file or variable that cannot be read, and CommandError for one that holds no hash
 */
export function knownTokens(
  tokens: readonly TokenConfig[],
  secret: (source: SecretSource, what: string) => string,
): KnownToken[] {
  return tokens.map(({ name, role, accounts, sha256 }) => ({
    name,
    role,
    accounts: accounts === null ? null : new Set(accounts),
    sha256: typeof sha256 === 'string' ? sha256 : hashIn(secret(sha256, `serve.tokens (${name})`), name),
  }));
}

/** `sha256sum` writes the name of its input after the hash. */
function hashIn(text: string, name: string): string {
  const [hash = ''] = text.trim().split(/\s+/);
  if (SHA256.test(hash)) return hash.toLowerCase();
  throw new CommandError(
    `the hash of the token "${name}" is not a SHA-256 (64 hexadecimal digits)`,
    'write the hash that `plumbline token new` prints, and not the token itself',
  );
}

/** The hosts that `serve` answers: those of the configuration, and the one in messages. */
export function hostsOf({ allowedHosts, publicUrl }: ServeConfig): string[] {
  return publicUrl === null ? allowedHosts : [...allowedHosts, new URL(publicUrl).hostname];
}

/** @throws CommandError for a secret that could be guessed */
export function linksOf(
  { publicUrl, linkSecret }: ServeConfig,
  secret: (source: SecretSource, what: string) => string,
): { links?: { secret: string; publicUrl: string } } {
  if (publicUrl === null || linkSecret === null) return {};
  const value = secret(linkSecret, 'serve.link_secret');
  if (Buffer.byteLength(value) >= MIN_LINK_SECRET_BYTES) return { links: { secret: value, publicUrl } };
  throw new CommandError(
    `serve.link_secret has ${Buffer.byteLength(value)} bytes; it needs ${MIN_LINK_SECRET_BYTES} or more`,
    'make one with `openssl rand -hex 32`, and give the same to the worker and to serve',
  );
}
