/** Milliseconds that this process has computed. Unlike the time on a clock, it does not depend on what else runs. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
