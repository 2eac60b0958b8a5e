export { createDatabaseKeystore } from './database-keystore.ts';
export { createFileKeystore } from './file-keystore.ts';
export { signJwt } from './jws.ts';
export type { Algorithm, Custody, KeyState, NamedJwk, SigningKey } from './key.ts';
export { ALGORITHMS } from './key.ts';
export type { KeyDescription } from './key-description.ts';
export type { Keystore } from './keystore.ts';
export type { Rotation, SigningKeys } from './signing-keys.ts';
export { createSigningKeys } from './signing-keys.ts';
