import type { QuietHours } from '../policy/policy.js';
import type { Severity } from '../policy/severity.js';
import type { InterventionReason } from './intervention.js';
import type { InterventionOccasion } from './occasion.js';

/** One message of an intervention on one channel. */
export interface DeliverRequest {
  account: string;
  exchange: string;
  interventionId: string;
  /** Its name in the configuration. */
  channel: string;
  occasion: InterventionOccasion;
  /** Which message of this occasion on this channel this is, from 1. */
  number: number;
  severity: Severity;
  /** ISO 8601. */
  openedAt: string;
  reasons: InterventionReason[];
  /** For `acknowledged`, and for `resolved` afterwards: who acknowledged, and what they wrote. */
  answer?: { by: string; note: string };
  /** During these hours nothing is sent. Absent: the message is urgent. */
  quietHours?: QuietHours;
}
