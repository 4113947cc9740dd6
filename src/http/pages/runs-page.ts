import { notComparedName } from '../../domain/compare/observation.js';
import type { Outcome } from '../../domain/lifecycle/run.js';
import type { RunRow } from '../../ledger/contract/ledger.js';
import { html, type Html, type Part } from './html.js';
import { standingIcon } from './icons.js';
import { counted, page, type Viewer } from './page.js';
import { agoTime, stampTime } from './times.js';
import type { Standing } from './verdict.js';

export interface RunsView {
  account: string;
  runs: readonly RunRow[];
  /** Whether these are the newest ones. */
  isNewest: boolean;
  viewer: Viewer;
  place: string;
  now: Date;
}

export const RUNS_PER_PAGE = 50;

/** The runs of an account, newest first. Pure. */
export function runsPage({ account, runs, isNewest, viewer, place, now }: RunsView): string {
  const last = runs.at(-1);
  return page({
    title: `Runs of ${account} · Plumbline`,
    root: '../../',
    viewer,
    follows: isNewest ? { account, place } : null,
    now,
    crumbs: [
      ['Accounts', ''],
      [account, `accounts/${account}`],
      ['Runs', `accounts/${account}/runs`],
    ],
    body: html`<section class="card">
      <h1>Runs of ${account}</h1>
      <div data-live id="runs">
        ${runs.length === 0 ? html`<p class="empty">No run has ended yet.</p>` : runsTable(account, runs, now, '../')}
      </div>
      <nav class="pager" aria-label="Pages">
        ${isNewest ? html`<span class="none">Newer</span>` : html`<a href="runs">Newest</a>`}${runs.length < RUNS_PER_PAGE || last === undefined ? html`<span class="none">Older</span>` : html`<a rel="next" href="runs?before=${last.runNumber}">Older</a>`}
      </nav>
    </section>`,
  });
}

/** @param up the relative path from the page to the folder of accounts */
export function runsTable(account: string, runs: readonly RunRow[], now: Date, up: string): Part {
  if (runs.length === 0) return null;
  return html`<table class="runs">
    <caption class="visually-hidden">
      The newest runs
    </caption>
    <thead>
      <tr>
        <th scope="col">Run</th>
        <th scope="col">Ended</th>
        <th scope="col">Outcome</th>
        <th scope="col" class="c-took">Took</th>
        <th scope="col">Remarks</th>
      </tr>
    </thead>
    <tbody>
      ${runs.map(
        (run) =>
          html`<tr>
            <th scope="row">
              <a href="${up}${account}/runs/${run.runNumber}" aria-label="Run ${run.runNumber}">${run.runNumber}</a>
            </th>
            <td>${agoTime(run.endedAt, now)}</td>
            <td>${outcomeBadge(run)}</td>
            <td class="c-took">${tookText(run)}</td>
            <td>${remarksOf(run)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const STANDING_OF: Readonly<Record<Outcome, Standing>> = { matched: 'ok', drifted: 'drift', failed: 'unknown' };
const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = { matched: 'matched', drifted: 'drifted', failed: 'failed' };

/** A match with gaps is shown as such. */
export function outcomeBadge({ outcome, notCompared }: Pick<RunRow, 'outcome' | 'notCompared'>): Html {
  const gaps = outcome === 'failed' ? 0 : notCompared.length;
  const standing = STANDING_OF[outcome];
  return html`<span class="badge ${standing}"
    >${standingIcon(standing)}<span class="badge-words">${OUTCOME_WORDS[outcome]}</span
    >${gaps === 0 ? null : html` <span class="badge-more">with ${counted(gaps, 'gap')}</span>`}</span
  >`;
}

export function tookText({ startedAt, endedAt }: Pick<RunRow, 'startedAt' | 'endedAt'>): string {
  const ms = endedAt.getTime() - startedAt.getTime();
  return ms < 10_000 ? `${(Math.max(0, ms) / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}

export const TRIGGER_WORDS: Readonly<Record<RunRow['trigger'], string>> = {
  schedule: 'scheduled',
  forced: 'requested',
  run_now: 'requested',
};

function remarksOf(run: RunRow): Part {
  const parts = [
    run.trigger === 'schedule' ? null : TRIGGER_WORDS[run.trigger],
    run.discrepancies === 0 ? null : counted(run.discrepancies, 'discrepancy', 'discrepancies'),
    run.failure === null ? null : `${run.failure.kind}: ${run.failure.message}`,
    run.unsettled.length === 0 ? null : `${run.unsettled.length} kept changing`,
    run.notCompared.length === 0 || run.outcome === 'failed'
      ? null
      : `not compared: ${run.notCompared.slice(0, 3).map(notComparedName).join(', ')}`,
  ].filter((part) => part !== null);
  return html`<span class="remarks">${parts.join('; ')}</span>`;
}

export function endedWords(run: RunRow, now: Date): Html {
  return html`${stampTime(run.endedAt)} (${agoTime(run.endedAt, now)})`;
}
