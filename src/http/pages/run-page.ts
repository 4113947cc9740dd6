import type { OpenOrder, Position, Snapshot } from '../../domain/snapshot/snapshot.js';
import type { DiscrepancyRow, RunRow, StoredObservation } from '../../ledger/contract/ledger.js';
import { notComparedText } from '../../report/not-compared.js';
import { balancePairs, orderPairs, positionPairs, type Pairs } from './evidence.js';
import { html, withCode, type Html, type Part } from './html.js';
import { counted, page, type Viewer } from './page.js';
import { endedWords, outcomeBadge, tookText, TRIGGER_WORDS } from './runs-page.js';
import { stampText, stampTime } from './times.js';

export interface RunView {
  account: string;
  run: RunRow;
  /** What both sides answered, in order; null if it cannot be read. */
  observations: readonly StoredObservation[] | null;
  /** Why it cannot be read; null if it can. */
  unreadable: string | null;
  /** The discrepancies that were open when the run ended. */
  open: readonly DiscrepancyRow[];
  viewer: Viewer;
  now: Date;
}

/** Observations that are shown; the last one is always among them. */
const MAX_OBSERVATIONS = 5;

/** The evidence of one run, down to the numbers that both sides reported. Pure. */
export function runPage({ account, run, observations, unreadable, open, viewer, now }: RunView): string {
  const root = '../../../';
  return page({
    title: `Run ${run.runNumber} of ${account} · Plumbline`,
    root,
    viewer,
    follows: null,
    now,
    crumbs: [
      ['Accounts', ''],
      [account, `accounts/${account}`],
      ['Runs', `accounts/${account}/runs`],
      [`Run ${run.runNumber}`, `accounts/${account}/runs/${run.runNumber}`],
    ],
    body: html`<section class="card">
        <div class="title">
          <h1>Run ${run.runNumber}</h1>
          ${outcomeBadge(run)}
        </div>
        <dl class="facts">
          <div>
            <dt>Ended</dt>
            <dd>${endedWords(run, now)}, took ${tookText(run)}, ${TRIGGER_WORDS[run.trigger]}</dd>
          </div>
          <div>
            <dt>Observations</dt>
            <dd>${run.looks}</dd>
          </div>
          ${
            run.failure === null
              ? null
              : html`<div>
                  <dt>Failure</dt>
                  <dd>
                    <b>${run.failure.kind}</b> (${run.failure.side}): ${run.failure.message}<br />What to do:
                    ${withCode(run.failure.remedy)}
                  </dd>
                </div>`
          }
          ${
            run.outcome === 'failed'
              ? null
              : html`<div>
                    <dt>Compared</dt>
                    <dd>${run.compared.length === 0 ? 'nothing' : run.compared.join(', ')}</dd>
                  </div>
                  <div>
                    <dt>Not compared</dt>
                    <dd>
                      ${
                        run.notCompared.length === 0
                          ? 'no gap'
                          : html`<ul class="items">
                              ${run.notCompared.map((gap) => html`<li>${notComparedText(gap)}</li>`)}
                            </ul>`
                      }
                    </dd>
                  </div>`
          }
          ${
            run.unsettled.length === 0
              ? null
              : html`<div>
                  <dt>Kept changing</dt>
                  <dd>
                    <ul class="items">
                      ${run.unsettled.map(({ symbol, type, reason }) => html`<li>${symbol} (${type}): ${reason}</li>`)}
                    </ul>
                  </dd>
                </div>`
          }
          <div>
            <dt>Temporal's run</dt>
            <dd><code>${run.workflowRunId}</code></dd>
          </div>
        </dl>
        ${
          open.length === 0
            ? null
            : html`<h2>Open when it ended</h2>
                <ul class="items">
                  ${open.map(({ type, description }) => html`<li><b>${type}</b> ${description}</li>`)}
                </ul>`
        }
      </section>
      ${evidence(observations, unreadable)}
      <nav class="pager" aria-label="Runs">
        <a rel="prev" href="${run.runNumber - 1}" ${run.runNumber <= 1 ? html`hidden` : null}
          >Run ${run.runNumber - 1}</a
        ><a rel="next" href="${run.runNumber + 1}">Run ${run.runNumber + 1}</a>
      </nav>`,
  });
}

function evidence(observations: RunView['observations'], unreadable: string | null): Part {
  if (observations === null)
    return html`<section class="card">
      <h2>Evidence</h2>
      <p class="bad">${unreadable}</p>
    </section>`;
  if (observations.length === 0) {
    return html`<section class="card">
      <h2>Evidence</h2>
      <p class="faint">
        None is stored: no observation was complete, or it was deleted after the time for which evidence of clean runs
        is kept.
      </p>
    </section>`;
  }
  const shown = observations.slice(-MAX_OBSERVATIONS);
  const hidden = observations.length - shown.length;
  return [
    hidden === 0 ? null : html`<p class="faint">The first ${counted(hidden, 'observation')} are not shown.</p>`,
    ...shown.toReversed().map(observationSection),
  ];
}

