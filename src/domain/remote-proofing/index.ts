/** Front door: proofings over the network, by chip, face and register. See README.md. */
export type { Hindrance, ReadEnd, Refused, RemoteParts, Step, Visit } from './parts.ts';
export { type PastRemote, remoteProofingsOf } from './record-store.ts';
export { createRemoteProofings, type RemoteProofings, type Sitting } from './remote-proofings.ts';
