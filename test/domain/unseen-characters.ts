/** Each character that must never reach a terminal or a page as it is, with its name. Made from code points, not from a rule. */
const RANGES: [from: number, to: number, what: string][] = [
  [0x00, 0x1f, 'C0'],
  [0x7f, 0x9f, 'DEL and C1'],
  [0xad, 0xad, 'soft hyphen'],
  [0x34f, 0x34f, 'grapheme joiner'],
  [0x61c, 0x61c, 'Arabic letter mark'],
  [0x115f, 0x1160, 'Hangul fillers'],
  [0x17b4, 0x17b5, 'Khmer vowels that are not shown'],
  [0x180b, 0x180f, 'Mongolian selectors'],
  [0x200b, 0x200f, 'zero width, direction marks'],
  [0x2028, 0x202e, 'separators, embeddings and overrides'],
  [0x2060, 0x206f, 'word joiner, isolates, deprecated'],
  [0x2800, 0x2800, 'Braille blank'],
  [0x3164, 0x3164, 'Hangul filler'],
  [0xd800, 0xd800, 'half of a pair'],
  [0xdfff, 0xdfff, 'half of a pair'],
  [0xe000, 0xe000, 'private use'],
  [0xfe00, 0xfe0f, 'variation selectors'],
  [0xfeff, 0xfeff, 'byte order mark'],
  [0xffa0, 0xffa0, 'halfwidth filler'],
  [0xfff0, 0xfffb, 'interlinear'],
  [0xffff, 0xffff, 'no character'],
  [0x1bca0, 0x1bca3, 'shorthand controls'],
  [0x1d173, 0x1d17a, 'musical controls'],
  [0xe0001, 0xe0001, 'language tag'],
  [0xe0020, 0xe007f, 'tags'],
  [0xe0100, 0xe01ef, 'variation selectors'],
  // Spaces that look like another one, or like none.
  [0xa0, 0xa0, 'no-break space'],
  [0x1680, 0x1680, 'Ogham space'],
  [0x2000, 0x200a, 'typographic spaces'],
  [0x202f, 0x202f, 'narrow space'],
  [0x205f, 0x205f, 'mathematical space'],
  [0x3000, 0x3000, 'ideographic space'],
];

export const UNSEEN: string[] = RANGES.flatMap(([from, to]) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index)),
);

/** Sequences that act on a terminal. */
export const SEQUENCES = [
  '\u001b[31mred',
  '\u001b[8mhidden',
  '\u001b[2K\rforged line',
  '\u001b[1A\u001b[2Kthe line above',
  '\u001b]0;title\u0007',
  '\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\',
  '\u001b]52;c;Y3VybCBldmlsIHwgc2g=\u0007',
  '\u001bP+q544e\u001b\\',
  '\u009b31mred',
  'a\rb',
  'a\nerror: forged',
  'a\tb',
  'a\bb',
  'x\u202egpj.exe',
];
