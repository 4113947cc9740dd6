import { parseSync } from '@swc/core';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One import between our files, with the importing file. */
export interface Arrow {
  /** Path below src/ of the importing and of the imported file. */
  from: string;
  to: string;
  /** Whether it is a type import, which is not in the compiled code. */
  typesOnly: boolean;
}

export interface SourceFile {
  /** Path below the root, such as src/. */
  path: string;
  code: string;
}

/** All TypeScript files below a folder of the project. */
export function sourceFiles(root = 'src'): SourceFile[] {
  const sourceRoot = fileURLToPath(new URL(`../../${root}`, import.meta.url));
  const paths = readdirSync(sourceRoot, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return paths.map((path) => ({ path, code: readFileSync(`${sourceRoot}/${path}`, 'utf8') }));
}

/**
 * What each part of src/ may import besides itself: the layout of docs/architecture.md as a table. A part is a folder,
 * or a file directly in src/.
 */
const everything = '*';
export const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  net: [],
  runtime: ['domain'],
  redaction: ['runtime'],
  logging: ['redaction', 'domain'],
  config: ['logging', 'redaction', 'runtime', 'net', 'domain'],
  exchange: ['config', 'redaction', 'runtime', 'net', 'domain'],
  internal: ['config', 'redaction', 'runtime', 'net', 'domain'],
  ledger: ['config', 'redaction', 'runtime', 'domain'],
  notify: ['config', 'redaction', 'runtime', 'net', 'domain'],
  observe: ['exchange', 'internal', 'config', 'redaction', 'runtime', 'domain'],
  activities: ['observe', 'exchange', 'internal', 'ledger', 'notify', 'config', 'redaction', 'runtime', 'domain'],
  workflows: ['domain'],
  'client.ts': ['workflows', 'runtime', 'domain'],
  'worker-parts.ts': ['worker-calls.ts', 'observe', 'notify', 'config'],
  'worker-report.ts': ['ledger'],
  'worker-metrics.ts': ['net', 'runtime', 'domain'],
  'script-timeout.ts': [],
  'worker-memory.ts': [],
  'worker-options.ts': ['workflows', 'runtime'],
  'worker-identity.ts': ['runtime', 'domain'],
  'worker-routing.ts': ['logging', 'runtime'],
  'worker-runtime.ts': ['logging'],
  'worker-tracing.ts': ['worker-metrics.ts', 'config', 'logging', 'redaction', 'runtime', 'domain'],
  'worker-calls.ts': ['activities', 'ledger', 'notify', 'config', 'logging', 'redaction', 'domain'],
  'worker.ts': [
    'worker-parts.ts',
    'worker-report.ts',
    'worker-calls.ts',
    'worker-metrics.ts',
    'script-timeout.ts',
    'worker-memory.ts',
    'worker-options.ts',
    'worker-identity.ts',
    'worker-routing.ts',
    'worker-runtime.ts',
    'worker-tracing.ts',
    'workflows',
    'activities',
    'observe',
    'exchange',
    'internal',
    'ledger',
    'notify',
    'config',
    'logging',
    'redaction',
    'runtime',
    'domain',
  ],
  watch: ['client.ts', 'ledger', 'config', 'logging', 'redaction', 'runtime', 'domain'],
  acts: ['client.ts', 'ledger', 'domain'],
  report: ['acts', 'watch', 'ledger', 'domain'],
  http: [
    'report',
    'acts',
    'watch',
    'client.ts',
    'notify',
    'internal',
    'runtime',
    'ledger',
    'config',
    'logging',
    'net',
    'domain',
  ],
  cli: [everything],
};

/** May be imported as types only: these disappear before the workflow sandbox loads the code. */
const allowedAsTypes: Readonly<Record<string, readonly string[]>> = { workflows: ['activities'] };

/** Packages that a part may import; a part that is not listed may import any. */
const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  domain: ['big.js', '@plumbline/primitives/decimal'],
  workflows: ['@temporalio/workflow', '@temporalio/common'],
};

/** All imports between our files that the layout forbids, as sentences. */
export function faultsOf(files: readonly SourceFile[]): string[] {
  const arrows = files.flatMap(arrowsOf);
  return [...arrows.filter(isForbidden).map(describe), ...files.flatMap(foreignPackages)].toSorted();
}

/**
 * Folders that import each other, directly or through others, as sentences; types count. The linter finds circles of files
 * (`import/no-cycle`).
 */
