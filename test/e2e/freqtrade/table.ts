/** One act on one wire: what had to come out, and what did. */
export interface Row {
  wire: string;
  act: string;
  expected: string;
  verdict: string;
  /** From the act to the verdict. */
  seconds: number;
  holds: boolean;
}

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ wire, act, expected, verdict, seconds, holds }) =>
      `| ${wire} | ${act} | ${expected} | ${verdict}${holds ? '' : ' **DEVIATES**'} | ${seconds.toFixed(1)} |`,
  );
  return ['| wire | act | expected | verdict | seconds |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}
