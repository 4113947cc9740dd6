import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { askService } from '../../support/ask-service.js';

const answerSchema = z.object({ path: z.string() });
type Service = '/workflow-bundle' | '/traced-workflow-bundle';
const bundles = new Map<Service, Promise<{ code: string }>>();

/** The workflows of the sources under test, bundled once per jest run. */
export async function workflowBundle(): Promise<{ code: string }> {
  return bundleOf('/workflow-bundle');
}

/** The same with the interceptor that traces runs. */
export async function tracedWorkflowBundle(): Promise<{ code: string }> {
  return bundleOf('/traced-workflow-bundle');
}

async function bundleOf(service: Service): Promise<{ code: string }> {
  const bundle = bundles.get(service) ?? readBundle(service);
  bundles.set(service, bundle);
  return bundle;
}

async function readBundle(service: Service): Promise<{ code: string }> {
  const { path } = answerSchema.parse(await askService(service));
  return { code: await readFile(path, 'utf8') };
}
