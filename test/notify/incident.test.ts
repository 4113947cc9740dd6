import { describe, expect, it } from '@jest/globals';
import { incidentOf } from '../../src/notify/channels/incident.js';
import { messageOf } from './sent.js';

describe('the incident of a service', () => {
  const forty = Array.from({ length: 40 }, (_, index) => `bot-${index}`);
  const together = messageOf({ thread: 'group-9', accounts: forty });
  const first = incidentOf(together, null);

  it('is that of the call', () => {
    expect(first.id).toBe('group-9');
    expect(incidentOf(messageOf(), null).id).toBe('main-call-7');
  });

  it.each(['reminder', 'reason'] as const)('is the same for a %s about some of its accounts', (occasion) => {
    const later = messageOf({ occasion, thread: 'bot-3-call', accounts: ['bot-3'] });
    expect(incidentOf(later, first.thread)).toEqual(first);
  });

  it.each(['acknowledged', 'resolved'] as const)('is %s by news for all of its accounts, in any order', (occasion) => {
    const all = messageOf({ occasion, thread: 'group-10', accounts: forty.toReversed() });
    expect(incidentOf(all, first.thread).id).toBe('group-9');
  });

  it.each(['acknowledged', 'resolved'] as const)('is not %s by news for some of its accounts', (occasion) => {
    const one = messageOf({ occasion, thread: 'bot-3-call', accounts: ['bot-3'] });
    expect(incidentOf(one, first.thread).id).toBe('bot-3-call');
  });

  it('is that of the call if the receipt of another version says nothing', () => {
    expect(incidentOf(messageOf(), 'something').id).toBe('main-call-7');
  });
});
