export { type ClientChangesParts, clientChanges, newSecretForChange } from './changes/change-subject.ts';
export type { ClientChange } from './changes/client-change.ts';
export { type KeptParty, partyFindings } from './changes/kept-party.ts';
export { type ResourceServerChangesParts, resourceServerChanges } from './changes/resource-change.ts';
export type { ClientRiskCode } from './changes/risks.ts';
export type {
  Bilingual,
  Client,
  ClientMetadata,
  Contacts,
  Fault,
  InPersonPurpose,
  PkceExemption,
  Purpose,
  RelyingParty,
  Sector,
} from './client.ts';
export { SECTORS } from './client.ts';
export { newClientSecret, secretMatches } from './client-secret.ts';
export type { Expiring } from './expiring.ts';
export type { FileClient, FileFault } from './files/client-files.ts';
export { faultSentence, readClientFiles } from './files/client-files.ts';
export { clientChangeSchema, clientFileSchema } from './files/json-schema.ts';
export { FAPI_ALGORITHMS, fapiFaults } from './metadata/fapi.ts';
export { IN_PERSON_CLAIMS, type InPersonClaim } from './metadata/in-person.ts';
export { isLoopbackHttp } from './metadata/uri.ts';
export type { PartyRecord } from './party-store.ts';
export { toProviderMetadata } from './provider-metadata.ts';
export type { ParsedRegistration, Registration } from './registration.ts';
export { needsSecret, parseRegistration } from './registration.ts';
export type { Registered, RelyingParties, RelyingPartiesParts } from './relying-parties.ts';
export { createRelyingParties } from './relying-parties.ts';
export type { ResourceServer, ResourceServerChange } from './resource-server.ts';
export type { ClientLine, ClientSearch } from './store.ts';
export {
  clientsKnowing,
  countProductionClients,
  countSandboxClients,
  type KnownSubject,
  subjectsOf,
} from './store.ts';
export type { ClientVersion } from './version-store.ts';
