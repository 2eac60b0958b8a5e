export type { ClientCard, SampleName, SandboxClients, SandboxPlace } from './clients.ts';
export { createSandboxClients } from './clients.ts';
export type { PersonaCard } from './people.ts';
export { personaCards, totpSecretOf } from './people.ts';
export type { Persona, Told } from './persona.ts';
export { PERSONAS } from './personas.ts';
export { productionFaults, sandboxFaults } from './production-faults.ts';
export type { Credentials, SeedParts } from './seed.ts';
export { seedSandbox } from './seed.ts';
