export { manualIntervention } from './manual-intervention.js';
export { reconciliation } from './reconciliation.js';
