import type { AccountOverview, InterventionRow } from '../../ledger/contract/ledger.js';
import type { NotificationRow } from '../../ledger/contract/notifications.js';
import { ladderOf } from '../../domain/lifecycle/ladder-state.js';
import { severityOf } from '../../domain/lifecycle/intervention.js';
import type { Policy } from '../../domain/policy/policy.js';
import { html, withCode, type Html, type Part } from './html.js';
import { counted } from './page.js';
import type { Viewer } from './page.js';
import type { Notice } from './account-view.js';
import { agoTime, forTime, stampTime } from './times.js';

/** The open call for a human: why, who was reached, who is next. */
export function interventionSection({ intervention, totals }: AccountOverview, now: Date): Part {
  if (intervention === null) return null;
  const { openedAt, reasons, state, snoozedUntil, snoozedBy, snoozeNote, notifiedTimes } = intervention;
  return html`<h2>A human is called</h2>
    <p>
      Open for ${forTime(openedAt, now)}, since ${stampTime(openedAt)}. ${counted(notifiedTimes, 'message')}
      sent.${
        state === 'snoozed' && snoozedUntil !== null
          ? html` <b>Snoozed</b> until
              ${stampTime(snoozedUntil)}${snoozedBy === null ? null : html` by ${snoozedBy}: ${snoozeNote}`}.`
          : null
      }
    </p>
    <ul class="reasons">
      ${reasons.slice(-20).map(({ text, at }) => html`<li>${text} <span class="faint">${agoTime(new Date(at), now)}</span></li>`)}
    </ul>
    ${ladderTable(intervention, totals.policy, now)}`;
}

