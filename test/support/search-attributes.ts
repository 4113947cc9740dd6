import type { SearchAttributeTypeName } from '../../src/embedded/temporal-server.js';

/** What the workflows upsert, by name. Kept apart from src/workflows so that a rename there is noticed here. */
export const searchAttributeTypes: Record<string, SearchAttributeTypeName> = {
  PlumblineAccount: 'Keyword',
  PlumblineExchange: 'Keyword',
  PlumblineOutcome: 'Keyword',
  PlumblineConsecutiveFailures: 'Int',
  PlumblineOpenDiscrepancies: 'Int',
  PlumblinePaused: 'Bool',
};
