import { readFileSync } from 'node:fs';
import type { Explanation } from './words.js';

/** The settings of the configuration file with their descriptions, from the JSON Schema that Plumbline ships. */
export function knownSettings(): Explanation[] {
  const file = new URL('../../../schema/plumbline-config.schema.json', import.meta.url);
  const found = new Map<string, Explanation>();
  walk(JSON.parse(readFileSync(file, 'utf8')), '', found);
  return [...found.values()];
}

type Node = Readonly<Record<string, unknown>>;

/** Adds each described setting below the node. A setting with several forms is listed once. */
function walk(node: unknown, path: string, found: Map<string, Explanation>): void {
  if (!isNode(node)) return;
  const { description } = node;
  if (path !== '' && typeof description === 'string' && !found.has(path)) {
    found.set(path, { word: path, sort: 'setting', meaning: `${description}${valuesOf(node)}` });
  }
  for (const forms of ['anyOf', 'oneOf', 'allOf']) {
    const each = node[forms];
    if (Array.isArray(each)) for (const form of each) walk(form, path, found);
  }
  const { properties, items, additionalProperties } = node;
  if (isNode(properties)) {
    for (const [name, child] of Object.entries(properties)) walk(child, path === '' ? name : `${path}.${name}`, found);
  }
  walk(items, `${path}[]`, found);
  walk(additionalProperties, `${path}.NAME`, found);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valuesOf(node: Node): string {
  const said: string[] = [];
  const choices = node['enum'];
  if (Array.isArray(choices)) said.push(`One of ${choices.map(String).join(', ')}.`);
  const [least, most] = [node['minimum'], node['maximum']];
  if (typeof least === 'number' && typeof most === 'number' && most < Number.MAX_SAFE_INTEGER)
    said.push(`From ${least} to ${most}.`);
  if (node['default'] !== undefined) said.push(`Default: ${JSON.stringify(node['default'])}.`);
  return said.map((text) => ` ${text}`).join('');
}
