import { errors } from 'oidc-provider';
import { FAPI_ALGORITHMS } from '../../domain/relying-parties/index.ts';
import type { LibraryClient } from './library-clients.ts';

/** How far ahead a client assertion may expire, in seconds: its replay is remembered for that long. */
const LIFETIME = 10 * 60;

/** How far a clock may run ahead of ours (FAPI 2.0 Security Profile §5.3.2.1: more than 60 seconds is refused). */
const AHEAD = 60;

/** What a verified client assertion (RFC 7523 §3) must still satisfy here; the library has checked signature, iss, exp and nbf. */
export function assertClientAssertion(
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>>,
  { client, issuer, now }: { client: LibraryClient; issuer: string; now: number },
): void {
  if (typeof claims.exp !== 'number' || claims.exp > now + LIFETIME) {
    throw new errors.InvalidClientAuth('expiration of the client_assertion is too far ahead');
  }
  // The library looks at `iat` only where there is no `exp`.
  if (claims.iat !== undefined && (typeof claims.iat !== 'number' || claims.iat > now + AHEAD)) {
    throw new errors.InvalidClientAuth('client_assertion was issued in the future');
  }
  if (claims.sub !== client.clientId) throw new errors.InvalidClientAuth('sub must be the client_id');
  if (client.senid_fapi) {
    // FAPI 2.0 §5.3.2.1: the issuer as one string, and only the profile's algorithms.
    if (claims.aud !== issuer) throw new errors.InvalidClientAuth('aud must be the issuer identifier');
    if (!FAPI_ALGORITHMS.includes(String(header.alg))) throw new errors.InvalidClientAuth('alg is not allowed');
  }
}
