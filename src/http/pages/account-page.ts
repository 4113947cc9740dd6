import { excessPowers, EXCESS_REMEDY, keyNote } from '../../domain/account/key-audit.js';
import { knownKey } from '../../domain/account/inspection.js';
import type { EventType, RunRow } from '../../ledger/contract/ledger.js';
import { sumOfTypes } from '../../report/documents.js';
import { eventSentence } from '../../report/event-sentence.js';
import type { AccountView } from './account-view.js';
import { ACCEPT_FORM, actsSection, interventionSection } from './acts-section.js';
import { coverageSection, differencesSection } from './differences.js';
import { html, withCode, type Html, type Part } from './html.js';
import { counted, page, verdictBadge } from './page.js';
import { runsTable } from './runs-page.js';
import { timelineSection } from './timeline.js';
import { agoTime, dueTime, forTime, stampTime } from './times.js';

/** Runs and log entries that the page lists. */
const LISTED_RUNS = 10;
const LISTED_EVENTS = 12;

/** One account: everything a person needs to decide what to do. Pure. */
export function accountPage(view: AccountView): string {
  const { overview, verdict, open, runs, timeline, frame, proof, viewer, place, now, notice, formKey } = view;
  const { totals, lastRun, intervention } = overview;
  const { account } = totals;
  const count = sumOfTypes(totals.openDiscrepancies);
  return page({
    title: `${account} · Plumbline`,
    root: '../',
    viewer,
    follows: { account, place },
    now,
    crumbs: [
      ['Accounts', ''],
      [account, `accounts/${account}`],
    ],
    body: html`${
        notice === null
          ? null
          : html`<div class="notice ${notice.kind}" role="${notice.kind === 'done' ? 'status' : 'alert'}">
              <p>${notice.text}</p>
              ${notice.remedy === undefined || notice.remedy === null ? null : html`<p>What to do: ${withCode(notice.remedy)}</p>`}
            </div>`
      }
      <section data-live id="verdict" class="card verdict ${verdict.standing}">${head(view)}</section>
      <section data-live id="differences" class="card">
        ${differencesSection({ open, count, intervention, now, acceptForm: viewer.acts ? ACCEPT_FORM : null })}
      </section>
      <section data-live id="intervention" class="card">${interventionSection(overview, now)}</section>
      <section data-live id="failure" class="card">${failureOf(lastRun)}</section>
      <section data-live id="act" class="card">
        ${actsSection({ overview, viewer, hasOpen: count > 0, formKey, notice })}
      </section>
      <section data-live id="runs" class="card">
        ${timelineSection({ account, timeline, frame, registeredAt: totals.registeredAt, now })}
        ${runsTable(account, runs.slice(0, LISTED_RUNS), now, '')}
        <p><a href="${account}/runs">All runs</a></p>
      </section>
      <section data-live id="coverage" class="card">
        ${coverageSection({ lastRun, proof, policy: totals.policy })}
      </section>
      <section data-live id="log" class="card">${logOf(view)}</section>`,
  });
}

