import { execFile } from 'node:child_process';
import { access, constants, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../packages/dev-stack/src/child.js';
import { StackError } from '../../packages/dev-stack/src/stack-error.js';
import { cacheFolder } from '../../packages/dev-stack/src/temporal-binary.js';

const run = promisify(execFile);

/** The release of the Temporal server that is built. */
export const SERVER_VERSION = '1.29.1';
const MODULE = 'go.temporal.io/server';
/** The module whose go.mod and go.sum fix every source by its hash. */
const SOURCES = fileURLToPath(new URL('temporal-cluster', import.meta.url));
const BUILD_TIMEOUT_MS = 1_200_000;

export interface ClusterBinaries {
  /** All four services of a Temporal cluster in one program. */
  server: string;
  /** Creates and updates the server's database schemas. */
  sqlTool: string;
  /** Folder with the versioned schemas of PostgreSQL, `temporal` and `visibility`. */
  schemas: string;
}

/**
 * Temporal's cluster server and its SQL tool, built with Go from the module proxy and kept in the cache folder. The
 * first build takes minutes, every later call milliseconds.
 *
 * @throws StackError if Go is missing or the build fails
 */
export async function findClusterBinaries(report: (line: string) => void): Promise<ClusterBinaries> {
  const cache = await cacheFolder(process.env);
  const kept = join(cache, `temporal-cluster-${SERVER_VERSION}`);
  const binaries = {
    server: join(kept, 'server'),
    sqlTool: join(kept, 'sql'),
    schemas: join(kept, 'schema', 'postgresql', 'v12'),
  };
  if (await areThere(Object.values(binaries))) return binaries;
  const version = await run('go', ['version']).then(
    ({ stdout }) => stdout.trim(),
    (error: unknown) => {
      throw new StackError(
        `Temporal's cluster server ${SERVER_VERSION} is not at ${kept}, and it cannot be built: ${messageOf(error)}`,
        'Install Go (https://go.dev/dl), or run against the development server with --server dev.',
      );
    },
  );
  const workshop = await mkdtemp(join(cache, '.fetch-cluster-'));
  try {
    report(`Building Temporal's cluster server ${SERVER_VERSION} with ${version} (once, takes minutes)`);
    await build(workshop);
    await rm(kept, { recursive: true, force: true });
    await rename(join(workshop, 'kept'), kept);
  } catch (error) {
    throw new StackError(
      `Temporal's cluster server ${SERVER_VERSION} could not be built: ${messageOf(error).slice(0, 2_000)}`,
      'Let this machine reach a Go module proxy, or run against the development server with --server dev.',
      { cause: error },
    );
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  report(`Kept in ${kept}`);
  return binaries;
}

async function build(workshop: string): Promise<void> {
  const kept = join(workshop, 'kept');
  await mkdir(kept);
  for (const name of ['go.mod', 'go.sum', 'tools.go']) await copyFile(join(SOURCES, name), join(workshop, name));
  const packages = [`${MODULE}/cmd/server`, `${MODULE}/cmd/tools/sql`];
  const options = { cwd: workshop, timeout: BUILD_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
  // `readonly`: a module whose hash is not in go.sum is an error and is not added.
  await run('go', ['build', '-mod=readonly', '-o', `${kept}/`, ...packages], options);
  const { stdout } = await run('go', ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', MODULE], options);
  await mkdir(join(kept, 'schema', 'postgresql'), { recursive: true });
  // Makes the files writable: files of the module cache are not, and could not be removed later.
  await run('cp', [
    '-r',
    '--no-preserve=mode',
    join(stdout.trim(), 'schema', 'postgresql', 'v12'),
    join(kept, 'schema', 'postgresql'),
  ]);
}

async function areThere(paths: readonly string[]): Promise<boolean> {
  try {
    await Promise.all(paths.map(async (path) => access(path, constants.R_OK)));
    return true;
  } catch {
    return false;
  }
}
