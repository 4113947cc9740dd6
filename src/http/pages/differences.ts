import { baselineText } from '../../domain/compare/baseline.js';
import { sideBySide } from '../../domain/difference/side-by-side.js';
import { relate } from '../../domain/explain/relate.js';
import { decisionText } from '../../domain/policy/drift-words.js';
import type { DiscrepancyRow, InterventionRow, RunRow } from '../../ledger/contract/ledger.js';
import { likelyCause } from '../../notify/message/likely-cause.js';
import { isGivenFor } from '../../notify/message/reason-texts.js';
import { notComparedText } from '../../report/not-compared.js';
import type { Proof } from '../../internal/proof.js';
import type { Policy } from '../../domain/policy/policy.js';
import { html, withCode, type Html, type Part } from './html.js';
import { counted } from './page.js';
import { agoTime, forTime, stampTime } from './times.js';

export interface DifferencesView {
  open: readonly DiscrepancyRow[];
  /** How many are open, also those that are not listed. */
  count: number;
  intervention: InterventionRow | null;
  now: Date;
  /** The form to which each row's box belongs; null: nobody can accept here. */
  acceptForm: string | null;
}

/** What differs, side by side, with the likely cause and what to do. */
export function differencesSection({ open, count, intervention, now, acceptForm }: DifferencesView): Part {
  if (count === 0) return null;
  const causes = new Map(
    relate(open.map(({ difference }) => difference)).flatMap((cause) =>
      cause.differences.map((difference) => [difference, cause]),
    ),
  );
  const reasons = intervention?.reasons ?? [];
  const rows = open.toSorted(bySeriousness).map((row) => {
    const { difference } = row;
    const cause = causes.get(difference) ?? { kind: 'unexplained' as const, text: row.description };
    const given = reasons.filter((reason) => isGivenFor(reason, difference));
    return differenceRow(row, likelyCause(difference, cause, given), now, acceptForm);
  });
  const more = count - open.length;
  return html`<h2>What differs</h2>
    <table class="sides">
      <caption class="visually-hidden">
        Open discrepancies: the exchange and the bot, side by side
      </caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Exchange</th>
          <th scope="col">Bot</th>
          <th scope="col">Likely cause, and what to do</th>
        </tr>
      </thead>
      ${rows}
    </table>
    ${more > 0 ? html`<p class="faint">and ${more} more</p>` : null}`;
}

/** Positions before their orders, and both before balances; the oldest first. */
function bySeriousness(a: DiscrepancyRow, b: DiscrepancyRow): number {
  return rankOf(a) - rankOf(b) || a.openedAt.getTime() - b.openedAt.getTime();
}

function rankOf({ type }: DiscrepancyRow): number {
  if (type.startsWith('POSITION_')) return 0;
  return type === 'BALANCE_CHANGED_EXTERNALLY' ? 2 : 1;
}

function differenceRow(row: DiscrepancyRow, cause: string, now: Date, acceptForm: string | null): Html {
  const { what, exchange, bot } = sideBySide(row.difference);
  const { accepted, decision, ignoredBy } = row;
  const isAccepted = accepted !== null && accepted.until > now;
  return html`<tbody id="d-${row.id}">
    <tr>
      <th scope="row">${what}</th>
      <td data-label="Exchange" class="value">${exchange}</td>
      <td data-label="Bot" class="value">${bot}</td>
      <td data-label="Cause and fix">
        <p>${cause}</p>
        <p><b>To fix it:</b> ${withCode(row.remedy)}</p>
      </td>
    </tr>
    <tr class="about">
      <td colspan="4">
        <code>${row.type}</code> · open for ${forTime(row.openedAt, now)}, seen ${counted(row.timesSeen, 'time')}, last
        ${agoTime(row.lastSeenAt, now)}${
          isAccepted
            ? html` · <b>accepted</b> by ${accepted.by} until ${stampTime(accepted.until)}: ${accepted.note}`
            : accepted === null
              ? null
              : html` · no longer accepted (${accepted.by}, until ${stampTime(accepted.until)})`
        }${ignoredBy === null ? null : html` · now ignored by a rule (${ignoredBy}): open until both sides agree`}${
          decision === null ? null : html` · policy: ${decisionText(decision)}`
        }${acceptForm === null ? null : html` · <label class="pick"><input type="checkbox" name="discrepancy" value="${row.id}" form="${acceptForm}" /> choose to accept</label>`}
      </td>
    </tr>
  </tbody>`;
}

export interface CoverageView {
  lastRun: RunRow | null;
  proof: Proof | null;
  policy: Policy;
}

/** What the last run compared, what it did not, and what a match proves. */
export function coverageSection({ lastRun, proof, policy }: CoverageView): Html {
  const beside = baselineText(policy.baseline);
  const gaps = lastRun?.notCompared ?? [];
  const ignored = Object.entries(lastRun?.ignored ?? {});
  const unconfirmed = lastRun?.unsettled ?? [];
  return html`<h2>What a match proves</h2>
    <dl class="facts">
      <div>
        <dt>Bot's state</dt>
        <dd>
          ${proof === null ? html`<span class="faint">not known: this server's configuration does not have the account</span>` : html`<b>${proof.record === 'own' ? 'Own record.' : 'Copy of the exchange.'}</b> ${proof.text}`}
        </dd>
      </div>
      ${
        lastRun === null || lastRun.outcome === 'failed'
          ? html`<div>
              <dt>Compared</dt>
              <dd class="faint">nothing: the last run has no verdict</dd>
            </div>`
          : html`<div>
                <dt>Compared</dt>
                <dd>
                  ${
                    lastRun.compared.length === 0
                      ? 'nothing'
                      : html`<ul class="tags">
                          ${lastRun.compared.map((scope) => html`<li><code>${scope}</code></li>`)}
                        </ul>`
                  }
                </dd>
              </div>
              <div>
                <dt>Not compared</dt>
                <dd>
                  ${
                    gaps.length === 0
                      ? 'no gap: everything that both sides have was compared'
                      : html`<ul class="items">
                          ${gaps.map((gap) => html`<li>${notComparedText(gap)}</li>`)}
                        </ul>`
                  }
                </dd>
              </div>`
      }
      ${
        unconfirmed.length === 0
          ? null
          : html`<div>
              <dt>Kept changing</dt>
              <dd>
                <ul class="items">
                  ${unconfirmed.map(({ symbol, reason }) => html`<li>${symbol}: ${reason}</li>`)}
                </ul>
              </dd>
            </div>`
      }
      ${
        ignored.length === 0
          ? null
          : html`<div>
              <dt>Left out by rules</dt>
              <dd>
                <ul class="items">
                  ${ignored.map(([rule, count]) => html`<li>${rule}: ${count}</li>`)}
                </ul>
              </dd>
            </div>`
      }
      ${
        beside === null
          ? null
          : html`<div>
              <dt>Beside the bot</dt>
              <dd>${beside}</dd>
            </div>`
      }
    </dl>`;
}
