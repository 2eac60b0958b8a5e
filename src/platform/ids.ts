import { hash, randomBytes, randomUUID } from 'node:crypto';

/** A random row key (UUID version 4). Never a bearer value. */
export const newId = (): string => randomUUID();

/** A bearer value of `bytes` random bytes as base64url; 32 bytes are 256 bits (RFC 6749 §10.10 asks 128 or more). */
export const newToken = (bytes = 32): string => randomBytes(bytes).toString('base64url');

/** SHA-256 of a random bearer value: what is stored in its place. Not for values that people choose: those need a keyed hash. */
export const tokenHash = (token: string): Buffer => hash('sha256', token, 'buffer');
