/** Calls the jest run's services (test/support/services.ts); the first caller waits for the start. */
export async function askService(path: string): Promise<unknown> {
  const base = process.env['PLUMBLINE_TEST_SERVICES'];
  if (base === undefined)
    throw new Error('PLUMBLINE_TEST_SERVICES is not set: jest did not run test/support/global-setup.mjs');
  const response = await fetch(`${base}${path}`);
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`Test service ${path}: ${JSON.stringify(body)}`);
  return body;
}
