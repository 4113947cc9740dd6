import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;
const MIB = 2 ** 20;

export interface Usage {
  cpuMs: number;
  rssMib: number;
}

interface Stat {
  parent: number;
  /** CPU time of the process itself. */
  ownMs: number;
  /** CPU time of its children that have ended. */
  reapedMs: number;
  rssMib: number;
}

function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in front may contain spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (index: number): number => Number(fields[index]);
    return {
      parent: at(1),
      ownMs: (at(11) + at(12)) * TICK_MS,
      reapedMs: (at(13) + at(14)) * TICK_MS,
      rssMib: (at(21) * PAGE_BYTES) / MIB,
    };
  } catch {
    return null;
  }
}

/**
 * CPU time and memory of a process with its children. For PostgreSQL, whose processes share memory, the largest counts.
 */
export function usageOf(pid: number): Usage {
  const own = statOf(pid);
  if (own === null) return { cpuMs: 0, rssMib: 0 };
  let cpuMs = own.ownMs + own.reapedMs;
  let rssMib = own.rssMib;
  for (const name of readdirSync('/proc')) {
    const child = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    if (child?.parent !== pid) continue;
    cpuMs += child.ownMs + child.reapedMs;
    rssMib = Math.max(rssMib, child.rssMib);
  }
  return { cpuMs, rssMib };
}

/** Usage by process name. */
export function usages(pids: ReadonlyMap<string, number>): Map<string, Usage> {
  return new Map([...pids].map(([name, pid]) => [name, usageOf(pid)]));
}