/** The rungs of the ladder with what became of their channels. */
function ladderTable(intervention: InterventionRow, policy: Policy, now: Date): Part {
  const { notifications, openedAt, reasons } = intervention;
  const newest = new Map(notifications.toReversed().map((row) => [row.channel, row]));
  const rules = ladderOf(policy);
  const isPage = severityOf(reasons) === 'page';
  const rungs = rules === null ? [] : isPage ? rules.rungs : [{ afterMinutes: 0, channels: rules.notifyChannels }];
  const named = new Set(rungs.flatMap(({ channels }) => channels));
  const others = [...newest.keys()].filter((channel) => !named.has(channel));
  if (rungs.length === 0 && others.length === 0)
    return html`<p class="faint">No channel is configured: the call is only in the log of the worker.</p>`;
  const rows = [
    ...rungs.flatMap(({ afterMinutes, channels }) =>
      channels.map((channel) => ({
        when: afterMinutes === 0 ? 'at once' : `after ${afterMinutes} min`,
        afterMinutes,
        channel,
      })),
    ),
    ...others.map((channel) => ({ when: '', afterMinutes: 0, channel })),
  ];
  return html`<table class="ladder">
    <caption>
      Who is called
    </caption>
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">Channel</th>
        <th scope="col">What became of it</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(({ when, afterMinutes, channel }) => {
        const dueAt = new Date(openedAt.getTime() + afterMinutes * 60_000);
        return html`<tr>
          <td>${when}</td>
          <th scope="row">${channel}</th>
          <td>${deliveryOf(newest.get(channel), intervention.state === 'snoozed' ? null : dueAt, now)}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** @param dueAt null: a snooze holds it back */
function deliveryOf(row: NotificationRow | undefined, dueAt: Date | null, now: Date): Part {
  if (row === undefined) {
    const next = dueAt !== null && dueAt > now ? html`next, at ${stampTime(dueAt)}` : null;
    return html`<span class="faint"
      >${next ?? (dueAt === null ? 'waits for the end of the snooze' : 'not called')}</span
    >`;
  }
  if (row.deliveredAt !== null)
    return html`<span class="good">delivered</span> ${agoTime(row.deliveredAt, now)} (${row.occasion})`;
  if (row.state === 'waiting')
    return html`<span class="warn">not delivered yet</span>, wanted ${agoTime(row.wantedAt, now)}`;
  const why = row.failure === null ? null : html`: ${row.failure.message}. ${row.failure.remedy}`;
  return html`<span class="bad">failed</span> ${counted(row.attempts, 'time')}${why}`;
}

export const ACCEPT_FORM = 'accept-form';

export interface ActsView {
  overview: AccountOverview;
  viewer: Viewer;
  /** Whether there are open discrepancies. */
  hasOpen: boolean;
  formKey: string;
  notice: Notice | null;
}

const NOTE_MAX = 500;
const HOURS: readonly (readonly [hours: number, words: string])[] = [
  [1, '1 hour'],
  [4, '4 hours'],
  [12, '12 hours'],
  [24, '1 day'],
  [168, '7 days'],
];

/** What a person can do here. Plain forms: they need no script. */
export function actsSection({ overview, viewer, hasOpen, formKey, notice }: ActsView): Html {
  const { account } = overview.totals;
  if (!viewer.acts)
    return html`<h2>Act</h2>
      <p class="faint">${withCode(viewer.whyNot ?? '')}</p>`;
  const { intervention, totals } = overview;
  const typed = notice?.kind === 'refused' ? (notice.typed ?? {}) : {};
  const openForm = (act: string): Part => (notice?.kind === 'refused' && notice.act === act ? html`open` : null);
  const form = (act: string, words: string, fields: Part, { id = `${act}-form`, explain = '' } = {}): Html =>
    html`<details class="act" id="${act}" ${openForm(act)}>
      <summary>${words}</summary>
      <form method="post" id="${id}" action="${account}">
        <input type="hidden" name="key" value="${formKey}" /><input type="hidden" name="act" value="${act}" />
        <p class="faint">${explain}</p>
        ${fields}<button class="primary">${words}</button>
      </form>
    </details>`;
  const button = (act: string, words: string): Html =>
    html`<form method="post" action="${account}">
      <input type="hidden" name="key" value="${formKey}" /><input type="hidden" name="act" value="${act}" /><button>
        ${words}
      </button>
    </form>`;
  const note = (act: string, label: string, name = 'note'): Html =>
    html`<label for="${act}-note">${label}</label
      ><textarea id="${act}-note" name="${name}" required maxlength="${NOTE_MAX}" rows="2">
${notice?.act === act ? (typed[name] ?? '') : ''}</textarea>`;
  const hours = (act: string, max: number): Html =>
    html`<label for="${act}-hours">For</label
      ><select id="${act}-hours" name="hours">
        ${HOURS.filter(([value]) => value <= max).map(([value, words]) => html`<option value="${value}">${words}</option>`)}
      </select>`;
  const isCalling = intervention !== null;
  return html`<h2>Act</h2>
    <p class="faint">As ${viewer.name}. What you do is recorded permanently, with this name and your note.</p>
    <div class="acts">
      ${button('run', 'Run now')} ${totals.paused ? button('resume', 'Resume') : null}
      ${isCalling && form('acknowledge', 'Acknowledge', note('acknowledge', 'What you found and did, or who looks after it'), { explain: 'You have it: the reminders stop. The trading gate stays closed while a difference that closes it is open.' })}
      ${isCalling && form('snooze', 'Snooze', [note('snooze', 'Why it can wait'), hours('snooze', totals.policy.snoozeMaxHours ?? 24)], { explain: 'No reminders until then. The call stays open.' })}
      ${hasOpen && form('accept', 'Accept', [note('accept', 'Why it may stay as it is'), hours('accept', 168)], { id: ACCEPT_FORM, explain: 'Known, trade on: with these values, and until then, the differences do not close the trading gate. Choose some in the table above, or none to accept all.' })}
      ${!totals.paused && totals.active && form('pause', 'Pause', note('pause', 'Why', 'reason'), { explain: 'No scheduled runs until somebody resumes. A paused account is not checked.' })}
    </div>`;
}
