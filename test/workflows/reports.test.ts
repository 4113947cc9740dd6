import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '../../src/domain/limits/limits.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { visibleLines } from '../../src/domain/text/shown-text.js';
import { renderIntervention } from '../../src/workflows/intervention-report.js';
import type { ReconciliationStatus } from '../../src/workflows/messages.js';
import { renderReport } from '../../src/workflows/report.js';
import { SEQUENCES, UNSEEN } from '../domain/unseen-characters.js';

function statusWith(text: string): ReconciliationStatus {
  return {
    account: 'main',
    exchange: text,
    phase: 'paused',
    paused: { by: text, reason: text, since: '2026-11-22T15:00:00Z' },
    policy: DEFAULT_POLICY,
    runNumber: 1,
    consecutiveFailures: 0,
    nextRunAt: null,
    lastRun: {
      outcome: 'failed',
      runNumber: 1,
      looks: 1,
      discrepancies: 0,
      byType: {},
      opened: Array.from({ length: 20 }, () => ({ id: 'd', type: 'ORDER_FILL_MISSED' as const, description: text })),
      resolved: 0,
      openDiscrepancies: 0,
      unsettled: 0,
      unsettledRunsInARow: 0,
      compared: 1,
      notCompared: [text],
      failure: { kind: 'unreadable', side: 'exchange', message: text, where: text, remedy: text, retryAfterMs: null },
      calls: [],
      lastEvent: null,
      startedAt: '2026-11-22T15:00:00Z',
      endedAt: '2026-11-22T15:00:01Z',
    },
    lastSuccessAt: null,
    interventionOpen: false,
    unrecordedRuns: 0,
    setAside: 0,
    refused: null,
  };
}

function reportsWith(text: string): string[] {
  const intervention = {
    account: 'main',
    interventionId: 'i',
    state: 'acknowledged',
    openedAt: '2026-11-22T15:00:00Z',
    reasons: Array.from({ length: 100 }, () => ({ action: text, text, at: text })),
    severity: 'page',
    notifiedTimes: 1,
    channels: [],
    standing: true,
    snoozedUntil: null,
    snoozedBy: text,
    snoozeNote: text,
    acknowledgedBy: text,
  } as const;
  return [
    renderReport(statusWith(text)),
    renderIntervention(
      { ...intervention, reasons: [...intervention.reasons] },
      { uncounted: 3, refused: text, link: null },
    ),
  ];
}

describe('what the Web UI shows', () => {
  it.each([...SEQUENCES, ...UNSEEN])('has %j as text', (text) => {
    for (const report of reportsWith(`a${text}b`)) {
      expect(visibleLines(report)).toBe(report);
      expect(report).toContain('\\u');
    }
  });

  it('has no markup from outside', () => {
    for (const report of reportsWith('[x](https://evil.example) | <b> **y**\n# z')) {
      const outsideCode = report.replaceAll(/`[^`]*`/g, '');
      expect(outsideCode).not.toMatch(/\]\(https|(?<!\\)<b|\n# z|(?<!\\)\*\*y/);
    }
  });

  it('is short for any content', () => {
    for (const report of reportsWith('仓|'.repeat(400_000))) {
      expect(report.length).toBeLessThanOrEqual(LIMITS.currentDetails.value);
    }
  });

  it('says first what to do about an open call, until it is acknowledged or nothing is open', () => {
    const reasons = Array.from({ length: 100 }, () => ({ action: 'X', text: 'y'.repeat(2_000), at: 'z' }));
    const call = {
      account: 'main',
      interventionId: 'i',
      state: 'open' as const,
      openedAt: '2026-11-22T15:00:00Z',
      reasons,
      severity: 'page' as const,
      notifiedTimes: 1,
      channels: [],
      standing: true,
      snoozedUntil: null,
      snoozedBy: null,
      snoozeNote: null,
      acknowledgedBy: null,
    };
    const aside = { uncounted: 0, refused: null, link: null };
    const failing = renderIntervention(call, aside);
    expect(failing.split('\n')[2]).toBe(
      'What to do: look (`plumbline check main`), fix what it shows, run (`plumbline run main`), ' +
        'then acknowledge (`plumbline acknowledge main --by NAME --note TEXT`)',
    );
    const drifted = { ...call, reasons: [{ action: 'ORDER_FILL_MISSED', text: 'x', at: 'z' }] };
    expect(renderIntervention(drifted, aside)).toContain('look (`plumbline diff main`)');
    for (const answered of [
      { ...call, acknowledgedBy: 'ada' },
      { ...call, standing: false },
    ]) {
      expect(renderIntervention(answered, aside)).not.toContain('What to do');
    }
  });
});