export function folderCircles(files: readonly SourceFile[]): string[] {
  const imports = new Map<string, Set<string>>();
  for (const { from, to } of files.flatMap(arrowsOf)) {
    const [folder, target] = [posix.dirname(from), posix.dirname(to)];
    if (folder !== target) imports.set(folder, (imports.get(folder) ?? new Set()).add(target));
  }
  const reachable = new Map([...imports.keys()].map((folder) => [folder, reachedFrom(folder, imports)]));
  const circles = [...reachable].flatMap(([folder, targets]) =>
    targets.has(folder) ? [[...targets].filter((target) => reachable.get(target)?.has(folder) === true)] : [],
  );
  return [...new Set(circles.map((folders) => folders.toSorted().join(' <-> ')))].toSorted();
}

function reachedFrom(folder: string, imports: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const target of imports.get(at) ?? []) {
      if (!reached.has(target)) open.push(target);
      reached.add(target);
    }
  }
  return reached;
}

function isForbidden({ from, to, typesOnly }: Arrow): boolean {
  const [source, target] = [partOf(from), partOf(to)];
  const rule = allowed[source];
  if (rule === undefined || source === target || rule.includes(everything) || rule.includes(target)) {
    return rule === undefined;
  }
  return !(typesOnly && (allowedAsTypes[source] ?? []).includes(target));
}

function describe({ from, to, typesOnly }: Arrow): string {
  const source = partOf(from);
  const rule = allowed[source];
  if (rule === undefined) return `src/${from}: the layout does not know ${source}; add it to test/support/layout.ts`;
  return `src/${from} imports src/${to}${typesOnly ? ' (types)' : ''}: ${source} may import only ${rule.join(', ') || 'nothing'}`;
}

function partOf(path: string): string {
  const [part = ''] = path.split('/');
  return part;
}

function foreignPackages(file: SourceFile): string[] {
  const packages = allowedPackages[partOf(file.path)];
  if (packages === undefined) return [];
  return specifiersOf(file.code)
    .filter(({ specifier, typesOnly }) => !specifier.startsWith('.') && !typesOnly && !packages.includes(specifier))
    .map(({ specifier }) => `src/${file.path} imports ${specifier}: ${partOf(file.path)} is free of I/O and of clocks`);
}

export function arrowsOf(file: SourceFile): Arrow[] {
  return specifiersOf(file.code)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, typesOnly }) => {
      const to = posix.normalize(posix.join(posix.dirname(file.path), specifier)).replace(/\.js$/, '.ts');
      return { from: file.path, to, typesOnly };
    });
}

export interface Specifier {
  specifier: string;
  typesOnly: boolean;
  /** Whether it is `import()`, which loads the module only when it is reached. */
  later: boolean;
}

/** Every module that the code names: imports, re-exports, `import()` as an expression and as a type. */
export function specifiersOf(code: string): Specifier[] {
  const found: Specifier[] = [];
  visit(parseSync(code, { syntax: 'typescript', target: 'es2022' }), (node) => {
    switch (node['type']) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
        if (isNode(node['source']))
          found.push({ specifier: textOf(node['source']), typesOnly: namesOnlyTypes(node), later: false });
        break;
      case 'CallExpression':
        if (isNode(node['callee']) && node['callee']['type'] === 'Import') {
          found.push({ specifier: textOf(firstArgument(node)), typesOnly: false, later: true });
        }
        break;
      case 'TsImportType':
        if (isNode(node['argument']))
          found.push({ specifier: textOf(node['argument']), typesOnly: true, later: false });
        break;
      default:
    }
  });
  return found;
}

type Node = Record<string, unknown>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
  } else if (isNode(value)) {
    see(value);
    for (const item of Object.values(value)) visit(item, see);
  }
}

function namesOnlyTypes(node: Node): boolean {
  if (node['typeOnly'] === true) return true;
  const names = node['specifiers'];
  return Array.isArray(names) && names.length > 0 && names.every((name) => isNode(name) && name['isTypeOnly'] === true);
}

function firstArgument(call: Node): Node {
  const [first] = Array.isArray(call['arguments']) ? (call['arguments'] as unknown[]) : [];
  return isNode(first) && isNode(first['expression']) ? first['expression'] : {};
}

/** A computed target counts as a foreign package: pure parts may not have one. */
function textOf(node: Node): string {
  return typeof node['value'] === 'string' ? node['value'] : '(computed)';
}
