import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { jwksFaults } from '../metadata/jwks.ts';
import type { ClientChange } from './client-change.ts';

/** What kind of key makes signatures of each algorithm. */
const KEYS_OF: Readonly<Record<string, { readonly kty: string; readonly crv?: string }>> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  PS256: { kty: 'RSA' },
  RS256: { kty: 'RSA' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
};

type Key = JsonWebKey & { readonly kid?: string; readonly use?: string; readonly alg?: string };

/** The algorithms that a client's keys must be good for; an empty one stands for any. */
function algorithmsOf({ metadata }: ClientChange): string[] {
  const authentication = metadata.token_endpoint_auth_signing_alg ?? '';
  return [
    ...(metadata.token_endpoint_auth_method === 'private_key_jwt' ? [authentication as string] : []),
    ...(typeof metadata.request_object_signing_alg === 'string' ? [metadata.request_object_signing_alg] : []),
  ];
}

/** Everything that keeps a client from signing with this key set at a moment: faults of the set, keys that are none, none that fits. */
export function keySetFaults(jwks: unknown, client: ClientChange, now: Date): string[] {
  const faults = jwksFaults(jwks).map(({ path, message }) => `${path}: ${message}`);
  if (faults.length > 0) return faults;
  const { keys } = jwks as { keys: readonly Key[] };
  const unusable = keys.flatMap((key, index) => (isKey(key) ? [] : [`keys.${index}: This is no key of its kind.`]));
  const good = keys.filter((key) => isKey(key) && key.use !== 'enc' && !hasExpired(key, client, now));
  const missing = algorithmsOf(client)
    .filter((algorithm) => !good.some((key) => fits(key, algorithm)))
    .map((algorithm) => `No key that is good today makes ${algorithm || 'any'} signatures.`);
  return [...unusable, ...missing];
}

const hasExpired = ({ kid }: Key, { keyExpiry = {} }: ClientChange, now: Date): boolean =>
  kid !== undefined && Object.hasOwn(keyExpiry, kid) && new Date(keyExpiry[kid]!) <= now;

/** The point is on its curve, the modulus a number: what only an import finds out. */
function isKey(key: Key): boolean {
  try {
    createPublicKey({ key, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

function fits(key: Key, algorithm: string): boolean {
  if (algorithm === '') return true;
  const wanted = KEYS_OF[algorithm];
  return (
    wanted !== undefined &&
    key.kty === wanted.kty &&
    (wanted.crv === undefined || key.crv === wanted.crv) &&
    (key.alg === undefined || key.alg === algorithm)
  );
}
