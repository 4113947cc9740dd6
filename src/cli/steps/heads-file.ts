import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ACCOUNT_NAME } from '../../domain/account/account-name.js';
import type { LedgerHead } from '../../ledger/contract/ledger.js';
import { CommandError } from '../context/errors.js';
import type { Io } from '../terminal/io.js';

export const STDIN = '-';
/** A head is about 150 bytes. */
const MAX_CHARACTERS = 16_000_000;
const REMEDY = 'Give the output of `plumbline verify --heads`, or the JSON of `plumbline verify -o json`.';

const accountName = z.string().regex(ACCOUNT_NAME);
const place = { sequence: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) };
const head = z.object({ account: accountName, ...place });
const documents = z.union([
  z.object({ heads: z.array(head) }).transform(({ heads }) => heads),
  z
    .object({ accounts: z.array(z.object({ account: accountName, last_event: z.object(place).nullable() })) })
    .transform(({ accounts }) =>
      accounts.flatMap(({ account, last_event: last }) => (last === null ? [] : [{ account, ...last }])),
    ),
]);

/**
 * Reads heads that were kept elsewhere. One account may occur several times, with heads of several days.
 *
 * @throws CommandError if the file cannot be read, holds anything else, or holds no heads, which would verify nothing
 */
export async function readHeadsFile(path: string, io: Io): Promise<LedgerHead[]> {
  const name = path === STDIN ? 'stdin' : path;
  const text = await readText(path, name, io);
  if (text.length > MAX_CHARACTERS) throw new CommandError(`${name} is larger than 16 MB`, REMEDY);
  const heads = text.trimStart().startsWith('{') ? headsOfJson(text, name) : headsOfLines(text, name);
  if (heads.length === 0) throw new CommandError(`${name} holds no heads, so nothing can be compared`, REMEDY);
  return heads;
}

async function readText(path: string, name: string, io: Io): Promise<string> {
  if (path === STDIN) return io.readStdin();
  try {
    return await readFile(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${name} cannot be read: ${reason}`, REMEDY, { cause: error });
  }
}

function headsOfJson(text: string, name: string): LedgerHead[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${name} is not JSON, although it begins like JSON`, REMEDY, { cause: error });
  }
  const parsed = documents.safeParse(value);
  if (!parsed.success) throw new CommandError(`${name} holds no readable list of heads`, REMEDY);
  return parsed.data;
}

function headsOfLines(text: string, name: string): LedgerHead[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [account, sequence, hash, ...rest] = line.trim().split(/\s+/);
    const parsed = head.safeParse({ account, sequence: Number(sequence), hash });
    if (!parsed.success || rest.length > 0) {
      throw new CommandError(
        `line ${index + 1} of ${name} is not a head: it needs an account, a sequence and a hash`,
        REMEDY,
      );
    }
    return [parsed.data];
  });
}
