// Preloaded into a worker process: on SIGUSR2 the process gets an error that contains every secret of its environment,
// in its message, its cause and its fields. The process decides what it prints of the error.
import { readFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  const planted = Object.entries(process.env).filter(([name]) => name.startsWith('PLANTED_'));
  const secrets = planted.map(([name, value]) => (name.endsWith('_FILE') ? readFileSync(value, 'utf8') : value));
  const text = secrets.join(' and ');
  const cause = new Error(`in the cause: ${encodeURIComponent(text)}`);
  throw Object.assign(new Error(`crashed with ${text}`, { cause }), {
    request: { headers: { Authorization: `Bearer ${text}` }, body: JSON.stringify(secrets) },
    secrets,
  });
});
