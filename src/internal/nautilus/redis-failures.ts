import type { FailureError, FailureKind } from '../../domain/failure/failure.js';
import type { Redactor } from '../../redaction/redactor.js';
import { causesOf, errorCode, isCertificateCode, isError } from '../../runtime/error-shape.js';
import { sourceFailure } from '../source-failure.js';

interface Rule {
  kind: FailureKind;
  remedy: string;
}

const UNREACHED: Rule = { kind: 'network', remedy: 'check host and port in the URL, and that Redis runs there' };
const LOST: Rule = { kind: 'network', remedy: "the connection was closed; check Redis's log" };
const LOGIN: Rule = { kind: 'authentication', remedy: "check user and password of the URL, and Redis's ACL" };
const WAIT: Rule = { kind: 'maintenance', remedy: 'wait until Redis has loaded its data' };
const NO_PERMISSION: Rule = {
  kind: 'permission',
  remedy: "let the user of the URL read the bot's keys: +@read +@connection +watch +multi +exec ~trader-...",
};

/** By the first word of Redis's answer, or the system's code. */
const RULES: Readonly<Record<string, Rule>> = {
  ECONNREFUSED: UNREACHED,
  ENOTFOUND: UNREACHED,
  ETIMEDOUT: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  ENOENT: UNREACHED,
  EAI_AGAIN: { kind: 'network', remedy: 'check the name server of this machine' },
  ECONNRESET: LOST,
  EPIPE: LOST,
  NOAUTH: LOGIN,
  WRONGPASS: LOGIN,
  NOPERM: NO_PERMISSION,
  LOADING: WAIT,
  BUSY: { kind: 'maintenance', remedy: 'wait until the script that Redis runs has ended' },
  MASTERDOWN: WAIT,
  TRYAGAIN: WAIT,
  CLUSTERDOWN: WAIT,
  MOVED: { kind: 'unsupported', remedy: 'name a Redis that has all keys of the bot; a cluster is not read' },
  CROSSSLOT: { kind: 'unsupported', remedy: 'name a Redis that has all keys of the bot; a cluster is not read' },
  WRONGTYPE: {
    kind: 'configuration',
    remedy: 'check internal.trader_id and heartbeat_stream: one of these keys is not what NautilusTrader writes',
  },
};

/** Converts an error of Redis or of its client. */
export function redisFailure(error: unknown, redactor: Redactor): FailureError {
  const causes = causesOf(error);
  const code = causes.map(errorCode).find((each) => each !== null) ?? null;
  const last = causes.at(-1);
  const said = redactor.text((isError(last) ? last.message : String(last)).replaceAll(/\s+/g, ' ').trim());
  const rule = isCertificateCode(code)
    ? { kind: 'configuration' as const, remedy: 'use a certificate that this machine trusts (NODE_EXTRA_CA_CERTS)' }
    : (RULES[code ?? ''] ?? RULES[/^[A-Z]+/.exec(said)?.[0] ?? ''] ?? byWords(said));
  return sourceFailure(rule.kind, `it cannot be read: ${said}`, rule.remedy, { cause: redactor.value(error) });
}

function byWords(said: string): Rule {
  if (/max number of clients/.test(said)) {
    return { kind: 'rate_limited', remedy: 'Redis has no connection left: raise maxclients' };
  }
  if (/without any password|invalid username|authentication/i.test(said)) return LOGIN;
  if (/closed|offline|destroyed/i.test(said)) return LOST;
  if (/unknown command/i.test(said)) {
    return { kind: 'unsupported', remedy: 'use Redis 6.2 or later, which NautilusTrader needs, too' };
  }
  return { kind: 'unreadable', remedy: "check Redis's log, and that a Redis answers at the URL" };
}
