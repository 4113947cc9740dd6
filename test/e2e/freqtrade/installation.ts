import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const FREQTRADE_VERSION = '2026.9';

/** Whose virtual environment is used instead of one that this installs. */
const VENV_VARIABLE = 'FREQTRADE_VENV';

/** Newest first; Freqtrade 2026.9 needs Python 3.11 or later. */
const PYTHONS = ['python3.13', 'python3.12', 'python3.11', 'python3'];
const INSTALL_LIMIT_MS = 15 * 60_000;

/**
 * The program of an unmodified Freqtrade from PyPI. It is installed once, in a virtual environment below `cache`;
 * `FREQTRADE_VENV` names an existing one instead.
 *
 * @throws Error if there is no Python, if pip fails, or if it is another version
 */
export async function freqtradeProgram(cache: string, say: (line: string) => void): Promise<string> {
  const given = process.env[VENV_VARIABLE];
  const venv = given ?? join(cache, `freqtrade-${FREQTRADE_VERSION}`);
  const program = join(venv, 'bin', 'freqtrade');
  if (given === undefined && !(await exists(program))) await install(venv, cache, say);
  // On an import error it writes to stderr and fails.
  const { stdout, stderr } = await run(program, ['--version'], { timeout: 60_000 });
  const found = /freqtrade (\S+)\s*$/m.exec(stdout + stderr)?.[1];
  if (found === FREQTRADE_VERSION) return program;
  throw new Error(
    `${program} is Freqtrade ${found ?? '(unknown)'}, expected ${FREQTRADE_VERSION}: unset ${VENV_VARIABLE} to install it`,
  );
}

async function install(venv: string, cache: string, say: (line: string) => void): Promise<void> {
  const python = await pythonProgram();
  await mkdir(cache, { recursive: true });
  say(`Installing freqtrade ${FREQTRADE_VERSION} from PyPI into ${venv}`);
  await run(python, ['-m', 'venv', venv], { timeout: INSTALL_LIMIT_MS });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `freqtrade==${FREQTRADE_VERSION}`];
  await run(join(venv, 'bin', 'python'), pip, { timeout: INSTALL_LIMIT_MS, maxBuffer: 10_000_000 });
}

async function pythonProgram(): Promise<string> {
  for (const python of PYTHONS) {
    const version = await run(python, ['-c', 'import sys, venv; print(sys.version_info >= (3, 11))']).catch(() => null);
    if (version?.stdout.trim() === 'True') return python;
  }
  throw new Error(`Freqtrade needs Python 3.11 or later with venv; tried ${PYTHONS.join(', ')}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
