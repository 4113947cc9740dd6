import { expect, it } from '@jest/globals';
import { usesChannel } from '../../../src/domain/policy/policy-channels.js';

const escalation = [
  { afterMinutes: 0, channels: ['chat'] },
  { afterMinutes: 10, channels: ['chat', 'phone'] },
];

it.each([
  ['a policy without a ladder uses every channel', {}, ['chat', 'phone', 'mail']],
  ['a ladder uses the channels of its rungs', { escalation }, ['chat', 'phone']],
  [
    'beside the ladder are the channels of calls that are not urgent',
    { escalation, notifyChannels: ['mail'] },
    ['chat', 'phone', 'mail'],
  ],
  [
    'channels of calls that are not urgent leave the others to urgent ones',
    { notifyChannels: ['mail'] },
    ['chat', 'phone', 'mail'],
  ],
])('%s', (_, policy, expected) => {
  expect(['chat', 'phone', 'mail'].filter((name) => usesChannel(policy, name))).toEqual(expected);
});
