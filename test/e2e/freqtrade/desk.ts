import { setTimeout as sleep } from 'node:timers/promises';
import type { FreqtradeBot } from './freqtrade-bot.js';
import type { Plumbline, Verdict } from './plumbline.js';
import type { Recording } from './recording.js';
import type { Row } from './table.js';
import type { Exchange } from './truth.js';
import type { TestedWire } from './wires.js';

const WAIT_LIMIT_MS = 90_000;
/** An interference that is not found by then is missed. */
const FIND_LIMIT_MS = 5 * 60_000;

/** One wire with its exchange, its bot and its account in Plumbline. Collects what was expected and what came out. */
export class Desk {
  readonly rows: Row[] = [];

  constructor(
    readonly wire: TestedWire,
    readonly exchange: Exchange,
    readonly bot: FreqtradeBot,
    readonly plumbline: Pick<Plumbline, 'verdict'>,
    private recording: Recording | null,
    private readonly say: (line: string) => void,
  ) {}

  /** The next verdict must be that both sides agree. */
  async agrees(act: string, since = Date.now()): Promise<void> {
    const verdict = await this.plumbline.verdict(this.wire.id);
    const { by_hand: byHand } = this.exchange.truth();
    const untouched = Object.keys(byHand.amounts).length === 0 && byHand.orders.length === 0;
    const holds = untouched && verdict.outcome === 'matched' && verdict.open.length === 0;
    await this.note({ act, expected: 'matched', verdict: verdictText(verdict), since, holds });
  }

  /** The next verdict must be this discrepancy and no other. */
  async differs(act: string, expected: { type: string; symbol: string }, since = Date.now()): Promise<void> {
    const verdict = await this.plumbline.verdict(this.wire.id);
    const [only, ...others] = verdict.open;
    const isIt = only?.type === expected.type && only.symbol === expected.symbol && others.length === 0;
    await this.note({
      act,
      expected: expected.type,
      verdict: verdictText(verdict),
      since,
      holds: verdict.outcome === 'drifted' && isIt,
    });
  }

  /** A verdict of a quiet time, which is a row only if it is not that both sides agree. */
  async staysQuiet(act: string): Promise<void> {
    const since = Date.now();
    const verdict = await this.plumbline.verdict(this.wire.id);
    if (verdict.outcome === 'matched' && verdict.open.length === 0) return;
    await this.note({ act, expected: 'matched', verdict: verdictText(verdict), since, holds: false });
  }

  /** One of the next verdicts must be a discrepancy whose type begins so, and none may be another one. */
  async finds(act: string, expected: { type: string; symbol: string }, since: number): Promise<void> {
    for (;;) {
      const verdict = await this.plumbline.verdict(this.wire.id);
      const isOther = verdict.open.some(
        ({ type, symbol }) => !type.startsWith(expected.type) || symbol !== expected.symbol,
      );
      const found = verdict.open.length > 0 && !isOther;
      if (!found && !isOther && Date.now() - since < FIND_LIMIT_MS) continue;
      await this.note({ act, expected: `${expected.type}*`, verdict: verdictText(verdict), since, holds: found });
      return;
    }
  }

  /** A row about many verdicts, all as expected. */
  summarize(act: string, verdict: string, since: number): void {
    const row = { act, expected: 'no false alarm', verdict, seconds: (Date.now() - since) / 1000 };
    this.rows.push({ ...row, wire: this.wire.name, holds: true });
    this.print(`${act}: ${verdict}`);
  }

  /** The wire could not go on. */
  fail(why: string): void {
    const row = { act: 'the script', expected: 'goes on to its end', verdict: why.split('\n')[0] ?? why, seconds: 0 };
    this.rows.push({ ...row, wire: this.wire.name, holds: false });
    this.print(`FAILED: ${why}`);
  }

  /** The next verdict must be that it could not be told, for this kind of failure. */
  async isInconclusive(act: string, kind: string): Promise<void> {
    const since = Date.now();
    const verdict = await this.plumbline.verdict(this.wire.id);
    const holds = verdict.outcome === 'failed' && verdict.failure?.kind === kind && verdict.open.length === 0;
    await this.note({ act, expected: `inconclusive (${kind})`, verdict: verdictText(verdict), since, holds });
  }

  /** Something that the act needs and that is no verdict. */
  async until<T>(what: string, find: () => T | null | Promise<T | null>): Promise<T> {
    for (const deadline = Date.now() + WAIT_LIMIT_MS; Date.now() < deadline; await sleep(100)) {
      const found = await find();
      if (found !== null) return found;
    }
    throw new Error(
      `${this.wire.name}: it did not happen in ${WAIT_LIMIT_MS / 1000} s: ${what}\n${await this.bot.logEnd()}`,
    );
  }

  /** From here on the bot trades by itself, so that an answer may be older than the truth beside it. */
  endRecording(): void {
    this.recording = null;
  }

  print(text: string): void {
    this.say(`${new Date().toISOString().slice(11, 19)}  ${this.wire.name.padEnd(13)}  ${text}`);
  }

  private async note(row: Omit<Row, 'wire' | 'seconds'> & { since: number }): Promise<void> {
    const { since, ...rest } = row;
    const seconds = (Date.now() - since) / 1000;
    this.rows.push({ ...rest, wire: this.wire.name, seconds });
    this.print(
      `${row.act}: ${row.verdict} (${seconds.toFixed(1)} s)${row.holds ? '' : `   DEVIATES, expected ${row.expected}`}`,
    );
    if (!row.holds) this.print(`the truth: ${JSON.stringify(this.exchange.truth())}`);
    await this.recording?.take(this, row.act);
  }
}

function verdictText({ outcome, failure, open }: Verdict): string {
  if (outcome === 'failed') return `inconclusive (${failure?.kind ?? 'unknown'})`;
  return open.length === 0 ? outcome : `${outcome}: ${open.map(({ description }) => description).join('; ')}`;
}
