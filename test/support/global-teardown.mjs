export default async function globalTeardown() {
  await globalThis.plumblineTestServices?.stop();
}
