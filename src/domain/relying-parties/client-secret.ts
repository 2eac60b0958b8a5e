import { timingSafeEqual } from 'node:crypto';
import { newToken, tokenHash } from '../../platform/ids.ts';
import { Secret } from '../../platform/secret.ts';
import type { Client } from './client.ts';

/** A secret of 256 random bits. It is shown once; only its SHA-256 is kept, which is enough for a value nobody chose. */
export const newClientSecret = (): Secret => new Secret(newToken(32));

/** Whether a client may have a secret at all. */
export const usesSecret = (method: unknown): boolean =>
  method === 'client_secret_basic' || method === 'client_secret_post';

/** Whether this is the client's secret, or the one before it while both are good; in the same time for any answer. */
export function secretMatches(client: Pick<Client, 'secretHash' | 'previousSecret'>, presented: string): boolean {
  const hash = tokenHash(presented);
  return [client.secretHash, client.previousSecret?.hash]
    .map((known) => known !== undefined && timingSafeEqual(hash, known))
    .includes(true);
}
