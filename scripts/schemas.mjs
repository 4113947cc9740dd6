// Writes the published JSON Schemas from the zod schemas: npm run schemas. A test compares the files with them.
import { mkdir, writeFile } from 'node:fs/promises';
import './typescript-loader.mjs';

const { configJsonSchema } = await import('../src/config/json-schema.ts');
const { stateJsonSchema } = await import('../src/internal/json-schema.ts');

const folder = new URL('../schema/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const schema of [configJsonSchema(), stateJsonSchema()]) {
  const name = schema.$id.split('/').at(-1);
  await writeFile(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`);
  console.log(`schema/${name}`);
}
