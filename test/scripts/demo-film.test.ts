import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { acts } from '../../packages/dev-stack/src/scenario.js';
import { castOf, filmOf, pictureOf } from '../../scripts/demo-film.mjs';

const image = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../docs/images/${name}`, import.meta.url)), 'utf8');
const eventSchema = z.tuple([z.number(), z.literal('o'), z.string()]);
const eventsOf = (cast: string): z.infer<typeof eventSchema>[] =>
  cast
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => eventSchema.parse(JSON.parse(line)));
const CLEAR = '\r\u001B[2K';
const SGR = new RegExp(String.raw`${'\u001B'}\[[\d;]*m`, 'g');

describe('the recording in the README', () => {
  const cast = image('demo.cast');
  const text = eventsOf(cast)
    .map(([, , output]) => output)
    .join('')
    .replaceAll(SGR, '')
    .replaceAll(CLEAR, '');

  it('shows acts that the demo still has', () => {
    const titles = [...text.matchAll(/^([ \d]\d) {2}(\S.*)\r$/gm)];
    expect(titles.length).toBeGreaterThan(5);
    for (const [, number, title] of titles) expect(acts[Number(number) - 1]?.title).toBe(title);
    expect(text).toContain(`${acts.length} acts, every verdict as expected`);
  });

  it('is drawn as it is stored, is short and small, and names no machine', () => {
    const { svg, seconds } = filmOf(cast);
    expect(image('demo.svg')).toBe(svg);
    expect(seconds).toBeLessThan(45);
    expect(svg.length).toBeLessThan(100_000);
    expect(text).not.toMatch(/\/(tmp|home|root|work|Users)\//);
  });
});

describe('a recording', () => {
  const act = (number: number): string => `\r\n${String(number).padStart(2)}  Act ${number}\r\n`;

  it('shortens the waiting, keeps one frame of it, and says which acts it leaves out', () => {
    const cast = castOf('go', [
      [0, 'start\r\n'],
      [1, `${act(1)}${CLEAR}⠋ waiting`],
      [60, `${CLEAR}⠙ waiting`],
      [100, `${CLEAR}    matched\r\n`],
      [101, act(3)],
      [102, `    gone\r\n${act(6)}`],
    ]);
    const events = eventsOf(cast);
    const [end = 0] = events.at(-1) ?? [];
    expect(end).toBeLessThan(15);
    const shown = events.map(([, , output]) => output.replaceAll(SGR, '').replaceAll(CLEAR, '')).join('');
    expect(shown.match(/waiting/g)).toHaveLength(1);
    expect(shown).toContain('(left out here: act 3)');
    expect(shown).not.toContain('gone');
    expect(shown).toContain(' 6  Act 6');
  });

  it('shows a name instead of a path', () => {
    expect(castOf('go', [[0, 'State /x/y/z\r\n']], [['/x/y', '~/plumbline']])).toContain('State ~/plumbline/z');
  });

  it('breaks a line where the terminal breaks it, with the colour it has', () => {
    const { svg } = filmOf(castOf('go', [[0, `\u001B[31m${'a'.repeat(80)}b\u001B[39mc <&>\r\n`]]));
    expect(svg).toMatch(/class="c31">a{80}<\/tspan><\/text>\n<text [^>]*><tspan [^>]*class="c31">b<\/tspan>/);
    expect(svg).toContain('c &lt;&amp;&gt;');
  });

  it('refuses a code that it does not draw', () => {
    expect(() => pictureOf('go', 'a\u001B[3Ab\r\n')).toThrow('not drawn');
    expect(() => pictureOf('go', '\u001B[45mb\r\n')).toThrow('45');
  });
});
