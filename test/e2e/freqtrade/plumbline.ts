import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Stack } from '../../../packages/dev-stack/src/stack.js';
import { PlumblineClient, type RecordedRun } from '../../../src/client.js';

const run = promisify(execFile);

const discrepanciesShape = z.looseObject({
  discrepancies: z.array(z.looseObject({ type: z.string(), symbol: z.string().nullable(), description: z.string() })),
});
export type OpenDiscrepancy = z.output<typeof discrepanciesShape>['discrepancies'][number];

export interface Verdict extends Pick<RecordedRun, 'outcome' | 'failure'> {
  open: OpenDiscrepancy[];
}

/** Plumbline as others use it: its command line, its client and its HTTP API. */
export class Plumbline {
  private constructor(
    private readonly stack: Stack,
    private readonly client: PlumblineClient,
  ) {}

  static async of(stack: Stack): Promise<Plumbline> {
    const { temporalAddress: address, namespace } = stack.description;
    return new Plumbline(stack, await PlumblineClient.connect({ address, namespace }));
  }

  async apply(commandLine: string): Promise<void> {
    const { env, configPath } = this.stack.description;
    const words = ['apply', '--by', 'e2e', '--config', configPath];
    await run(process.execPath, [commandLine, ...words], {
      env: { ...process.env, ...env, PLUMBLINE_STATE: this.stack.folder.path },
    });
  }

  /** Runs the account's reconciliation now and waits for its verdict. */
  async verdict(account: string): Promise<Verdict> {
    const { outcome, failure } = await this.client.runNow(account, 'e2e');
    const url = `${this.stack.description.serveUrl}/v1/accounts/${account}/discrepancies?state=open`;
    const { discrepancies: open } = discrepanciesShape.parse(await (await fetch(url)).json());
    return { outcome, failure, open };
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
