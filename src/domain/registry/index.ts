export type {
  EnterpriseAnswer,
  EnterpriseRegistry,
  EnterpriseStatus,
  RegisteredEnterprise,
  RegisteredRepresentative,
  RepresentativeRole,
} from './enterprise-registry.ts';
export { ENTERPRISE_CODE } from './enterprise-registry.ts';
export { createHttpEnterpriseRegistry } from './http-enterprise-registry.ts';
export { createHttpPopulationRegistry, POPULATION_ANSWER_LIMIT } from './http-population-registry.ts';
export { createHttpTelephoneRegistry } from './http-telephone-registry.ts';
export { birthdateFits, mismatch, nameKey, sameName } from './matching.ts';
export type {
  ClaimedIdentity,
  CorrectionRequest,
  GuardianshipBasis,
  MismatchReason,
  PopulationRegistry,
  RegisteredContacts,
  RegisteredGuardianship,
  RegisteredPassport,
  RegisteredPerson,
  RegisteredPortrait,
  RegistryMatch,
  Silence,
} from './population-registry.ts';
export { registryUnavailable } from './population-registry.ts';
export type { SimulatedEnterpriseRegistry } from './simulated-enterprise-registry.ts';
export { createSimulatedEnterpriseRegistry } from './simulated-enterprise-registry.ts';
export type {
  RegisterEntry,
  SimulatedPopulationRegistry,
  SimulatedPopulationRegistryParts,
} from './simulated-population-registry.ts';
export { createSimulatedPopulationRegistry } from './simulated-population-registry.ts';
export type { SimulatedTelephoneRegistry } from './simulated-telephone-registry.ts';
export { createSimulatedTelephoneRegistry } from './simulated-telephone-registry.ts';
export type { Ownership, TelephoneRegistry } from './telephone-registry.ts';
export { telephoneUnavailable } from './telephone-registry.ts';
