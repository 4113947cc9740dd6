// npm run mutate-confirming [-- --seeds 2000 --from 1]: weakens each rule of confirming and agreement in turn and
// searches simulated trading for a world that detects it. Prints a table; exits with 1 if a weakened rule is not
// detected. -- --plain: the same worlds with nothing weakened, in which nothing may go wrong.
import { fork } from 'node:child_process';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTATIONS } from './confirming-mutations.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    only: { type: 'string' },
    child: { type: 'string' },
    plain: { type: 'boolean' },
  },
});
const seeds = Number(values.seeds ?? 2000);
const from = Number(values.from ?? 1);

/** The first world that goes wrong under the mutation, and how many were played; no seed if none does. */
async function seek({ where = () => true, into = (script) => script, ...mutation }) {
  await import('./typescript-loader.mjs');
  if (!values.plain) register('./mutating-hooks.mjs', import.meta.url, { data: mutation });
  const { simulate } = await import('../test/simulation/simulate.ts');
  const { writeScript } = await import('../test/simulation/script.ts');
  let played = 0;
  for (let seed = from; played < seeds; seed += 1) {
    const written = writeScript(seed);
    if (!where(written)) continue;
    const script = into(written);
    played += 1;
    try {
      const { wrong } = await simulate(script);
      if (wrong.length > 0) return { seed, played, how: wrong[0] };
    } catch (error) {
      return { seed, played, how: `threw ${String(error)}` };
    }
  }
  return { seed: null, played, how: `NOT in ${played} worlds` };
}

/** One process per mutation, because a module is loaded once per process. */
function seekInChild(index) {
  const args = ['--child', String(index), '--seeds', String(seeds), '--from', String(from)];
  if (values.plain) args.push('--plain');
  const child = fork(fileURLToPath(import.meta.url), args);
  return new Promise((resolve, reject) => {
    let found;
    child.once('message', (message) => (found = message.found));
    child.once('exit', () =>
      found === undefined ? reject(new Error(`mutation ${index} could not be tried`)) : resolve(found),
    );
  });
}

if (values.child !== undefined) {
  const found = await seek(MUTATIONS[Number(values.child)]);
  process.send({ found }, () => process.disconnect());
} else {
  const chosen = MUTATIONS.map((mutation, index) => ({ ...mutation, index })).filter(
    ({ rule, what }) => values.only === undefined || new RegExp(values.only).test(`${rule} ${what}`),
  );
  console.log(`${'rule'.padEnd(14)}${'weakened'.padEnd(66)}${'seed'.padStart(8)}${'worlds'.padStart(8)}  noticed as`);
  for (const { rule, what, index } of chosen) {
    const found = await seekInChild(index);
    if (found.seed === null) process.exitCode = 1;
    const noticed = found.how.replace(/^run \d+: /, '').slice(0, 60);
    const [seed, worlds] = [String(found.seed ?? '-'), String(found.played)];
    console.log(`${rule.padEnd(14)}${what.padEnd(66)}${seed.padStart(8)}${worlds.padStart(8)}  ${noticed}`);
  }
}
