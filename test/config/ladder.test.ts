import { describe, expect, it } from '@jest/globals';
import { mergedFields, policyOf } from '../../src/config/policy-fields.js';
import { reconciliationSchema } from '../../src/config/reconciliation-schema.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';

const LADDER = {
  escalation: [
    { after: '0m', channels: ['chat'] },
    { after: 10, channels: ['phone', 'log'] },
    { after: '90 min', channels: ['boss'] },
  ],
  notify: ['chat'],
  quiet_hours: { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' },
  snooze_max_hours: 48,
};

describe('the ladder in the configuration', () => {
  it('becomes the policy', () => {
    expect(policyOf(reconciliationSchema.parse(LADDER), DEFAULT_POLICY)).toEqual({
      ...policyOf({}, DEFAULT_POLICY),
      escalation: [
        { afterMinutes: 0, channels: ['chat'] },
        { afterMinutes: 10, channels: ['phone', 'log'] },
        { afterMinutes: 90, channels: ['boss'] },
      ],
      notifyChannels: ['chat'],
      quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
      snoozeMaxHours: 48,
    });
  });

  it('leaves policies without it byte-equal', () => {
    const fields = ['escalation', 'notifyChannels', 'quietHours', 'snoozeMaxHours'];
    const names = Object.keys(policyOf({}, DEFAULT_POLICY));
    expect(names.filter((name) => fields.includes(name))).toEqual([]);
    expect(names.at(-1)).toBe('gateMaxAgeMinutes');
  });

  it("is an account's own, or that of all accounts", () => {
    const defaults = reconciliationSchema.parse(LADDER);
    const own = reconciliationSchema.parse({ escalation: [{ after: 0, channels: ['phone'] }] });
    expect(policyOf(mergedFields(defaults, own), DEFAULT_POLICY)).toMatchObject({
      escalation: [{ afterMinutes: 0, channels: ['phone'] }],
      notifyChannels: ['chat'],
    });
  });

  it.each([
    [{ escalation: [{ after: '10m', channels: ['chat'] }] }, /first rung begins after 10 minutes/],
    [{ escalation: [{ after: '1h', channels: ['chat'] }] }, /minutes from 0 to 10080, such as 10 or/],
    [{ escalation: [{ after: 0, channels: ['My Chat'] }] }, /a channel's name/],
    [{ escalation: [{ after: 0, channels: ['chat', 'chat'] }] }, /each channel once/],
    [{ quiet_hours: { from: '22:00', to: '7:00', time_zone: 'UTC' } }, /a time of day \(HH:MM\)/],
    [{ quiet_hours: { from: '22:00', to: '22:00', time_zone: 'UTC' } }, /`from` and `to` that differ/],
    [{ quiet_hours: { from: '22:00', to: '07:00', time_zone: 'Europe/Atlantis' } }, /an IANA time zone/],
    [{ snooze_max_hours: 9_000 }, /8760/],
  ])('is refused as %j', (fields, says) => {
    expect(reconciliationSchema.safeParse(fields).error?.message).toMatch(says);
  });
});
