import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as prettier from 'prettier';
import { code, markdown, visible, visibleIn, visibleLines } from '../../src/domain/text/shown-text.js';
import { SEQUENCES, UNSEEN } from './unseen-characters.js';

describe('visible text', () => {
  it('has every unseen character written as its code', () => {
    expect(UNSEEN.length).toBeGreaterThan(400);
    for (const character of UNSEEN) {
      const shown = visible(`a${character}b`);
      expect(shown).toMatch(/^a\\u(?:[0-9a-f]{4}|\{[0-9a-f]{5,6}\})b$/);
    }
  });

  it('distinguishes two texts that look the same', () => {
    const shown = new Set(UNSEEN.map((character) => visible(`BTC${character}`)));
    expect(shown.size).toBe(UNSEEN.length);
  });

  it.each(['BTC/USDT:USDT', 'x-Bot_17.a', '币安人生/USDT', 'Ümläut é ñ', '0.5 %', '✓ “quoted” … –'])(
    'leaves %s as it is',
    (text) => {
      expect(visible(text)).toBe(text);
    },
  );

  it('keeps lines where they are ours', () => {
    expect(visibleLines('a\nb\u001b[1m\r')).toBe('a\nb\\u001b[1m\\u000d');
  });

  it('goes through all of plain data, keys too, and leaves the rest', () => {
    const at = new Date(0);
    expect(visibleIn({ 'a\u202e': ['\u001b', 1, null, at], b: { c: 'd' } })).toEqual({
      'a\\u202e': ['\\u001b', 1, null, at],
      b: { c: 'd' },
    });
  });
});

/** The kinds of nodes that a Markdown parser (remark) makes of a text. */
async function kindsIn(text: string): Promise<Set<string>> {
  const parse = (
    prettier as unknown as {
      __debug: { parse: (text: string, options: object) => Promise<{ ast: Node }> };
    }
  ).__debug.parse;
  const kinds = new Set<string>();
  const visit = (node: Node): void => {
    kinds.add(node.type);
    for (const child of node.children ?? []) visit(child);
  };
  visit((await parse(text, { parser: 'markdown' })).ast);
  return kinds;
}

interface Node {
  type: string;
  children?: Node[];
}

const TEXT = ['root', 'paragraph', 'sentence', 'word', 'whitespace', 'text', 'inlineCode'];

const MARKUP = [
  '[click](https://evil.example)',
  '![x](https://evil.example/pixel.png)',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '&lt;b&gt;',
  '# heading',
  '- item',
  '+ item',
  '1. item',
  '1) item',
  '> quote',
  '**bold** __bold__ *it* _it_ ~~gone~~',
  '`code` ``code``',
  '| a | b |',
  '---',
  '***',
  '===',
  '[ref]: https://evil.example',
  '[^1]: note',
  'https://evil.example/x',
  'see www.evil.example now',
  'mail a@evil.example',
  'mailto:a@evil.example',
  '<https://evil.example>',
  '\\[x\\](https://evil.example)',
  'a\n\n# b',
  '    indented',
  '~~~js',
  '```js',
  '$x$ :smile:',
];

describe('text in Markdown', () => {
  it.each(MARKUP)('%j is text', async (text) => {
    for (const place of [markdown(text), `- \`T\` ${markdown(text)}`, `a ${markdown(text)} b`]) {
      const kinds = [...(await kindsIn(place))].filter((kind) => kind !== 'list' && kind !== 'listItem');
      expect(TEXT).toEqual(expect.arrayContaining(kinds));
    }
    expect([...(await kindsIn(markdown(text)))]).not.toContain('list');
  });

  it('without escaping, each of them is more than text', async () => {
    const plain = ['&lt;b&gt;', '[^1]: note', 'mailto:a@evil.example', 'mail a@evil.example', '$x$ :smile:', '==='];
    for (const text of MARKUP.filter(
      (each) => !plain.includes(each) && !each.startsWith('see www') && !each.startsWith('\\'),
    )) {
      const kinds = [...(await kindsIn(text))].filter((kind) => !TEXT.includes(kind) || kind === 'inlineCode');
      expect({ text, kinds: kinds.length > 0 || text === '| a | b |' }).toEqual({ text, kinds: true });
    }
  });

  it('is text whatever it is made of', async () => {
    const pieces = fc.constantFrom(
      ...MARKUP,
      ...SEQUENCES,
      ' ',
      '\n',
      '|',
      '`',
      '\\',
      '*',
      '_',
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 8 }), async (parts) => {
        const kinds = await kindsIn(`x ${markdown(parts.join(''))}`);
        expect(TEXT).toEqual(expect.arrayContaining([...kinds]));
      }),
      { numRuns: 300 },
    );
  });

  it('does not end a table cell or a code span', () => {
    expect(markdown('a | b')).toBe('a \\| b');
    expect(code('a`b|c')).toBe("`a'b\\|c`");
  });

  it.each(['BTC/USDT:USDT', 'ORDER_FILL_MISSED', 'bot-17 of 0.5', 'positions:linear:USDT'])(
    'leaves %s as it is',
    (text) => {
      expect(markdown(text)).toBe(text);
    },
  );

  it.each([...SEQUENCES, ...UNSEEN])('shows %j as text', (text) => {
    for (const shown of [markdown(text), code(text)]) expect(visible(shown)).toBe(shown);
  });
});
