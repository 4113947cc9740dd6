// npm run e2e:freqtrade: an unmodified Freqtrade from PyPI trades on the simulator, on each of four wires, and somebody interferes.
// Plumbline's verdicts are compared with what is true on the exchange. docs/freqtrade.md has a table.
//
//   npm run e2e:freqtrade -- [--minutes 3] [--wires binanceusdm,binance,bybit,okx] [--seed 1] [--out FILE.md] [--record]
//
// --wires also takes gate, bitget and hyperliquid, which are not played otherwise.
//
// FREQTRADE_VENV names a virtual environment with Freqtrade; otherwise one is made in .plumbline (Python 3.11, PyPI).
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import './typescript-loader.mjs';
import { inRoot } from './checkout.mjs';
import { setup } from './setup.mjs';
import { say, StepFailed } from './steps.mjs';

const MOST_MINUTES = 1_440;

try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '3' },
      wires: { type: 'string', default: '' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
      out: { type: 'string', default: inRoot('.plumbline', 'e2e-freqtrade.md') },
      record: { type: 'boolean', default: false },
    },
  });
  const minutes = number('--minutes', values.minutes, MOST_MINUTES);
  const seed = number('--seed', values.seed, 2 ** 31);
  await setup();
  const { playFreqtrade } = await import('../test/e2e/freqtrade/play.ts');
  const { tableOf } = await import('../test/e2e/freqtrade/table.ts');
  const wires = values.wires.split(',').filter((wire) => wire !== '');
  say(`seed ${seed}`);
  const rows = await playFreqtrade({ wires, minutes, seed, record: values.record, say });
  const table = tableOf(rows);
  const deviations = rows.filter(({ holds }) => !holds).length;
  process.stdout.write(`${table}\n`);
  writeFileSync(values.out, `${table}\n`);
  say(`${rows.length} rows, ${deviations} deviate; written to ${values.out}`);
  process.exit(deviations === 0 ? 0 : 1);
} catch (error) {
  if (!(error instanceof StepFailed)) say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}

function number(name, text, most) {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= most) return value;
  throw new Error(`${name} ${text}: expected a number from 0 to ${most}`);
}
