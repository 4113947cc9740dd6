// Makes a short recording (asciicast v2) and an SVG that plays it from what a terminal received while the demo ran. The demo takes two
// and a half minutes, most of it waiting. Waiting is shortened, results stay long enough to be read, and a line names acts that are
// left out.

export const COLUMNS = 80;
export const ROWS = 28;
/** The acts that the recording shows, by number. */
const SHOWN_ACTS = new Set([1, 2, 6, 9, 10, 11, 12, 13, 16]);

const seconds = { command: 0.8, longestWait: 1, shortestRead: 0.6, aLine: 0.22, longestRead: 2.5, end: 4 };

const ESCAPE = '\u001b';
const CLEAR = `\r${ESCAPE}[2K`;
/** The animated line of `src/cli/context/progress.ts`. */
const WAITING = /^[\u2800-\u28FF] /;
const ACT = /^[ \d]\d {2}\S/;
/** A code of colour or weight. */
const LOOK = String.raw`${ESCAPE}\[([\d;]*)m`;
const plain = (line) => line.replace(new RegExp(LOOK, 'g'), '');

/**
 * What the terminal showed, in order: lines that stay, and the text of the animated line while it was shown.
 *
 * @param events [seconds, text][]
 * @returns {{ at: number, line?: string, waiting?: string, isCut?: boolean }[]} with the codes of colour in the text
 */
function shown(events) {
  const result = [];
  let current = '';
  let waiting = '';
  for (const [at, text] of events) {
    current += text;
    const parts = current.split('\n');
    current = parts.pop();
    for (const part of parts) result.push({ at, line: lastOf(part) });
    current = lastOf(current);
    const now = WAITING.test(plain(current)) ? plain(current).replace(WAITING, '') : '';
    if (now !== waiting) result.push({ at, waiting: now });
    waiting = now;
  }
  return result;
}

/** What is left of a line after the last time that it was cleared. */
function lastOf(line) {
  return line.replace(/\r+$/, '').split(CLEAR).at(-1);
}

/**
 * The recording as it is stored.
 *
 * @param command what the viewer sees typed
 * @param places [path, text to show instead][]
 */
export function castOf(command, events, places = []) {
  const header = { version: 2, width: COLUMNS, height: ROWS, title: command, env: { TERM: 'xterm-256color' } };
  const out = [[0, `$ \u001b[1m${command}\u001b[22m\r\n`]];
  let time = seconds.command;
  let unread = 0;
  let before = null;
  for (const { at, line, waiting, isCut } of cutActs(shown(events))) {
    const idle = before === null || isCut ? 0 : Math.min(at - before, seconds.longestWait);
    before = at;
    if (isCut || (line !== undefined && ACT.test(plain(line)))) {
      time += Math.min(Math.max(unread * seconds.aLine, seconds.shortestRead), seconds.longestRead);
      unread = 0;
    } else time += idle;
    if (line !== undefined) unread += 1;
    const text =
      line !== undefined ? `${CLEAR}${line}\r\n` : waiting === '' ? CLEAR : `${CLEAR}\u001b[2m⠸ ${waiting}\u001b[22m`;
    out.push([Number(time.toFixed(3)), places.reduce((all, [path, name]) => all.replaceAll(path, name), text)]);
  }
  out.push([Number((time + seconds.end).toFixed(3)), '']);
  return `${[JSON.stringify(header), ...out.map(([at, text]) => JSON.stringify([at, 'o', text]))].join('\n')}\n`;
}

/** Leaves out the acts that are not shown. One line stands for those between two that are. */
function cutActs(all) {
  const kept = [];
  let act = 0;
  let cut = [];
  for (const one of all) {
    const text = one.line === undefined ? '' : plain(one.line);
    if (ACT.test(text)) act = Number.parseInt(text, 10);
    if (act === 0 || SHOWN_ACTS.has(act) || /^\S \d+ acts, /.test(text)) {
      if (/^\S \d+ acts, /.test(text)) act = 0;
      if (cut.length > 0) {
        const name =
          cut.length === 1 ? `act ${cut[0]}` : `acts ${cut[0]} ${cut.length === 2 ? 'and' : 'to'} ${cut.at(-1)}`;
        // The empty line before an act's title belongs to the previous act, so it is left out with it.
        const line = `\u001b[2m    (left out here: ${name})\u001b[22m`;
        kept.push({ at: one.at, line, isCut: true }, { at: one.at, line: '' });
        cut = [];
      }
      kept.push(one);
    } else if (cut.at(-1) !== act) cut.push(act);
  }
  return kept;
}

const font = { size: 14, width: 8.43, height: 19, baseline: 14 };
const margin = 14;
const colours = { 31: '#ff7b85', 32: '#7ee39a', 33: '#f3cc6b', 36: '#79d5e8' };
const plainColour = '#e8e8f2';
const faintColour = '#a3a3bb';
const background = '#1c1c2b';

const LOOKS = [
  `text{font:${font.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:${plainColour};white-space:pre}`,
  `.b{font-weight:bold}.f{fill:${faintColour}}`,
  ...Object.entries(colours).map(([code, colour]) => `.c${code}{fill:${colour}}`),
];

/** An SVG of a command and what a terminal showed after it. */
export function pictureOf(command, text) {
  const rows = shown([[0, `$ \u001b[1m${command}\u001b[22m\n${text}`]]).filter(({ line }) => line !== undefined);
  const lines = rows.flatMap(({ line }) => cellsOf(line, COLUMNS));
  const drawn = textsOf(lines);
  return framed(`The output of ${command}`, LOOKS, COLUMNS * font.width, lines.length * font.height, drawn);
}

