/** The exchange simulator as a library: `startSimulator`, the demo account's credentials, and the addresses that it serves. */
export {
  DEFAULT_PORT,
  DEMO_ACCOUNT,
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  DEMO_PASSPHRASE,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from './simulator.js';
export { placesOf } from './places.js';
