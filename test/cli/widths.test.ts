import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { CATALOGUE } from '../../src/cli/catalogue.js';
import { renderReport } from '../../src/cli/commands/verify.js';
import { renderPlan } from '../../src/cli/render/apply.js';
import { renderReported } from '../../src/cli/render/check.js';
import { renderInterventions } from '../../src/cli/render/intervention.js';
import { renderDiscrepancy, renderEvent, renderRun, runHeader } from '../../src/cli/render/ledger-rows.js';
import { renderRecordedRun } from '../../src/cli/render/outcome.js';
import { renderStatus } from '../../src/cli/render/status.js';
import { mergeStatus, type LedgerSays } from '../../src/cli/status/status-view.js';
import { terminalLine } from '../../src/cli/terminal/own-codes.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { sentences } from '../../src/cli/terminal/table.js';
import { visibleWidth } from '../../src/cli/terminal/width.js';
import type { DiscrepancyRow, InterventionRow, LedgerEvent, RunRow } from '../../src/ledger/contract/ledger.js';
import { minutesAgo, NOW, totals } from '../http/totals.js';
import { recordedRun } from '../workflows/support/answers.js';
import { plumbline } from './test-io.js';

/** As long as a configuration allows. */
const LONG = 'market-making-btc-and-eth-perpetuals-of-the-second-desk-hk-0001';
/** As an exchange may write it. */
const WIDE = '交易所返回错误：账户权限不足，请在后台重新设置密钥并确认只读权限 🚨🚨 한국어 메시지도 있습니다';
const HOSTILE = 'id\u001b[31m-red\u202e-turned\u0007';

const failure = (message: string): NonNullable<RunRow['failure']> => ({
  kind: 'permission',
  side: 'exchange',
  message,
  where: null,
  remedy: 'make a key that may read, and give it to the worker in the file that the configuration names',
  retryAfterMs: null,
});

const run = (account: string, runNumber: number, changes: Partial<RunRow> = {}): RunRow => ({
  account,
  runNumber,
  workflowRunId: 'w',
  trigger: 'schedule',
  outcome: 'matched',
  startedAt: minutesAgo(runNumber),
  endedAt: minutesAgo(runNumber - 1),
  looks: 1,
  discrepancies: 0,
  unsettled: [],
  compared: ['positions', 'orders'],
  notCompared: [],
  ignored: {},
  positions: null,
  failure: null,
  ...changes,
});

const RUNS = [
  run('main', 14, { outcome: 'failed', failure: failure(WIDE) }),
  run('main', 13, { outcome: 'drifted', discrepancies: 2, looks: 3 }),
  run('main', 12, { notCompared: [{ scope: 'orders:conditional:linear', missing: 'internal', reason: HOSTILE }] }),
  run('main', 11),
];

const says = (account: string, lastRun: RunRow | null, changes: Parameters<typeof totals>[0] = {}): LedgerSays => ({
  totals: totals({ account, ...changes }),
  lastRun,
  pause: null,
  intervention: null,
  discrepancies: [],
});

function status(last: string, width: number): string[] {
  const accounts = [
    says('main', run('main', 11)),
    says('spot-kr', run('spot-kr', 14, { outcome: 'failed', failure: failure(WIDE) }), {
      exchange: 'upbit',
      lastOutcome: 'failed',
      consecutiveFailures: 2,
      lastSuccessAt: minutesAgo(41),
    }),
    says(last, run(last, 12, { notCompared: RUNS[2]?.notCompared ?? [] }), { blockingDiscrepancies: 1 }),
  ].map((each) => mergeStatus(each.totals.account, each, { kind: 'running', phase: 'waiting' }));
  return renderStatus(
    { at: NOW, accounts, ledger: null, temporal: null, routing: null },
    { style: PLAIN, width, detail: true },
  );
}

const DISCREPANCY = {
  id: '5d3c6a0e-8f4b-4d53-9a53-0f8f4f0b6f11',
  account: LONG,
  type: 'ORDER_MISSING_ON_EXCHANGE',
  symbol: 'BTC/USDT:USDT',
  state: 'open',
  description: `BTC/USDT:USDT: order "${HOSTILE}" is open in the bot's state; the exchange says: ${WIDE}`,
  remedy: `remove order "${HOSTILE}" from the bot's state`,
  openedAt: minutesAgo(95),
  lastSeenAt: minutesAgo(5),
  resolvedAt: null,
  timesSeen: 3,
  ignoredBy: null,
  decision: null,
  accepted: { by: 'ann', until: minutesAgo(-60), note: WIDE },
} as unknown as DiscrepancyRow;

