import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { askService } from '../../support/ask-service.js';

const answerSchema = z.object({ path: z.string() });
let bundle: Promise<{ code: string }> | null = null;

/** The workflows of the sources under test, bundled once per jest run. */
export async function workflowBundle(): Promise<{ code: string }> {
  return (bundle ??= readBundle());
}

async function readBundle(): Promise<{ code: string }> {
  const { path } = answerSchema.parse(await askService('/workflow-bundle'));
  return { code: await readFile(path, 'utf8') };
}
