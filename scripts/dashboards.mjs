// Writes Grafana's dashboards, deploy/grafana/*.json, or with --check compares them.
import { readFile, writeFile } from 'node:fs/promises';
import * as prettier from 'prettier';
import { account } from './dashboards/account.mjs';
import { fleet } from './dashboards/fleet.mjs';

const isCheck = process.argv.includes('--check');

for (const [name, dashboard] of Object.entries({ fleet, account })) {
  const path = `deploy/grafana/${name}.json`;
  const file = new URL(`../${path}`, import.meta.url);
  const options = await prettier.resolveConfig(file);
  const text = await prettier.format(JSON.stringify(dashboard), { ...options, parser: 'json' });
  if (!isCheck) {
    await writeFile(file, text);
    console.log(path);
  } else if ((await readFile(file, 'utf8')) !== text) {
    console.error(`${path} is not what scripts/dashboards makes: run \`npm run dashboards\``);
    process.exitCode = 1;
  }
}
