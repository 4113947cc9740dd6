import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { AccountOverview, DiscrepancyRow, InterventionRow } from '../../src/ledger/contract/ledger.js';
import { balancePairs, orderPairs, positionPairs } from '../../src/http/pages/evidence.js';
import { fleetPage, ROWS_PER_PAGE, type FleetRow } from '../../src/http/pages/fleet-page.js';
import { html, withCode } from '../../src/http/pages/html.js';
import { rootOf, safeNext } from '../../src/http/pages/refusals.js';
import { frameOf, requestOf, timelineSection } from '../../src/http/pages/timeline.js';
import { spanText } from '../../src/http/pages/times.js';
import { verdictOf, type Standing } from '../../src/http/pages/verdict.js';
import type { Viewer } from '../../src/http/pages/page.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { OPENED } from '../http/ledger-scenario.js';
import { minutesAgo, NOW, totals, zeroCounts } from '../http/totals.js';

const VIEWER: Viewer = { name: 'ada', acts: true, whyNot: null, hasSession: true };

describe('a template', () => {
  it('escapes every text, in content and in attributes, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: markup } = html`<a title="${text}">${text}</a>`;
        const [, attribute = '', content = ''] = /^<a title="([^"<>]*)">([^<>]*)<\/a>$/.exec(markup) ?? [];
        expect(attribute).toBe(content);
        // Only our own entities: nothing else can begin one.
        expect(content.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[&<>"']/);
      }),
      { numRuns: 500 },
    );
  });

  it('shows characters that cannot be seen as their codes', () => {
    expect(html`<b>${'a\u202eb\u0000'}</b>`.text).toBe('<b>a\\u202eb\\u0000</b>');
  });

  it('joins lists, leaves out nothing, and does not escape markup twice', () => {
    expect(html`<p>${[html`<b>${'<'}</b>`, null, undefined, false, 0]}</p>`.text).toBe('<p><b>&lt;</b>0</p>');
  });

  it('marks commands between backticks, and leaves an odd backtick alone', () => {
    expect(withCode('run `a <b>` now').text).toBe('run <code>a &lt;b&gt;</code> now');
    expect(withCode('an odd ` here').text).toBe('an odd ` here');
  });
});

function overview(
  changes: Partial<AccountOverview['totals']> = {},
  rest: Partial<AccountOverview> = {},
): AccountOverview {
  return { totals: totals(changes), lastRun: null, pause: null, intervention: null, discrepancies: [], ...rest };
}

const row = {
  type: 'POSITION_OPENED_EXTERNALLY',
  description: 'BTC differs',
  openedAt: minutesAgo(30),
  accepted: null,
  difference: OPENED,
} as unknown as DiscrepancyRow;
const intervention = {
  openedAt: minutesAgo(20),
  reasons: [{ action: 'X', text: 'a reason', at: NOW.toISOString() }],
} as unknown as InterventionRow;
const one = { ...zeroCounts(), POSITION_OPENED_EXTERNALLY: 1 };

describe('the verdict on an account', () => {
  const TABLE: [name: string, account: AccountOverview, standing: Standing][] = [
    ['matched and fresh', overview(), 'ok'],
    ['never ran', overview({ lastSuccessAt: null, lastRunAt: null, lastOutcome: null }), 'unknown'],
    ['failed last', overview({ lastOutcome: 'failed', consecutiveFailures: 1 }), 'unknown'],
    ['matched long ago', overview({ lastSuccessAt: minutesAgo(200) }), 'unknown'],
    ['late', overview({ expectedAt: minutesAgo(3) }), 'overdue'],
    ['late by seconds', overview({ expectedAt: minutesAgo(0.5) }), 'ok'],
    ['paused', overview({ paused: true, lastSuccessAt: minutesAgo(500) }), 'paused'],
    ['an open discrepancy', overview({ openDiscrepancies: one }, { discrepancies: [row] }), 'drift'],
    [
      'an open discrepancy while it is late',
      overview({ openDiscrepancies: one, expectedAt: minutesAgo(30) }, { discrepancies: [row] }),
      'drift',
    ],
    [
      'an accepted one',
      overview({ openDiscrepancies: one, acceptedDiscrepancies: 1 }, { discrepancies: [row] }),
      'accepted',
    ],
    [
      'an accepted one while it is late',
      overview({ openDiscrepancies: one, acceptedDiscrepancies: 1, expectedAt: minutesAgo(30) }),
      'overdue',
    ],
    ['a call', overview({ interventionsOpen: 1 }, { intervention }), 'intervention'],
    ['a call that is due', overview({ callDueSince: minutesAgo(1) }), 'intervention'],
    ['a call while it is paused', overview({ paused: true }, { intervention }), 'intervention'],
    ['stopped', overview({ active: false }), 'stopped'],
  ];
  it.each(TABLE)('%s', (_name, account, standing) => {
    expect(verdictOf(account, null, NOW).standing).toBe(standing);
  });

  it('is overdue if the watcher found that nobody checks it', () => {
    const finding = { kind: 'no_worker' as const, since: minutesAgo(2), text: 'no worker polls', remedy: 'start one' };
    expect(verdictOf(overview(), finding, NOW)).toMatchObject({
      standing: 'overdue',
      detail: 'no worker polls',
      gate: { open: false },
    });
  });

  it('is never "matched" once its time is over, whatever the time', () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), (minutes) => {
        const later = new Date(NOW.getTime() + minutes * 60_000);
        const { standing, validUntil } = verdictOf(overview(), null, later);
        const isOver = validUntil !== null && later > validUntil;
        expect([minutes, isOver && standing === 'ok']).toEqual([minutes, false]);
      }),
    );
  });
});

