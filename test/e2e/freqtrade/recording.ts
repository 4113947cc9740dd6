import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiAnswers } from './freqtrade-bot.js';
import type { Desk } from './desk.js';
import { FREQTRADE_VERSION } from './installation.js';
import type { Truth } from './truth.js';

/** What the API answered after an act, and what was true on the exchange then. */
interface RecordedAct extends ApiAnswers {
  act: string;
  truth: Truth;
}

/** Collects the answers of Freqtrade's API for the fixtures of `npm test`. */
export class Recording {
  private readonly acts = new Map<string, RecordedAct[]>();

  /** Remembers what the bot answers now, if the exchange does not change meanwhile and the bot answers. */
  async take({ wire, bot, exchange }: Desk, act: string): Promise<void> {
    await bot.untilNextLoop().catch(() => undefined);
    const truth = exchange.truth();
    const answers = await bot.answers().catch(() => null);
    if (answers === null || JSON.stringify(exchange.truth()) !== JSON.stringify(truth)) return;
    this.acts.set(wire.id, [...(this.acts.get(wire.id) ?? []), { act, ...answers, truth }]);
  }

  /** One file for each wire, one line for each act. The configuration is the same in all of them. */
  async write(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const [wire, acts] of this.acts) {
      const source = `Freqtrade ${FREQTRADE_VERSION} from PyPI, on the simulator's wire ${wire}, by npm run e2e:freqtrade -- --record`;
      const config = JSON.stringify(acts[0]?.show_config);
      const lines = acts.map(({ act, health, status, truth }) => JSON.stringify({ act, health, status, truth }));
      const text = `{\n"source": ${JSON.stringify(source)},\n"show_config": ${config},\n"acts": [\n${lines.join(',\n')}\n]}\n`;
      await writeFile(join(folder, `${wire}.json`), text);
    }
  }
}
