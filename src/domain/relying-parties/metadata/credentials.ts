import type { Client, Fault } from '../client.ts';
import { usesSecret } from '../client-secret.ts';

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const kidsOf = (jwks: unknown): unknown[] => {
  const { keys } = record(jwks);
  return Array.isArray(keys) ? keys.map((key) => record(key).kid) : [];
};

/** The faults between the credentials of a registration and the days they end on. */
export function credentialFaults(input: Record<string, unknown>): Fault[] {
  const metadata = record(input.metadata);
  const faults: Fault[] = [];
  for (const kid of Object.keys(record(input.keyExpiry))) {
    // A kid of a jwks_uri is known to whoever keeps that address; here only what stands here can be looked up.
    if (metadata.jwks_uri === undefined && !kidsOf(metadata.jwks).includes(kid))
      faults.push({ path: `keyExpiry.${kid}`, message: 'The key set has no key of this kid.' });
  }
  if (input.secretExpiresAt !== undefined && !usesSecret(metadata.token_endpoint_auth_method))
    faults.push({ path: 'secretExpiresAt', message: 'This client has no secret.' });
  return faults;
}

/**
 * The client as it may be used now: expired keys and secrets are gone from it, so that nothing which reads it can accept them.
 * `goodUntil` says when the next one expires.
 */
export function usableAt(client: Client, now: Date): Client {
  const { previousSecret, secretHash, ...rest } = client;
  const gone = (until: string | Date): boolean => new Date(until) <= now;
  const expired = Object.entries(client.keyExpiry ?? {}).flatMap(([kid, until]) => (gone(until) ? [kid] : []));
  const ends = [
    ...Object.values(client.keyExpiry ?? {}),
    ...(client.secretExpiresAt === undefined ? [] : [client.secretExpiresAt]),
    ...(previousSecret ? [previousSecret.until] : []),
  ];
  const next = ends.flatMap((until) => (gone(until) ? [] : [new Date(until).getTime()]));
  const jwks = client.metadata.jwks as { keys: { kid?: string }[] } | undefined;
  return {
    ...rest,
    ...(secretHash && !(client.secretExpiresAt !== undefined && gone(client.secretExpiresAt)) ? { secretHash } : {}),
    ...(previousSecret && !gone(previousSecret.until) ? { previousSecret } : {}),
    ...(expired.length === 0
      ? {}
      : jwks
        ? {
            metadata: {
              ...client.metadata,
              jwks: { ...jwks, keys: jwks.keys.filter(({ kid }) => !expired.includes(kid ?? '')) },
            },
          }
        : { expiredKeys: expired }),
    ...(next.length === 0 ? {} : { goodUntil: new Date(Math.min(...next)) }),
  };
}
