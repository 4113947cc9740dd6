import { readFileSync } from 'node:fs';

/** The version of this package. `package.json` is two folders above, in a checkout and in a published package. */
export const version: string = versionIn(new URL('../../package.json', import.meta.url)) ?? 'unknown';

/**
 * The version that a `package.json` names; null where it names none.
 *
 * @throws Error where the file cannot be read, SyntaxError where it is not JSON
 */
export function versionIn(manifestFile: URL | string): string | null {
  const manifest: unknown = JSON.parse(readFileSync(manifestFile, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : null;
}
