import type { SearchAttributeTypeName } from '../../packages/dev-stack/src/temporal-server.js';

/**
 * The search attributes that the workflows upsert, by name. Separate from src/workflows so that a rename there is
 * noticed here.
 */
export const searchAttributeTypes: Record<string, SearchAttributeTypeName> = {
  PlumblineAccount: 'Keyword',
  PlumblineExchange: 'Keyword',
  PlumblineOutcome: 'Keyword',
  PlumblineConsecutiveFailures: 'Int',
  PlumblineOpenDiscrepancies: 'Int',
  PlumblinePaused: 'Bool',
  PlumblineState: 'Keyword',
  PlumblineStateSince: 'Datetime',
};
