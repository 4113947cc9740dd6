import { isMap } from '../domain/text/is-map.js';
import type { UnplacedProblem } from './config-problems.js';
import { showValue } from './issues.js';
import { checkAddress, checkSources, type Path } from './secret-relations.js';
import { suggest } from './suggest.js';

/** Checks of `serve` that need more than one field. */
export function checkServe(serve: unknown, accounts: readonly string[]): UnplacedProblem[] {
  if (!isMap(serve)) return [];
  const at = ['serve'];
  const problems = [...checkSources(serve, ['link_secret'], at), ...checkAddress(serve, 'public_url', at)];
  const hasSecret = serve['link_secret_env'] !== undefined || serve['link_secret_file'] !== undefined;
  if (hasSecret !== (serve['public_url'] !== undefined)) {
    problems.push({
      at: hasSecret ? at : [...at, 'public_url'],
      value: null,
      message: hasSecret ? 'it has a link_secret and no public_url' : 'it has a public_url and no link_secret',
      remedy: hasSecret
        ? 'add public_url, the address at which people reach serve'
        : 'add link_secret_env or link_secret_file with at least 32 random bytes (openssl rand -hex 32)',
    });
  }
  const tokens: unknown[] = Array.isArray(serve['tokens']) ? serve['tokens'] : [];
  const names = new Set<unknown>();
  const hashes = new Set<unknown>();
  for (const [index, token] of tokens.entries()) {
    if (!isMap(token)) continue;
    const place = [...at, 'tokens', index];
    problems.push(...checkHash(token, place), ...checkAccounts(token['accounts'], accounts, place));
    if (token['role'] === 'push' && token['accounts'] === undefined) problems.push(pushesEverywhere(place));
    const { name, sha256 } = token;
    if (names.has(name)) problems.push(twice([...place, 'name'], name, 'name'));
    const hash = typeof sha256 === 'string' ? sha256.toLowerCase() : undefined;
    if (hash !== undefined && hashes.has(hash)) problems.push(twice([...place, 'sha256'], null, 'token'));
    names.add(name);
    hashes.add(hash);
  }
  return problems;
}

function checkHash(token: Readonly<Record<string, unknown>>, at: Path): UnplacedProblem[] {
  const given = ['sha256', 'sha256_env', 'sha256_file'].filter((name) => token[name] !== undefined);
  if (given.length === 1) return [];
  return [
    {
      at,
      value: null,
      message: given.length === 0 ? 'it has no sha256' : `it has ${given.join(' and ')}`,
      remedy: given.length === 0 ? 'make one with `plumbline token new`' : 'keep one of them',
    },
  ];
}

function pushesEverywhere(at: Path): UnplacedProblem {
  return {
    at,
    value: null,
    message: 'it may push and names no accounts, so it could speak for every bot',
    remedy: 'add accounts with the one account of its bot',
  };
}

function checkAccounts(listed: unknown, accounts: readonly string[], at: Path): UnplacedProblem[] {
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((name: unknown, index) => {
    if (typeof name !== 'string' || name === '' || accounts.includes(name)) return [];
    const nearest = suggest(name, accounts);
    return [
      {
        at: [...at, 'accounts', index],
        value: showValue(name),
        message: `there is no account ${showValue(name)}`,
        remedy: nearest === null ? 'name an account of this file' : `did you mean "${nearest}"?`,
      },
    ];
  });
}

function twice(at: Path, value: unknown, what: string): UnplacedProblem {
  return {
    at,
    value: value === null ? null : showValue(value),
    message: `two tokens have the same ${what}`,
    remedy: 'make one token for each person and program',
  };
}
