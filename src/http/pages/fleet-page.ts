import { html, type Html, type Part } from './html.js';
import { standingIcon } from './icons.js';
import { counted, page, sinceOf, verdictBadge, type Viewer } from './page.js';
import { agoTime, dueTime } from './times.js';
import { STANDING_WORDS, STANDINGS, type Standing, type Verdict } from './verdict.js';
import type { AccountTotals } from '../../ledger/contract/ledger.js';

/** One account as the list shows it. */
export interface FleetRow {
  totals: AccountTotals;
  verdict: Verdict;
  /** What the trading gate says, which closes first. */
  isGateOpen: boolean;
}

export interface FleetQuery {
  /** A part of the names; empty: all. */
  name: string;
  standing: Standing | null;
  /** Number of the page, from 1. */
  page: number;
}

export interface FleetView {
  rows: readonly FleetRow[];
  query: FleetQuery;
  now: Date;
  viewer: Viewer;
  /** A place in the stream at or before the moment of the read, so no change is missed. */
  place: string;
}

export const ROWS_PER_PAGE = 100;

/** All accounts, trouble first. Pure. */
export function fleetPage({ rows, query, now, viewer, place }: FleetView): string {
  const named = rows.filter(({ totals }) => totals.account.includes(query.name));
  const counts = new Map(STANDINGS.map((standing) => [standing, 0]));
  for (const { verdict } of named) counts.set(verdict.standing, (counts.get(verdict.standing) ?? 0) + 1);
  const chosen = query.standing === null ? named : named.filter(({ verdict }) => verdict.standing === query.standing);
  const sorted = chosen.toSorted(bySeriousness);
  const pages = Math.max(1, Math.ceil(sorted.length / ROWS_PER_PAGE));
  const number = Math.min(query.page, pages);
  const shown = sorted.slice((number - 1) * ROWS_PER_PAGE, number * ROWS_PER_PAGE);
  return page({
    title: 'Accounts · Plumbline',
    root: './',
    viewer,
    follows: { account: '*', place },
    now,
    crumbs: [['Accounts', '']],
    body: html`<div data-live id="summary">${summary(counts, named.length)}</div>
      <form class="filter" role="search" method="get" action="./" data-filter>
        <label for="q">Account</label>
        <input
          id="q"
          name="q"
          type="search"
          value="${query.name}"
          autocomplete="off"
          spellcheck="false"
          maxlength="63"
        />
        ${query.standing === null ? null : html`<input type="hidden" name="show" value="${query.standing}" />`}
        <button>Filter</button>
      </form>
      <nav data-live id="standings" class="chips" aria-label="Filter by verdict">
        ${chips(counts, named.length, query)}
      </nav>
      <div data-live id="accounts">${shown.length === 0 ? nothing(query, rows.length) : table(shown, now)}</div>
      <div data-live id="pages">${pager(query, number, pages, sorted.length)}</div>`,
  });
}

/** The most serious first, then the longest lasting, then by name. */
function bySeriousness(a: FleetRow, b: FleetRow): number {
  const [rankA, rankB] = [STANDINGS.indexOf(a.verdict.standing), STANDINGS.indexOf(b.verdict.standing)];
  const [sinceA, sinceB] = [a, b].map(({ verdict }) => verdict.since?.getTime() ?? Number.MAX_SAFE_INTEGER);
  return rankA - rankB || (sinceA ?? 0) - (sinceB ?? 0) || (a.totals.account < b.totals.account ? -1 : 1);
}

const TROUBLE: readonly Standing[] = ['intervention', 'drift', 'unknown', 'overdue'];

function summary(counts: ReadonlyMap<Standing, number>, all: number): Html {
  const troubled = TROUBLE.reduce((sum, standing) => sum + (counts.get(standing) ?? 0), 0);
  if (all === 0) return html`<h1>Accounts</h1>`;
  const words = TROUBLE.flatMap((standing) => {
    const count = counts.get(standing) ?? 0;
    return count === 0 ? [] : [SUMMARY_WORDS[standing](count)];
  });
  return troubled === 0
    ? html`<h1 class="headline ok">${standingIcon('ok')} No account is in trouble</h1>
        <p class="lead" data-calm>${counted(all, 'account')} checked; the last verdict of each is below.</p>`
    : html`<h1 class="headline bad">
          ${standingIcon('intervention')} ${troubled} of ${counted(all, 'account')} in trouble
        </h1>
        <p class="lead">${words.join(', ')}.</p>`;
}

const SUMMARY_WORDS: Readonly<Record<Standing, (count: number) => string>> = {
  intervention: (count) => `${count} ${count === 1 ? 'needs' : 'need'} a human`,
  drift: (count) => `${count} drifted`,
  unknown: (count) => `${count} not known`,
  overdue: (count) => `${count} overdue`,
  paused: (count) => `${count} paused`,
  accepted: (count) => `${count} with accepted drift`,
  ok: (count) => `${count} matched`,
  stopped: (count) => `${count} stopped`,
};

