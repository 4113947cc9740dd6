import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { worldStateSchema, type WorldState } from './world.js';

/** Changes within this time are written together. */
const WRITE_DELAY_MS = 100;

/** Reads a state file; null if there is none yet. Throws with the file's name and a remedy if it is unreadable. */
export async function loadState(path: string): Promise<WorldState | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  try {
    return worldStateSchema.parse(JSON.parse(text));
  } catch (error) {
    const remedy = 'it was written by another version or damaged; delete it to start from a flat account';
    throw new Error(`cannot read the simulator's state in ${path}: ${remedy}`, { cause: error });
  }
}

/** Whether this is Node's system error of that code. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** Writes a frequently changing state to a file: always complete (by renaming), and at most one write at a time. */
export class StateFile {
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly state: () => WorldState,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Marks the state as changed; it will be written soon. */
  touch(): void {
    if (this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.writing = this.writing.then(() => this.write()).catch(this.onError);
    }, WRITE_DELAY_MS);
    this.timer.unref();
  }

  /** Writes pending changes. */
  async close(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    await this.writing;
    await this.write();
  }

  private async write(): Promise<void> {
    const text = JSON.stringify(this.state());
    await mkdir(dirname(this.path), { recursive: true });
    await writeFile(`${this.path}.part`, text);
    await rename(`${this.path}.part`, this.path);
  }
}