function observationSection({ number, exchange, internal }: StoredObservation): Html {
  return html`<section class="card">
    <h2>Observation ${number}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Both sides of observation ${number}">
      <table class="sides-facts">
        <caption class="visually-hidden">
          Both sides
        </caption>
        <thead>
          <tr>
            <td></td>
            <th scope="col">Exchange</th>
            <th scope="col">Bot</th>
          </tr>
        </thead>
        <tbody>
          ${[
            factRow('Own clock', exchange, internal, ({ asOf }) => stampText(new Date(asOf))),
            factRow(
              'Read',
              exchange,
              internal,
              ({ readStartedAt, readEndedAt }) =>
                html`${stampTime(new Date(readStartedAt))}, took ${readEndedAt - readStartedAt} ms`,
            ),
            factRow('Position mode', exchange, internal, ({ positionMode }) => positionMode ?? 'not reported'),
            factRow('Answered', exchange, internal, ({ scopes }) => scopes.join(', ')),
            factRow('Not answered', exchange, internal, ({ gaps }) =>
              gaps.length === 0 ? 'no gap' : gaps.map(({ scope, reason }) => `${scope}: ${reason}`).join('; '),
            ),
            factRow('Not readable', exchange, internal, ({ unread = [] }) =>
              unread.length === 0
                ? 'nothing'
                : unread
                    .map(({ scope, symbol, reason }) => `${scope}${symbol === null ? '' : ` ${symbol}`}: ${reason}`)
                    .join('; '),
            ),
          ]}
        </tbody>
      </table>
    </div>
    ${pairsTable(number, 'Positions', positionPairs(exchange, internal), ['Symbol', 'Exchange', 'Bot'], ({ symbol }) => symbol, positionCell)}
    ${pairsTable(number, 'Open orders', orderPairs(exchange, internal), ['Order', 'Exchange', 'Bot'], orderName, orderCell)}
    ${pairsTable(
      number,
      'Balances',
      balancePairs(exchange, internal),
      ['Currency', 'Exchange', 'Bot'],
      ({ currency }) => currency,
      ({ total }) => total,
    )}
  </section>`;
}

function factRow(title: string, exchange: Snapshot, internal: Snapshot, text: (side: Snapshot) => Part): Html {
  return html`<tr>
    <th scope="row">${title}</th>
    <td>${text(exchange)}</td>
    <td>${text(internal)}</td>
  </tr>`;
}

function pairsTable<Row>(
  observation: number,
  title: string,
  { rows, count, differing }: Pairs<Row>,
  columns: readonly [string, string, string],
  name: (row: Row) => Part,
  cell: (row: Row) => Part,
): Part {
  if (count === 0)
    return html`<h3>${title}</h3>
      <p class="faint">Neither side has any.</p>`;
  const more = count - rows.length;
  return html`<h3>${title}</h3>
    <p class="faint">
      ${count.toLocaleString('en')} in all,
      ${differing === 0 ? 'all equal' : html`<b>${differing.toLocaleString('en')} not equal</b>; rules and tolerances are not applied here`}.${more > 0 ? ` ${more.toLocaleString('en')} more are not shown.` : null}
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="${title} of observation ${observation}">
      <table class="raw">
        <caption class="visually-hidden">
          ${title} of both sides
        </caption>
        <thead>
          <tr>
            <th scope="col">${columns[0]}</th>
            <th scope="col">${columns[1]}</th>
            <th scope="col">${columns[2]}</th>
            <th scope="col"><span class="visually-hidden">Equal</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(({ exchange, internal, differs }) => {
            const either = exchange ?? internal;
            return html`<tr class="${differs ? 'differs' : ''}">
              <th scope="row">${either === null ? null : name(either)}</th>
              <td>${exchange === null ? html`<span class="none">none</span>` : cell(exchange)}</td>
              <td>${internal === null ? html`<span class="none">none</span>` : cell(internal)}</td>
              <td class="mark-cell">
                ${differs ? '≠' : '='}<span class="visually-hidden">${differs ? ' not equal' : ' equal'}</span>
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
}

function positionCell({ amount, side, changedAt }: Position): Part {
  return html`${amount}
  ${side}${changedAt === null ? null : html`<span class="detail">changed ${stampText(new Date(changedAt))}</span>`}`;
}

function orderName({ id, clientOrderId, symbol }: OpenOrder): Part {
  return html`${symbol}<span class="detail"
      >${id === null ? null : html`id ${id}`}${clientOrderId === null ? null : html` client ${clientOrderId}`}</span
    >`;
}

function orderCell({ side, type, amount, price, triggerPrice, filled }: OpenOrder): Part {
  const terms = [
    `${side} ${amount ?? 'the whole position'}`,
    price === null ? null : `at ${price}`,
    triggerPrice === null ? null : `trigger ${triggerPrice}`,
    `filled ${filled}`,
  ].filter((part) => part !== null);
  return html`${terms.join(', ')}<span class="detail">${type}</span>`;
}
