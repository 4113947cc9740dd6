import { readRepositoryFile } from '../../deploy/compose-file.js';

/** The cases that `docs/tampering.md` lists as not found, with the reason. A star in the name matches anything. */
export interface Listed {
  pattern: RegExp;
  name: string;
  reason: string;
}

export function readListed(): Listed[] {
  const rows = readRepositoryFile('docs/tampering.md').matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm);
  return [...rows].map(([, name = '', reason = '']) => ({
    name,
    reason,
    pattern: new RegExp(`^${name.split('*').map(escaped).join('.*')}$`),
  }));
}

function escaped(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
}