const INTERVENTION = {
  id: 'i',
  account: LONG,
  state: 'snoozed',
  openedAt: minutesAgo(95),
  reasons: [{ action: 'ORDER_MISSING_ON_EXCHANGE', text: DISCREPANCY.description, at: NOW.toISOString() }],
  now: [],
  notifiedTimes: 3,
  notifications: [],
  snoozedUntil: minutesAgo(-30),
  snoozedBy: '李四',
  snoozeNote: WIDE,
  acknowledgedAt: null,
  acknowledgedBy: null,
  note: null,
} as unknown as InterventionRow;

const EVENT = {
  type: 'RECONCILIATION_PAUSED',
  account: LONG,
  sequence: 1234,
  at: minutesAgo(3),
  actor: '李四',
  runNumber: null,
  payload: { by: '李四', reason: `${WIDE} ${WIDE} ${HOSTILE}` },
} as unknown as LedgerEvent;

const HASH = 'a3'.repeat(32);

/** The answers of commands, over realistic and hostile texts. */
const ANSWERS: Readonly<Record<string, (width: number) => string[]>> = {
  status: (width) => status('hedge-eth', width),
  'status-long-name': (width) => status(LONG, width),
  runs: (width) => [runHeader(PLAIN, width), ...RUNS.map((row) => renderRun(row, PLAIN, width))],
  events: (width) => renderEvent(EVENT, PLAIN, width),
  discrepancies: (width) => renderDiscrepancy(DISCREPANCY, NOW, PLAIN, width),
  interventions: (width) => renderInterventions([INTERVENTION], NOW, PLAIN, width),
  run: (width) =>
    renderRecordedRun(LONG, recordedRun(14, { outcome: 'failed', failure: failure(WIDE), unsettled: 2 }), PLAIN, width),
  verify: (width) =>
    renderReport(
      {
        accounts: [
          { account: 'main', events: 1290, runs: 800, lastEvent: { sequence: 1290, hash: HASH }, faults: [] },
          {
            account: LONG,
            events: 3,
            runs: 1,
            lastEvent: { sequence: 3, hash: HASH },
            faults: [{ account: LONG, sequence: 2, fault: `its hash is not that of its content (${HOSTILE})` }],
          },
        ],
      },
      PLAIN,
      width,
    ),
  'notify-test': (width) =>
    renderReported(
      [
        { name: 'phone', state: 'ok', text: 'command: delivered in 12 ms; it gives no receipt', remedy: null },
        { name: 'chat', state: 'failed', text: `slack: refused: ${WIDE}`, remedy: 'make a new webhook in Slack' },
      ],
      PLAIN,
      width,
    ),
  'apply-dry-run': (columns) =>
    sentences(
      renderPlan(
        {
          account: LONG,
          action: 'configured',
          detail: null,
          changes: [
            {
              field: 'drift',
              before: '(not set)',
              after:
                '[{types: [ORDER_MISSING_ON_EXCHANGE, ORDER_AMENDED_EXTERNALLY], symbols: [BTC/USDT:USDT], action: record}]',
            },
          ],
        },
        null,
        PLAIN,
      ),
      { isTTY: true, columns },
    ),
};

const goldenOf = (name: string, width: number): string =>
  fileURLToPath(new URL(`golden/${name}-${width}.txt`, import.meta.url));

/** With `UPDATE_GOLDEN=1` the files are written anew. */
describe.each([80, 200])('at %i columns', (width) => {
  it.each(Object.keys(ANSWERS))('%s is as its file shows it, and fits', (name) => {
    const lines = (ANSWERS[name]?.(width) ?? []).map(terminalLine);
    const file = goldenOf(name, width);
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(new URL('golden/', import.meta.url), { recursive: true });
      writeFileSync(file, `${lines.join('\n')}\n`);
    }
    expect(`${lines.join('\n')}\n`).toBe(readFileSync(file, 'utf8'));
    expect(lines.filter((line) => visibleWidth(line) > width)).toEqual([]);
  });

  it.each([[], ...[...CATALOGUE.map(({ name }) => name), 'dev', 'completion'].map((name) => [name])])(
    'the help of %j fits',
    async (...words) => {
      const argv = words.filter((word) => typeof word === 'string');
      const { out } = await plumbline([...argv, '--help'], { tty: true, width });
      const long = out.split('\n').filter((line) => visibleWidth(line) > width);
      expect(long).toEqual([]);
    },
  );
});
