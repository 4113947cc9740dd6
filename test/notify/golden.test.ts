import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { composeMessage } from '../../src/notify/compose-message.js';
import { GOLDEN } from './golden-calls.js';

const FOLDER = new URL('golden/', import.meta.url);
/** `PLUMBLINE_UPDATE_GOLDEN=1` writes the messages as they are now. Read each before it is committed. */
const UPDATES = process.env['PLUMBLINE_UPDATE_GOLDEN'] === '1';

describe('the message that a person gets', () => {
  it.each(Object.keys(GOLDEN))('for %s', (name) => {
    const call = GOLDEN[name];
    if (call === undefined) throw new Error(`no call ${name}`);
    const { subject, text } = composeMessage(call());
    const file = new URL(`${name}.txt`, FOLDER);
    const message = `${subject}\n\n${text}\n`;
    if (UPDATES) writeFileSync(file, message);
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(message);
  });

  it('has a file for each call and no other', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(
      Object.keys(GOLDEN)
        .map((name) => `${name}.txt`)
        .toSorted(),
    );
  });
});
