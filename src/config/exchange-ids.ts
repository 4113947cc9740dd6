import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

let ids: ReadonlySet<string> | null = null;

/**
 * ccxt's exchange ids, from the names of its files, because importing the package costs half a second and 80 MB. A test
 * compares this list with the package's own.
 */
export function exchangeIds(): ReadonlySet<string> {
  ids ??= new Set(
    readdirSync(join(packageRoot(), 'js', 'src'))
      .filter((file) => /^[a-z0-9]+\.js$/.test(file))
      .map((file) => file.slice(0, -'.js'.length)),
  );
  return ids;
}

function packageRoot(): string {
  // The package exports only its entry, which is in <root>/js or <root>/dist.
  return dirname(dirname(createRequire(import.meta.url).resolve('ccxt')));
}
