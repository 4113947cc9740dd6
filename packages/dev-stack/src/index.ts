/** Temporal and PostgreSQL on this machine from one state folder, and the demo that `plumbline dev` plays on them. */
export { startStack, type Stack, type StackDescription, type StackOptions } from './stack.js';
export type { StackConfiguration, StackPlaces } from './stack-configuration.js';
export type { StateFolder } from './state-folder.js';
export type { InboxMessage } from './inbox-message.js';
export { StackError, InUseError } from './stack-error.js';
export { writeDemoConfiguration } from './demo-config.js';
/** The simulator, which takes the place of the exchange in the demo. */
export { DEMO_ACCOUNT, startSimulator } from '@plumbline/exchange-simulator';
export { acts, setTheScene, type Act, type ActResult, type Claim } from './scenario.js';
export { SimulatorHand, type ScenarioWorld, type Verdict } from './scenario-world.js';
