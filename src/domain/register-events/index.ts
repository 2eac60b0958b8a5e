/** Front door: what the population register reports of changes. See README.md. */
export { eventUri, KINDS, type Kind, type Outcome, type Reported } from './event.ts';
export { createRegisterEvents, type RegisterEvents, type Taken } from './register-events.ts';
export { createSimulatedReporter, type Said, type SimulatedReporter } from './simulated-reporter.ts';
export { documentKey } from './store.ts';
export { createTokenReader, type RegisterSigner, type TokenError } from './token.ts';
