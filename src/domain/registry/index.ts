export type {
  ClaimedIdentity,
  CorrectionRequest,
  MismatchReason,
  PopulationRegistry,
  RegisteredContacts,
  RegisteredPerson,
  RegisteredPortrait,
  RegistryMatch,
  Silence,
} from './population-registry.ts';
export { registryUnavailable } from './population-registry.ts';
export type { Ownership, TelephoneRegistry } from './telephone-registry.ts';
export { telephoneUnavailable } from './telephone-registry.ts';
