import { z } from 'zod';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import { get } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';
import { byKind } from './shared/by-kind.js';
import { envelope } from './shared/common.js';

/*
 * What a key may do. Source: bitget.com/api-doc, pages spot/account/Get-Account-Info (classic accounts) and
 * uta/account/Get-Account-Info (unified accounts).
 */

const CLASSIC_INFO = get(
  '/api/v2/spot/account/info',
  'privateSpotGetV2SpotAccountInfo',
  envelope(z.object({ authorities: z.array(z.string()), ips: z.string().nullish() })),
);

const UNIFIED_INFO = get(
  '/api/v3/account/info',
  'privateUtaGetV3AccountInfo',
  envelope(z.object({ permType: z.string(), permissions: z.array(z.string()), ips: z.string().nullish() })),
);

/** Permissions to place orders: futures, positions, spot, margin, copy trading. */
const TRADE_AUTHORITIES = ['coow', 'cpow', 'stow', 'smow', 'ttow', 'trade'];
const WITHDRAW_AUTHORITIES = ['wwow', 'withdraw'];

/** What a permission allows depends on `permType`: "uta_trade" of a read-only key reads orders. */
const UNIFIED_TRADES = ['uta_trade', 'copy_futures_position', 'copy_futures_order'];

/** What the key may do. Throws ExchangeFailure. */
export async function auditBitgetKey(session: ReadSession): Promise<KeyAudit> {
  return byKind(session, {
    classic: async () => auditClassic(session),
    unified: async () => auditUnified(session),
  });
}

async function auditClassic(session: ReadSession): Promise<KeyAudit> {
  const { authorities, ips } = (await session.ask(CLASSIC_INFO)).data;
  const canTrade = authorities.some((name) => TRADE_AUTHORITIES.includes(name));
  const canWithdraw = authorities.some((name) => WITHDRAW_AUTHORITIES.includes(name));
  return audit(canTrade, canWithdraw, ips, authorities);
}

async function auditUnified(session: ReadSession): Promise<KeyAudit> {
  const { permType, permissions, ips } = (await session.ask(UNIFIED_INFO)).data;
  if (permType !== 'read-only' && permType !== 'read-and-write') {
    const note = `the key has the permission type ${permType}, which is not known`;
    return { canTrade: null, canWithdraw: null, ipRestricted: isRestricted(ips), note };
  }
  const writes = permType === 'read-and-write';
  const canTrade = writes && permissions.some((name) => UNIFIED_TRADES.includes(name));
  return audit(canTrade, permissions.includes('withdraw'), ips, [permType, ...permissions]);
}

function audit(
  canTrade: boolean,
  canWithdraw: boolean,
  ips: string | null | undefined,
  permissions: readonly string[],
): KeyAudit {
  const note =
    canTrade || canWithdraw ? `the key has ${permissions.join(', ')}` : 'the key neither trades nor withdraws';
  return { canTrade, canWithdraw, ipRestricted: isRestricted(ips), note };
}

function isRestricted(ips: string | null | undefined): boolean {
  return (ips ?? '').trim() !== '';
}
