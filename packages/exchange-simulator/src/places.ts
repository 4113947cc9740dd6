import { DEMO_BOT_TOKEN, DEMO_CREDENTIALS } from './engine/credentials.js';
import { WIRES } from './wires.js';

/** What a person needs to use a simulator at this URL: names and values, in the order in which to show them. */
export function placesOf(url: string): [name: string, value: string][] {
  return [
    ...WIRES.map(({ id }): [string, string] => [`base_url of ${id}`, `${url}/${id}`]),
    ['its read-only key', DEMO_CREDENTIALS.apiKey],
    ['and secret', DEMO_CREDENTIALS.secret],
    ["the bot's state", `${url}/bot/state`],
    ['with the token', DEMO_BOT_TOKEN],
    ['control', `${url}/sim`],
  ];
}
