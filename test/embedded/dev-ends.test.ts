import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DevFolder, STAYS_UP, until } from './dev-folder.js';

let folder: DevFolder;
beforeAll(async () => {
  folder = await DevFolder.create();
});
afterAll(async () => folder.remove(), 60_000);

it('plumbline dev ends when a part ends again and again, and says which', async () => {
  const stack = await folder.dev(['--no-scenario'], STAYS_UP);
  const { child, output } = stack;
  const ended = once(child, 'exit');
  for (let kills = 1; child.exitCode === null; kills++) {
    process.kill((await folder.part('serve')).pid, 'SIGKILL');
    const again = `${kills} of at most 5 times`;
    await until(() => output().includes(again) || child.exitCode !== null, stack);
    // Killed also before it is ready.
    await until(() => child.exitCode !== null || existsSync(folder.state('serve.pid.json')), stack);
  }
  const [code] = await ended;
  expect(code).toBe(2);
  expect(output()).toMatch(/plumbline serve ended with signal SIGKILL[^]*for the 6th time in 10 minutes/);
}, 180_000);