function head({ overview, verdict, runs, now }: AccountView): Html {
  const { totals, lastRun } = overview;
  const {
    account,
    exchange,
    lastSuccessAt,
    lastRunAt,
    expectedAt,
    paused,
    active,
    consecutiveFailures,
    policy,
    inspection,
  } = totals;
  const { gate } = verdict;
  const gaps = lastRun?.outcome === 'failed' ? 0 : (lastRun?.notCompared.length ?? 0);
  return html`<div class="title">
      <h1>${account}</h1>
      ${verdictBadge(verdict)}
    </div>
    ${verdict.detail === '' || verdict.standing === 'ok' ? null : html`<p class="lead">${verdict.detail}</p>`}
    <dl class="numbers">
      <div>
        <dt>Since</dt>
        <dd>${since(verdict.since, runs, now)}</dd>
      </div>
      <div>
        <dt>Last check</dt>
        <dd>${lastRunAt === null ? 'never' : agoTime(lastRunAt, now)}</dd>
      </div>
      <div>
        <dt>Last verdict</dt>
        <dd>${lastSuccessAt === null ? 'never' : agoTime(lastSuccessAt, now)}</dd>
      </div>
      <div>
        <dt>Next run</dt>
        <dd>${paused ? 'paused' : active && expectedAt !== null ? dueTime(expectedAt, now) : '–'}</dd>
      </div>
      <div>
        <dt>Failed in a row</dt>
        <dd class="${consecutiveFailures > 0 ? 'warn' : ''}">${consecutiveFailures} of ${policy.failureThreshold}</dd>
      </div>
      <div>
        <dt>Gaps</dt>
        <dd class="${gaps > 0 ? 'warn' : ''}">${gaps === 0 ? 'none' : html`<a href="#coverage">${gaps}</a>`}</dd>
      </div>
      <div>
        <dt>Exchange</dt>
        <dd>
          ${exchange}${inspection?.environment === undefined ? null : html` <span class="warn">${inspection.environment}</span>`}
        </dd>
      </div>
    </dl>
    <p class="gate-line">
      <span class="gate ${gate.open ? 'open' : 'closed'}">Trading gate ${gate.open ? 'open' : 'closed'}</span
      >${gate.accepted > 0 ? html` <span class="faint">${counted(gate.accepted, 'difference')} accepted</span>` : null}
    </p>
    ${
      gate.reasons.length === 0
        ? null
        : html`<ul class="reasons">
            ${gate.reasons.map((reason) => html`<li>${withCode(reason)}</li>`)}
          </ul>`
    }
    ${keyWarnings(overview.totals.inspection)}`;
}

function keyWarnings(inspection: AccountView['overview']['totals']['inspection']): Part {
  if (inspection === null) return null;
  const key = knownKey(inspection);
  const excess = key === null ? null : excessPowers(key);
  const note = key === null ? null : keyNote(key);
  return [
    excess === null ? null : html`<p class="warn">The key can ${excess}. ${EXCESS_REMEDY}.</p>`,
    note === null ? null : html`<p class="faint">Key: ${note}</p>`,
    inspection.verifiedProfile
      ? null
      : html`<p class="warn">Unverified profile: only what ${inspection.exchange} shows is used and compared.</p>`,
  ];
}

/** Of a match: since the first of the consecutive runs that matched. */
function since(at: Date | null, runs: readonly RunRow[], now: Date): Part {
  if (at !== null) return html`${forTime(at, now)}`;
  const broken = runs.findIndex(({ outcome }) => outcome !== 'matched');
  const first = broken === -1 ? runs.at(-1) : runs[broken - 1];
  if (first === undefined) return '–';
  return html`${broken === -1 && first.runNumber > 1 ? 'more than ' : null}${forTime(first.endedAt, now)}`;
}

function failureOf(lastRun: RunRow | null): Part {
  if (lastRun === null || lastRun.failure === null) return null;
  const { kind, side, message, remedy } = lastRun.failure;
  return html`<h2>Why the last run could not tell</h2>
    <p><b>${kind}</b> (${side}): ${message}</p>
    <p><b>What to do:</b> ${withCode(remedy)}</p>`;
}

/** Runs and delivered messages are shown elsewhere. */
const NOT_LOGGED: ReadonlySet<EventType> = new Set([
  'RECONCILIATION_COMPLETED',
  'RECONCILIATION_FAILED',
  'NOTIFICATION_DELIVERED',
]);

function logOf({ events, now }: AccountView): Html {
  const lines = events.toReversed().filter(({ type }) => !NOT_LOGGED.has(type));
  if (lines.length === 0) {
    return html`<h2>Log</h2>
      <p class="faint">The newest events are only runs.</p>`;
  }
  return html`<h2>Log</h2>
    <ol class="log">
      ${lines.slice(0, LISTED_EVENTS).map(
        (event) =>
          html`<li>
            <span>${stampTime(event.at)} <span class="faint">${agoTime(event.at, now)}</span></span>
            <span>${eventSentence(event)}</span>
          </li>`,
      )}
    </ol>`;
}
