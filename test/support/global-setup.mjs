// One PostgreSQL and one Temporal server for all tests of a jest run. Each starts when the first test asks for it, so
// unit tests start neither. Tests run in other processes and ask over HTTP.
import '../../scripts/typescript-loader.mjs';

export default async function globalSetup() {
  const { startTestServices } = await import('./services.ts');
  process.env.PLUMBLINE_TEST_SEED ??= String(Math.floor(Math.random() * 2 ** 31));
  const services = await startTestServices();
  process.env.PLUMBLINE_TEST_SERVICES = services.url;
  globalThis.plumblineTestServices = services;
}
