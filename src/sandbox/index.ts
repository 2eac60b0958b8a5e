export {
  cards,
  issuedCard,
  openCard,
  presentCardNumber,
  type SandboxCard,
  sandboxAuthority,
  wardsWithCards,
  withdrawnDocuments,
} from './cards/cards.ts';
export { openPassport, passportHolders, passportOf, passports } from './cards/passports.ts';
export { drawCardPicture, drawPerson, MARKS } from './cards/portraits/drawing.ts';
export { look } from './cards/portraits/look.ts';
export type { ClientCard, SampleName, SandboxClients, SandboxPlace } from './clients.ts';
export { createSandboxClients } from './clients.ts';
export { enterpriseCards, SANDBOX_ENTERPRISES, type SandboxEnterprise } from './enterprises.ts';
export { publicJwk, sandboxReporterKey } from './keys.ts';
export type { Newcomer } from './newcomer.ts';
export { NEWCOMERS } from './newcomers.ts';
export { SANDBOX_OPERATORS, type SandboxOperator, seedOperators } from './operators.ts';
export type { PersonaCard } from './people.ts';
export { personaCards, totpSecretOf } from './people.ts';
export type { Persona, Told } from './persona.ts';
export { PERSONAS } from './personas.ts';
export { productionFaults, sandboxFaults } from './production-faults.ts';
export { MAGIC, newcomerCards, sandboxRegister, sandboxTelephones } from './register.ts';
export type { Credentials, SeedParts } from './seed.ts';
export { seedSandbox } from './seed.ts';