/**
 * Draws a stored recording: all lines on one film, which moves up behind a window, below a cover that moves down.
 *
 * @returns {{ svg: string, seconds: number }}
 */
export function filmOf(cast) {
  const [header, ...rows] = cast
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));
  const end = rows.at(-1)[0];
  const lines = [];
  /** How many lines are there from this moment on, and what the animated line says. */
  const moments = [{ at: 0, count: 0, waiting: '' }];
  for (const { at, line, waiting } of shown(rows.map(([at, , text]) => [at, text]))) {
    if (line !== undefined) lines.push(...cellsOf(line, header.width));
    const moment = { at, count: lines.length, waiting: waiting ?? moments.at(-1).waiting };
    if (moments.at(-1).at === at) moments[moments.length - 1] = moment;
    else moments.push(moment);
  }
  const [width, height] = [header.width * font.width, header.height * font.height];
  const top = (count) => -Math.max(0, count + 1 - header.height) * font.height;
  const frames = (value) =>
    changesOf(moments.map((moment) => [moment.at, value(moment)]))
      .map(([at, css]) => `${((at / end) * 100).toFixed(3)}%{${css}}`)
      .join('');
  const words = [...new Set(moments.map(({ waiting }) => waiting))].filter((word) => word !== '');
  const final = moments.at(-1);
  const animation = (name) => `animation:${name} ${end}s step-end infinite`;
  const style = [
    ...LOOKS,
    `.film{transform:translateY(${top(final.count)}px);${animation('film')}}`,
    `.cover{transform:translateY(${final.count * font.height}px);${animation('cover')}}`,
    ...words.map((_, index) => `.w${index}{opacity:0;${animation(`w${index}`)}}`),
    `@keyframes film{${frames(({ count }) => `transform:translateY(${top(count)}px)`)}}`,
    `@keyframes cover{${frames(({ count }) => `transform:translateY(${count * font.height}px)`)}}`,
    ...words.map(
      (word, index) => `@keyframes w${index}{${frames(({ waiting }) => `opacity:${waiting === word ? 1 : 0}`)}}`,
    ),
    // A viewer who wants no motion sees the end.
    '@media (prefers-reduced-motion:reduce){.film,.cover,[class^=w]{animation:none}}',
  ];
  const waits = words.map((word, index) => `<text class="w${index} f" y="${font.baseline}">⠸ ${escaped(word)}</text>`);
  const cover = `<rect y="1" width="100%" height="${(lines.length + header.height) * font.height}" fill="${background}"/>`;
  const film = ['<g class="film">', ...textsOf(lines), `<g class="cover">${cover}${waits.join('')}</g>`, '</g>'];
  return { svg: framed(`A recording of ${header.title}`, style, width, height, film), seconds: end };
}

function textsOf(lines) {
  return lines.map((cells, row) => textOf(cells, row * font.height + font.baseline)).filter((text) => text !== '');
}

function framed(title, style, width, height, content) {
  const [outerWidth, outerHeight] = [Math.ceil(width + 2 * margin), Math.ceil(height + 2 * margin)];
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${outerWidth}" height="${outerHeight}" viewBox="0 0 ${outerWidth} ${outerHeight}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style.join('')}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
    `<svg x="${margin}" y="${margin}" width="${width}" height="${height}">`,
    ...content,
    '</svg></svg>',
  ];
  return `${lines.join('\n')}\n`;
}

/** Without the values that equal the one before. */
function changesOf(values) {
  return values.filter(([, value], index) => index === 0 || value !== values[index - 1][1]);
}

/**
 * The rows that a line takes in a terminal of this width: characters with the class of their look.
 *
 * @throws Error for a code that is not one of colour or weight: the picture would be wrong
 */
function cellsOf(line, columns) {
  const rows = [[]];
  const look = { weight: '', colour: '' };
  for (const [token, codes] of line.matchAll(new RegExp(`${LOOK}|[^]`, 'gu'))) {
    if (codes === undefined) {
      if (token === ESCAPE || token === '\r')
        throw new Error(`A line has a code that is not drawn: ${JSON.stringify(line)}`);
      if (rows.at(-1).length === columns) rows.push([]);
      rows.at(-1).push({ character: token, look: [look.weight, look.colour].filter((name) => name !== '').join(' ') });
    } else for (const code of codes.split(';').map(Number)) change(look, code);
  }
  return rows;
}

function change(look, code) {
  if (code === 0) Object.assign(look, { weight: '', colour: '' });
  else if (code === 1) look.weight = 'b';
  else if (code === 2) look.weight = 'f';
  else if (code === 22) look.weight = '';
  else if (code === 39) look.colour = '';
  else if (colours[code] !== undefined) look.colour = `c${code}`;
  else throw new Error(`The colour ${code} has no picture`);
}

/** One SVG text for a row; each run of one look stands at its own column, whatever the viewer's font. */
function textOf(cells, y) {
  const runs = [];
  for (const [column, { character, look }] of cells.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && last.look === look) last.text += character;
    else runs.push({ column, look, text: character });
  }
  const spans = runs
    .filter(({ text }) => text.trim() !== '')
    .map(({ column, look, text }) => {
      const name = look === '' ? '' : ` class="${look}"`;
      const length = ([...text].length * font.width).toFixed(1);
      return `<tspan x="${(column * font.width).toFixed(1)}" textLength="${length}"${name}>${escaped(text)}</tspan>`;
    });
  return spans.length === 0 ? '' : `<text y="${y}">${spans.join('')}</text>`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
