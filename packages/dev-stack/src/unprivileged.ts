import { execFile } from 'node:child_process';
import { chown, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StackError } from './stack-error.js';

/** How the current user starts a program that refuses to run as root. */
export interface Unprivileged {
  /** For messages: 'as the current user', 'in a user namespace', ... */
  how: string;
  /** The command line that starts `command` in this way. */
  wrap(command: string, args: readonly string[]): { command: string; args: string[]; uid?: number; gid?: number };
  /** Gives the folder and its contents to the user that the program will run as. */
  own(directory: string): Promise<void>;
}

interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

const run = promisify(execFile);

/**
 * PostgreSQL refuses to run as root. An ordinary user starts it directly. For root there are three ways; the first that
 * works is used:
 *  1. a user namespace in which this process is another user: nothing changes owner, and folders that only root may
 *     enter (/root, mktemp -d) stay accessible;
 *  2. another user id that keeps the one capability to enter such folders (containers often forbid the first way);
 *  3. another user id without it: the folders must then be open to that user.
 *
 * @throws Error if this process is root and none of the three works
 */
export async function findUnprivileged(): Promise<Unprivileged> {
  if (process.getuid?.() !== 0) {
    return { how: 'as the current user', wrap: (command, args) => ({ command, args: [...args] }), own: async () => {} };
  }
  const user = await systemUser();
  if (user === null) {
    throw new StackError(
      'PostgreSQL does not run as root, and /etc/passwd knows neither the user postgres nor nobody to run it as',
      'Start Plumbline as an ordinary user.',
    );
  }
  for (const way of [userNamespace(user), keepingOneCapability(user), plainly(user)]) {
    if (await works(way)) return way;
  }
  throw new StackError(
    `PostgreSQL does not run as root, and becoming the user ${user.name} is not allowed here (tried unshare, setpriv and ` +
      'setuid)',
    'Start Plumbline as an ordinary user.',
  );
}

function userNamespace(user: SystemUser): Unprivileged {
  return {
    how: `in a user namespace as ${user.name}`,
    wrap: (command, args) => ({
      command: 'unshare',
      args: ['--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`, '--', command, ...args],
    }),
    // Inside the namespace, root's files belong to that user. A folder may still belong to another user after a start
    // in another way.
    own: async (directory) => handOver(directory, { uid: 0, gid: 0 }),
  };
}

function keepingOneCapability(user: SystemUser): Unprivileged {
  return {
    how: `as ${user.name} with the capability to enter closed folders`,
    wrap: (command, args) => ({
      command: 'setpriv',
      args: [
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        '--clear-groups',
        '--inh-caps=-all,+dac_override',
        '--ambient-caps=-all,+dac_override',
        '--',
        command,
        ...args,
      ],
    }),
    own: async (directory) => handOver(directory, user),
  };
}

function plainly(user: SystemUser): Unprivileged {
  return {
    how: `as ${user.name}, who must be able to enter all folders above`,
    wrap: (command, args) => ({ command, args: [...args], uid: user.uid, gid: user.gid }),
    own: async (directory) => handOver(directory, user),
  };
}

async function works(way: Unprivileged): Promise<boolean> {
  const { command, args, ...ids } = way.wrap('/bin/sh', ['-c', 'test "$(id -u)" -ne 0']);
  try {
    await run(command, args, ids);
    return true;
  } catch {
    return false;
  }
}

async function systemUser(): Promise<SystemUser | null> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const users = new Map(
    text.split('\n').map((line) => {
      const [name = '', , uid, gid] = line.split(':');
      return [name, { name, uid: Number(uid), gid: Number(gid) }];
    }),
  );
  return users.get('postgres') ?? users.get('nobody') ?? null;
}

type Owner = Pick<SystemUser, 'uid' | 'gid'>;

async function handOver(directory: string, owner: Owner): Promise<void> {
  if ((await stat(directory)).uid !== owner.uid) await chownAll(directory, owner);
}

/** The folder itself comes last: its owner shows that everything inside was done. */
async function chownAll(directory: string, { uid, gid }: Owner): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await chownAll(path, { uid, gid });
    else await chown(path, uid, gid);
  }
  await chown(directory, uid, gid);
}