function chips(counts: ReadonlyMap<Standing, number>, all: number, query: FleetQuery): Part {
  const chip = (standing: Standing | null, label: string, count: number): Html =>
    html`<a
      class="chip ${standing ?? 'all'}"
      href="${linkTo({ ...query, standing, page: 1 })}"
      ${standing === query.standing ? html`aria-current="true"` : null}
      >${standing === null ? null : standingIcon(standing)}<span>${label}</span> <b>${count.toLocaleString('en')}</b></a
    >`;
  const present = STANDINGS.filter((standing) => (counts.get(standing) ?? 0) > 0 || standing === query.standing);
  return [
    chip(null, 'All', all),
    ...present.map((standing) => chip(standing, STANDING_WORDS[standing], counts.get(standing) ?? 0)),
  ];
}

function linkTo({ name, standing, page: number }: FleetQuery): string {
  const search = new URLSearchParams();
  if (name !== '') search.set('q', name);
  if (standing !== null) search.set('show', standing);
  if (number > 1) search.set('page', String(number));
  return search.size === 0 ? './' : `./?${search.toString()}`;
}

function table(rows: readonly FleetRow[], now: Date): Html {
  return html`<table class="fleet">
    <caption class="visually-hidden">
      Accounts, the most serious first
    </caption>
    <thead>
      <tr>
        <th scope="col">Account</th>
        <th scope="col">Verdict</th>
        <th scope="col" class="c-since">Since</th>
        <th scope="col" class="c-last">Last check</th>
        <th scope="col" class="c-next">Next run</th>
        <th scope="col" class="c-failed">
          <abbr title="Failed runs in a row, and how many call a human">Failed</abbr>
        </th>
        <th scope="col" class="c-gate"><abbr title="Trading gate: may the bot trade?">Gate</abbr></th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => rowOf(row, now))}
    </tbody>
  </table>`;
}

function rowOf({ totals, verdict, isGateOpen }: FleetRow, now: Date): Html {
  const { account, exchange, lastRunAt, expectedAt, active, paused, consecutiveFailures, policy } = totals;
  const isDue = active && !paused && expectedAt !== null;
  return html`<tr data-account="${account}" class="${verdict.standing}">
    <th scope="row">
      <a href="accounts/${account}">${account}</a> <span class="faint exchange">${exchange}</span
      ><span class="faint phone-only">${isDue ? html`next ${dueTime(expectedAt, now)}` : null}</span>
    </th>
    <td class="c-verdict">
      ${verdictBadge(verdict)}${verdict.since === null ? null : html`<span class="faint phone-only">for ${sinceOf(verdict, now)}</span>`}${verdict.detail === '' || verdict.standing === 'ok' ? null : html`<span class="detail">${verdict.detail}</span>`}
    </td>
    <td class="c-since">${sinceOf(verdict, now)}</td>
    <td class="c-last">${lastRunAt === null ? html`<span class="none">never</span>` : agoTime(lastRunAt, now)}</td>
    <td class="c-next">
      ${isDue ? dueTime(expectedAt, now) : html`<span class="none">${paused ? 'paused' : '–'}</span>`}
    </td>
    <td class="c-failed ${consecutiveFailures > 0 ? 'warn' : ''}">${consecutiveFailures}/${policy.failureThreshold}</td>
    <td class="c-gate">
      <span class="gate ${isGateOpen ? 'open' : 'closed'}">${isGateOpen ? 'open' : 'closed'}</span>
    </td>
  </tr> `;
}

function nothing({ name, standing }: FleetQuery, all: number): Html {
  if (all === 0)
    return html`<p class="empty">No accounts yet: <code>plumbline apply -f plumbline.yaml</code> starts them.</p>`;
  const what = [
    ...(standing === null ? [] : [`the verdict "${STANDING_WORDS[standing]}"`]),
    ...(name === '' ? [] : [`"${name}" in its name`]),
  ];
  return html`<p class="empty">No account has ${what.join(' and ')}. <a href="./">Show all</a></p>`;
}

function pager(query: FleetQuery, number: number, pages: number, count: number): Part {
  if (pages === 1) return null;
  const first = (number - 1) * ROWS_PER_PAGE + 1;
  const last = Math.min(number * ROWS_PER_PAGE, count);
  return html`<nav class="pager" aria-label="Pages">
    ${number > 1 ? html`<a rel="prev" href="${linkTo({ ...query, page: number - 1 })}">Previous</a>` : html`<span class="none">Previous</span>`}
    <span>${first} to ${last} of ${count.toLocaleString('en')}</span>
    ${number < pages ? html`<a rel="next" href="${linkTo({ ...query, page: number + 1 })}">Next</a>` : html`<span class="none">Next</span>`}
  </nav>`;
}
