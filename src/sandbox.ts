/** What the launcher calls before it starts the provider. */
export { seed as seedSandbox } from './app/sandbox.ts';
export { sandboxFaults } from './sandbox/index.ts';
