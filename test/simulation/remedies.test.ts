import { describe, expect, it } from '@jest/globals';
import { tryRemedies } from './remedies.js';
import { writeScript, type Script } from './script.js';

/** Different worlds in every run; PLUMBLINE_REMEDY_SEED repeats them, PLUMBLINE_REMEDY_WORLDS=5000 is a long run. */
const WORLDS = Number(process.env.PLUMBLINE_REMEDY_WORLDS ?? 150);
const FIRST = Number(process.env.PLUMBLINE_REMEDY_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe('following a remedy', () => {
  it(
    `never makes a difference or a position larger, in ${WORLDS} worlds from seed ${FIRST}`,
    async () => {
      const counts = new Map<string, number>();
      for (let seed = FIRST; seed < FIRST + WORLDS; seed += 1) {
        const tried = await tryRemedies(ofOneBot(writeScript(seed)));
        if (tried.wrong.length > 0) throw new Error(`seed ${seed}:\n${tried.wrong.join('\n')}`);
        for (const [name, count] of tried.counts) counts.set(name, (counts.get(name) ?? 0) + count);
      }
      const sorted = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
      if (WORLDS > 150) process.stderr.write(`${sorted.map(([name, count]) => `${name}: ${count}`).join('\n')}\n`);
      expect(sorted.length).toBeGreaterThan(6);
    },
    60_000 + WORLDS * 1000,
  );
});

/** With a baseline the words are about the bot's part, and a second bot's state is not in one place. */
function ofOneBot(script: Script): Script {
  const { baseline: _, ...policy } = script.policy;
  const books = { ...script.books, second: null, ownersPositions: {}, ownersCoins: {} };
  return { ...script, books, policy };
}