describe('the list of accounts', () => {
  const rowOf = (account: string, changes: Partial<AccountOverview['totals']> = {}): FleetRow => {
    const { totals: known, ...rest } = overview({ account, ...changes });
    const verdict = verdictOf({ totals: known, ...rest }, null, NOW);
    return { totals: known, verdict, isGateOpen: verdict.gate.open };
  };
  const namesIn = (markup: string): string[] =>
    [...markup.matchAll(/data-account="([^"]+)"/g)].map(([, name = '']) => name);
  const view = (rows: FleetRow[], query: Partial<Parameters<typeof fleetPage>[0]['query']> = {}): string =>
    fleetPage({ rows, query: { name: '', standing: null, page: 1, ...query }, now: NOW, viewer: VIEWER, place: 'x-0' });

  it('begins with trouble', () => {
    const rows = [
      rowOf('a'),
      rowOf('b', { paused: true }),
      rowOf('c', { expectedAt: minutesAgo(9) }),
      rowOf('d', { lastOutcome: 'failed' }),
      rowOf('e', { openDiscrepancies: one }),
      rowOf('f', { callDueSince: NOW }),
    ];
    expect(namesIn(view(rows))).toEqual(['f', 'e', 'd', 'c', 'b', 'a']);
    expect(view(rows)).toContain('4 of 6 accounts in trouble');
  });

  it('shows thousands in pages, by name and by verdict', () => {
    const rows = Array.from({ length: 3_000 }, (_, index) =>
      rowOf(`account-${index}`, index === 2_999 ? { lastOutcome: 'failed' } : {}),
    );
    const first = view(rows);
    expect(namesIn(first)).toHaveLength(ROWS_PER_PAGE);
    expect(namesIn(first)[0]).toBe('account-2999');
    expect(first.length).toBeLessThan(150_000);
    expect(namesIn(view(rows, { page: 30 }))).toHaveLength(100);
    expect(namesIn(view(rows, { page: 999 }))).toEqual(namesIn(view(rows, { page: 30 })));
    expect(namesIn(view(rows, { name: '-77' }))).toContain('account-77');
    expect(namesIn(view(rows, { standing: 'unknown' }))).toEqual(['account-2999']);
  });

  it('says so if nothing is in trouble, and if nothing is there', () => {
    expect(view([rowOf('a')])).toContain('No account is in trouble');
    expect(view([])).toContain('No accounts yet');
    expect(view([rowOf('a')], { name: '<b>' })).toContain('&lt;b&gt;');
  });
});

