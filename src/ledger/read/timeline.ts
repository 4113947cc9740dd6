import { sql } from 'drizzle-orm';
import type { Timeline, TimelineRequest, TimelineSpan } from '../contract/ledger.js';
import type { DatabaseSession } from '../store/database.js';

interface CountedSpan extends Record<string, unknown> {
  index: number;
  matched: number;
  with_gaps: number;
  drifted: number;
  failed: number;
  worst_run: number;
  read_runs: number;
  oldest_ms: number;
}

/** See `Ledger.timeline`. One statement; walks backwards over the newest runs by index. */
export async function readTimeline(
  session: DatabaseSession,
  account: string,
  { from, spanSeconds, maxRuns }: TimelineRequest,
): Promise<Timeline> {
  const fromSeconds = from.getTime() / 1000;
  const { rows } = await session.execute<CountedSpan>(sql`
    with newest as (
      select one.run_number, one.outcome, extract(epoch from one.ended_at)::float8 as ended,
        json_array_length(one.not_compared) > 0 as has_gaps
      from plumbline.run one where one.account = ${account}
      order by one.account desc, one.id desc limit ${maxRuns}),
    whole as (select count(*)::int as runs, min(ended) * 1000 as oldest from newest)
    select floor((ended - ${fromSeconds}::float8) / ${spanSeconds}::float8)::int as index,
      (count(*) filter (where outcome = 'matched'))::int as matched,
      (count(*) filter (where outcome = 'matched' and has_gaps))::int as with_gaps,
      (count(*) filter (where outcome = 'drifted'))::int as drifted,
      (count(*) filter (where outcome = 'failed'))::int as failed,
      coalesce(max(run_number) filter (where outcome = 'drifted'), max(run_number) filter (where outcome = 'failed'),
        max(run_number))::float8 as worst_run,
      min(whole.runs)::int as read_runs, min(whole.oldest)::float8 as oldest_ms
    from newest cross join whole where ended >= ${fromSeconds}::float8
    group by 1 order by 1`);
  const [first] = rows;
  const isCut = first !== undefined && first.read_runs >= maxRuns && first.oldest_ms > from.getTime();
  return { spans: rows.map(spanOf), cutAt: isCut ? new Date(first.oldest_ms) : null };
}

function spanOf({
  index,
  matched,
  with_gaps: matchedWithGaps,
  drifted,
  failed,
  worst_run: worstRun,
}: CountedSpan): TimelineSpan {
  return { index, matched, matchedWithGaps, drifted, failed, worstRun };
}
