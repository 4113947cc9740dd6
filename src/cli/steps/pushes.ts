import type { PlumblineConfig } from '../../config/config.js';
import type { PushedAccount } from '../../http/push-route.js';

/** The accounts whose bots push their state. */
export function pushesOf({ accounts }: PlumblineConfig): Map<string, PushedAccount> {
  const sources = accounts.flatMap(({ internal }) => internal.map(({ source }) => source));
  return new Map(sources.flatMap((source) => (source.kind === 'push' ? [[source.account, source]] : [])));
}
