import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWK, jwtVerify } from 'jose';
import type Provider from 'oidc-provider';
import { FAPI_ALGORITHMS } from '../../domain/relying-parties/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { OwnToken } from '../own-token.ts';
import { seenOnce } from '../storage/replay-detection-store.ts';

/** An access token as a request presents it. */
export interface Presented {
  readonly scheme: 'Bearer' | 'DPoP';
  readonly value: string;
  /** What stands in the header DPoP. */
  readonly proof: string;
  readonly method: string;
  /** The address that was asked, by the issuer and without a query. */
  readonly url: string;
}

/** Seconds by which the moment of a proof may be off: clocks differ, and proofs are made for one request. */
const WINDOW = 60;

/**
 * A token of client_credentials that was issued here and has not ended; one that is bound to a key only with a proof by that key
 * for this very request, once (RFC 9449 §4.3, §7).
 */
export async function presentedToken(
  { provider, database, clock }: { readonly provider: Provider; readonly database: Database; readonly clock: Clock },
  presented: Presented,
): Promise<Pick<OwnToken, 'clientId' | 'audiences' | 'scopes'> | undefined> {
  const found = await provider.ClientCredentials.find(presented.value);
  if (!found?.isValid || !found.clientId) return undefined;
  const { aud, scopes, jkt } = found as unknown as {
    readonly aud?: string | string[];
    readonly scopes: ReadonlySet<string>;
    readonly jkt?: string;
  };
  // A bound token alone is a stolen one, and a token that is bound to nothing needs no proof.
  if (found.isSenderConstrained() !== (presented.scheme === 'DPoP')) return undefined;
  if (presented.scheme === 'DPoP') {
    const proof = await proofOf(presented, clock);
    if (!proof || proof.thumbprint !== jkt) return undefined;
    const seen = { clientId: found.clientId, id: `dpop ${found.clientId} ${proof.jti}` };
    const until = new Date(clock.now().getTime() + 2 * WINDOW * 1_000);
    if (!(await seenOnce(database, { ...seen, until }))) return undefined;
  }
  return { clientId: found.clientId, audiences: [aud ?? []].flat(), scopes: [...scopes] };
}

/** What a proof says, when it is one for this request and this token. */
async function proofOf({ value, proof, method, url }: Presented, clock: Clock) {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...FAPI_ALGORITHMS],
      typ: 'dpop+jwt',
      currentDate: clock.now(),
    });
    const { htm, htu, iat, jti, ath } = payload;
    const at = typeof htu === 'string' ? URL.parse(htu) : null;
    if (!at || `${at.origin}${at.pathname}` !== url || htm !== method) return undefined;
    if (typeof iat !== 'number' || Math.abs(epochSeconds(clock.now()) - iat) > WINDOW) return undefined;
    if (ath !== createHash('sha256').update(value).digest('base64url') || typeof jti !== 'string') return undefined;
    return { jti, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk as JWK) };
  } catch (error) {
    // What is no proof proves nothing; anything else is a fault of ours.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}
