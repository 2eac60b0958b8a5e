import type { EventMessage } from '../../domain/deliveries/index.ts';
import { type Algorithm, type SigningKeys, signJwt } from '../../domain/signing-keys/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';

/** By what name a token says what has happened: ours, because no profile has a word for it (RFC 8417 §2.2). */
export const eventUri = (issuer: string, event: EventMessage['event']): string => `${issuer}/events/${event}`;

/**
 * A security event token (RFC 8417): typed, without an `exp`, about the person as this client knows them (RFC 9493 §3.2.5).
 * `jti` is the delivery's: the same in every attempt, so that whoever gets it twice takes it once.
 */
export function securityEventToken(
  message: EventMessage & { readonly jti: string; readonly algorithm: Algorithm },
  { issuer, signingKeys, clock }: { issuer: string; signingKeys: Pick<SigningKeys, 'current'>; clock: Clock },
): Promise<string> {
  const { clientId, sub, event, detail, jti, algorithm } = message;
  const claims = {
    iss: issuer,
    aud: clientId,
    iat: epochSeconds(clock.now()),
    jti,
    sub_id: { format: 'iss_sub', iss: issuer, sub },
    events: { [eventUri(issuer, event)]: detail },
  };
  return signJwt(signingKeys.current(algorithm), { typ: 'secevent+jwt', claims });
}
