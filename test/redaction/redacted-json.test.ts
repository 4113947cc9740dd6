import { describe, expect, it } from '@jest/globals';
import { redactedJson } from '../../src/redaction/redacted-json.js';
import { createRedactor } from '../../src/redaction/redactor.js';

describe('a JSON text without secrets', () => {
  it('is the text itself where there are none, to the last blank', () => {
    const json = JSON.stringify({ amount: '0.500', note: 'fine', list: [1, 2.5, null] }, null, 2);
    expect(redactedJson(json, createRedactor(['hunter2-hunter2']), 2)).toBe(json);
  });

  it.each([
    ['in a text', { message: 'bad hunter2-hunter2' }],
    ['as a name', { 'hunter2-hunter2': true }],
    ['escaped', { message: JSON.stringify({ inner: 'hunter2-hunter2' }) }],
  ])('is JSON still: %s', (_name, document) => {
    const redacted = redactedJson(JSON.stringify(document), createRedactor(['hunter2-hunter2']));
    expect(JSON.stringify(JSON.parse(redacted))).toContain('[redacted]');
    expect(redacted).not.toContain('hunter2');
  });

  it('is still JSON if the secret spans quotes', () => {
    // Written as JSON, these two fields hold the secret across the quotes between them.
    const secret = 'first-half","b":"second-half';
    const json = JSON.stringify({ a: 'the first-half', b: 'second-half of it', amount: '0.5' });
    expect(json).toContain(secret);
    const redacted = redactedJson(json, createRedactor([secret]));
    expect(JSON.parse(redacted)).toMatchObject({ amount: '0.5' });
  });
});
