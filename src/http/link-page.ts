import { createHash } from 'node:crypto';
import type { Present } from '../acts/present.js';
import { presentWords } from '../report/present-document.js';
import { escaped } from './pages/html.js';

/** What the page says above the present state. */
export interface LinkPage {
  /** The account; null if the link names none. */
  account: string | null;
  /** One line: what happened, or why nothing can be done here. */
  headline: string;
  /** Null: no state is shown, such as for a link that is not valid. */
  present: Present | null;
  /** Whether the page asks for an act. */
  asks: boolean;
  /** What the person typed, if the request was refused. */
  typed?: { name: string; note: string };
}

export const MAX_NAME = 100;
export const MAX_NOTE = 500;
const MAX_ROWS = 20;

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --faint: #666; --line: #ccc; --bad: #b00020; --good: #0a6b2d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eee; --paper: #16181b; --faint: #a0a0a0; --line: #444; --bad: #ff7b87; --good: #6fd58f; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 40rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
ul { margin: 0; padding-left: 1.25rem; }
.gate { font-weight: 600; }
.closed { color: var(--bad); }
.open { color: var(--good); }
.faint { color: var(--faint); }
label { display: block; margin-top: .75rem; }
input, textarea, button { width: 100%; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .4rem; padding: .6rem; }
button { margin-top: .75rem; min-height: 3rem; cursor: pointer; }
button:first-of-type { font-weight: 600; border-width: 2px; border-color: var(--ink); }
`;

/** No script, nothing from elsewhere, no frame around it, and forms only to this server. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; ` +
    "base-uri 'none'; frame-ancestors 'none'",
  // To this server alone. With "no-referrer" browsers would send "Origin: null" with the form.
  'referrer-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow',
  'x-frame-options': 'DENY',
};

/** The page of a one-time link. Pure. Every text from outside is escaped. */
export function linkPage(page: LinkPage): string {
  const { account, headline, present, asks } = page;
  const title = account === null ? 'Plumbline' : `Plumbline: ${account}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(headline)}</p>
${present === null ? '' : stateOf(present)}
${asks ? formOf(page) : ''}
${account === null ? '' : `<p class="faint"><a href="../accounts/${encodeURIComponent(account)}">The account's page</a></p>`}
</main>
</body>
</html>
`;
}

function stateOf(present: Present): string {
  const { gate, standing, standingCount, intervention } = present;
  const { state, details } = presentWords({ ...present, standing: [], standingCount: 0 });
  const name = { open: 'OPEN', closed: 'CLOSED', unknown: 'NOT KNOWN' }[state];
  const rows = standing.slice(0, MAX_ROWS).map(({ description, openedAt }) => item(description, openedAt));
  const more = standingCount > rows.length ? [`<li>and ${standingCount - rows.length} more</li>`] : [];
  const reasons = intervention === null ? [] : intervention.reasons.slice(-MAX_ROWS);
  const isCalling = intervention !== null && intervention.state !== 'acknowledged';
  return [
    `<p class="gate ${state === 'open' ? 'open' : 'closed'}">Trading gate: ${name}${details === '' ? '' : `, ${escaped(details)}`}</p>`,
    `<h2>Open discrepancies</h2>`,
    rows.length === 0
      ? `<p>${gate === null ? 'Not known: the ledger does not answer.' : 'No open discrepancy closes the gate.'}</p>`
      : `<ul>${[...rows, ...more].join('')}</ul>`,
    gate?.lastSuccessAt === null || gate === null
      ? ''
      : `<p class="faint">Last successful check: ${stamp(gate.lastSuccessAt)}</p>`,
    isCalling
      ? `<h2>Why a person is called</h2><ul>${reasons.map(({ text, at }) => item(text, new Date(at))).join('')}</ul>`
      : '',
  ].join('\n');
}

function item(text: string, at: Date): string {
  return `<li>${escaped(text)} <span class="faint">(since ${stamp(at)})</span></li>`;
}

function formOf({ typed = { name: '', note: '' } }: LinkPage): string {
  return `<form method="post">
<h2>What do you do?</h2>
<label>Your name
<input name="name" required maxlength="${MAX_NAME}" autocomplete="name" value="${escaped(typed.name)}"></label>
<label>Note: what you found, or what you will do
<textarea name="note" required maxlength="${MAX_NOTE}" rows="3">${escaped(typed.note)}</textarea></label>
<button name="act" value="acknowledge">Acknowledge: I have it; the gate stays closed while this is open</button>
<button name="act" value="snooze">Snooze for 1 hour</button>
<p class="faint">Name and note are recorded permanently. This link acts once.</p>
</form>`;
}

function stamp(at: Date): string {
  return Number.isNaN(at.getTime()) ? 'unknown' : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
