import { createRequire } from 'node:module';
import { errorCode } from '../../runtime/error-shape.js';
import { version, versionIn } from '../../runtime/version.js';
import { CommandError } from './errors.js';

/** Packages that only some commands or settings need. Installing Plumbline does not install them. */
export type OptionalPackage = '@plumbline/dev-stack' | '@plumbline/exchange-simulator' | '@plumbline/tracing';

/**
 * Loads the package.
 *
 * @param what needs it, for the error: "`plumbline dev`"
 * @param load `async () => import(name)`, spelled out so that the compiler knows its types
 * @param installed the installed version; null where it cannot be read
 * @throws CommandError where the package is not installed, or of another version: it says how to install it
 */
export async function optionalPackage<T>(
  name: OptionalPackage,
  what: string,
  load: () => Promise<T>,
  installed: string | null = installedVersion(name),
): Promise<T> {
  if (installed !== null && installed !== version) {
    throw new CommandError(
      `${what} needs version ${version} of the package ${name}; ${installed} is installed`,
      installationOf(name),
    );
  }
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new CommandError(`${what} needs the package ${name}, which is not installed`, installationOf(name), {
      cause: error,
    });
  }
}

/** Packages of ours that the package needs, besides those that plumbline brings. */
const NEEDED: Readonly<Partial<Record<OptionalPackage, readonly OptionalPackage[]>>> = {
  '@plumbline/dev-stack': ['@plumbline/exchange-simulator'],
};

/** Installs by file, because the names belong to other projects in npm's registry. */
function installationOf(name: OptionalPackage): string {
  const files = [name, ...(NEEDED[name] ?? [])].map((each) => `./${each.slice(1).replace('/', '-')}-${version}.tgz`);
  return (
    `install it beside plumbline: npm install ${files.join(' ')}; ` +
    '`npm run tarballs` in a checkout makes the files (docs/deploying.md, "From tarballs")'
  );
}

function installedVersion(name: OptionalPackage): string | null {
  try {
    return versionIn(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    // Loading it says why.
    return null;
  }
}

/** Whether the package itself is missing, and not one of its dependencies or its build. */
function isMissing(error: unknown, name: string): boolean {
  return (
    errorCode(error) === 'ERR_MODULE_NOT_FOUND' && error instanceof Error && error.message.includes(`package '${name}'`)
  );
}
