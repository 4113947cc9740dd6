// Writes the published files: the JSON Schemas, and docs/limits.md. A test compares them with the code.
import { mkdir, writeFile } from 'node:fs/promises';
import * as prettier from 'prettier';
import './typescript-loader.mjs';

const { configJsonSchema } = await import('../src/config/json-schema.ts');
const { limitsPage } = await import('../src/domain/limits/limits-page.ts');
const { stateJsonSchema } = await import('../src/internal/json-schema.ts');

const folder = new URL('../schema/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const schema of [configJsonSchema(), stateJsonSchema()]) {
  const name = schema.$id.split(':').at(-1);
  await writeFile(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`);
  console.log(`schema/${name}`);
}

const page = new URL('../docs/limits.md', import.meta.url);
const options = await prettier.resolveConfig(page);
await writeFile(page, await prettier.format(limitsPage(), { ...options, parser: 'markdown' }));
console.log('docs/limits.md');