describe('the timeline', () => {
  const frame = frameOf('day', 30, NOW);
  const markup = (
    spans: Parameters<typeof timelineSection>[0]['timeline']['spans'],
    registeredAt = minutesAgo(100_000),
  ): string =>
    timelineSection({ account: 'main', timeline: { spans, cutAt: null }, frame, registeredAt, now: NOW }).text;

  it('has one cell for each span, and the most serious outcome decides', () => {
    const counts = { matched: 5, matchedWithGaps: 1, drifted: 0, failed: 0, worstRun: 7 };
    const cells = /<ol[^]*<\/ol>/.exec(
      markup([
        { index: 0, ...counts, drifted: 1, failed: 1 },
        { index: 1, ...counts, failed: 1 },
        { index: 2, ...counts },
        { index: 3, ...counts, matchedWithGaps: 0 },
      ]),
    )![0];
    const kinds = [...cells.matchAll(/class="cell (\w+)"/g)].map(([, kind]) => kind);
    expect(kinds.slice(0, 5)).toEqual(['drifted', 'failed', 'gaps', 'matched', 'none']);
    expect(kinds).toHaveLength(48);
    expect(cells).toContain('href="main/runs/7"');
    expect(cells).toContain('5 matched (1 with gaps), 1 drifted, 1 failed');
  });

  it('does not show a hole before the account was registered', () => {
    expect(markup([], minutesAgo(60)).match(/class="cell before"/g)?.length).toBe(45);
  });

  it.each([
    ['day', 1, 48, 30],
    ['week', 60, 56, 180],
    ['month', 60, 60, 720],
    ['day', 1_440, 1, 1_440],
    ['day', 45, 24, 60],
  ] as const)('of a %s with a run every %d min has %d cells of %d min', (range, interval, cells, minutes) => {
    const { cells: count, cellMs, from } = frameOf(range, interval, NOW);
    expect([count, cellMs / 60_000]).toEqual([cells, minutes]);
    expect(from.getTime() + count * cellMs).toBeGreaterThan(NOW.getTime());
  });

  it('reads a bounded number of runs', () => {
    expect(requestOf(frameOf('month', 1, NOW), 1).maxRuns).toBe(50_000);
    expect(requestOf(frameOf('day', 60, NOW), 60).maxRuns).toBe(248);
  });
});

describe('the evidence of a run', () => {
  const side = (changes: Partial<Snapshot>): Snapshot => ({
    side: 'exchange',
    readStartedAt: 0,
    readEndedAt: 0,
    asOf: 0,
    positionMode: null,
    scopes: [],
    gaps: [],
    positions: [],
    orders: [],
    balances: [],
    markets: {},
    ...changes,
  });
  const position = (symbol: string, amount: string) => ({ symbol, side: 'long' as const, amount, changedAt: null });

  it('pairs rows of both sides, those that differ first, and compares exactly', () => {
    const { rows, count, differing } = positionPairs(
      side({ positions: [position('A', '1.50'), position('B', '2')] }),
      side({ positions: [position('A', '1.5'), position('C', '3')] }),
    );
    expect(
      rows.map(({ exchange, internal, differs }) => [exchange?.symbol ?? null, internal?.symbol ?? null, differs]),
    ).toEqual([
      ['B', null, true],
      [null, 'C', true],
      ['A', 'A', false],
    ]);
    expect([count, differing]).toEqual([3, 2]);
  });

  it('pairs orders by id, else by client order id, and each only once', () => {
    const order = (id: string | null, clientOrderId: string | null, filled = '0') => ({
      symbol: 'A',
      side: 'buy' as const,
      type: 'limit',
      price: '1',
      triggerPrice: null,
      amount: '1',
      conditional: false,
      changedAt: null,
      id,
      clientOrderId,
      filled,
    });
    const { rows } = orderPairs(
      side({ orders: [order('1', 'x'), order('2', 'y', '0.5'), order('3', null)] }),
      side({ orders: [order(null, 'x'), order('2', null)] }),
    );
    expect(
      rows.map(({ exchange, internal, differs }) => [
        exchange?.id,
        internal?.id ?? internal?.clientOrderId ?? null,
        differs,
      ]),
    ).toEqual([
      ['2', '2', true],
      ['3', null, true],
      ['1', 'x', false],
    ]);
  });

  it('shows a bounded number of rows', () => {
    const balances = Array.from({ length: 2_000 }, (_, index) => ({ currency: `C${index}`, total: '1' }));
    const { rows, count } = balancePairs(side({ balances }), side({}));
    expect([rows.length, count]).toEqual([300, 2_000]);
  });
});

describe('small words', () => {
  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [3_599_000, '59 min'],
    [7_500_000, '2 h 5 min'],
    [90_000_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('%d ms is "%s"', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });

  it.each([
    ['/', './'],
    ['/?q=/a/b', './'],
    ['/accounts/main', '../'],
    ['/accounts/main/runs/5?x', '../../../'],
  ])('from %s the root is %s', (url, root) => {
    expect(rootOf(url)).toBe(root);
  });

  it.each([
    ['accounts/main', 'accounts/main'],
    ['accounts/main/runs/5', 'accounts/main/runs/5'],
    ['?q=a&show=drift', '?q=a&show=drift'],
    ['//evil.example', ''],
    ['https://evil.example', ''],
    ['accounts/../../x', ''],
    ['accounts/main\\..', ''],
    ['v1/accounts', ''],
  ])('after the login "%s" goes to "%s"', (next, target) => {
    expect(safeNext(next)).toBe(target);
  });
});
