import { errorCode } from '../../runtime/error-shape.js';
import { version } from '../../runtime/version.js';
import { CommandError } from './errors.js';

/** Packages that some commands need and a worker does not, so that installing Plumbline does not bring them. */
export type OptionalPackage = '@plumbline/dev-stack' | '@plumbline/exchange-simulator';

/**
 * Loads the package.
 *
 * @param load `async () => import(name)`, spelled out so that the compiler knows its types
 * @throws CommandError where the package is not installed: it says how to install it
 */
export async function optionalPackage<T>(name: OptionalPackage, command: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new CommandError(
      `\`plumbline ${command}\` needs the package ${name}, which is not installed`,
      `install it beside plumbline: npm install ${name}@${version} (with --global where plumbline is installed so)`,
      { cause: error },
    );
  }
}

/** Not where the package is there and one of its own dependencies, or its build, is missing. */
function isMissing(error: unknown, name: string): boolean {
  return (
    errorCode(error) === 'ERR_MODULE_NOT_FOUND' && error instanceof Error && error.message.includes(`package '${name}'`)
  );
}
