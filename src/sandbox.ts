/** What the launcher calls before it starts the provider. */
export { seed as seedSandbox, seedPeople } from './app/sandbox.ts';
export { sandboxFaults } from './sandbox/index.ts';
