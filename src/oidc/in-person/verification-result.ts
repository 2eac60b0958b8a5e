import type { Concluded } from '../../domain/in-person/index.ts';
import { type SigningKeys, signJwt } from '../../domain/signing-keys/index.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { verifiedClaims } from '../../standards/identity-assurance/index.ts';
import { type Names, PRESENCE } from '../verified-claims/names.ts';

/** Seconds that a result is good for: whoever waits longer asks the person again. */
export const RESULT_LIFETIME = 5 * 60;

type Verified = Extract<Concluded, { verified: true }>;

/**
 * What came of a check in presence, for one client and one nonce: typed, so that it passes for no ID token and no logout token
 * (RFC 8725 §3.11). No `sub`: the client did not ask who this is beyond its claims, and two results cannot be joined by us.
 */
export function verificationResult(
  concluded: Concluded,
  {
    issuer,
    names,
    signingKeys,
  }: { readonly issuer: string; readonly names: Names; readonly signingKeys: Pick<SigningKeys, 'current'> },
): Promise<string> {
  const { clientId, asked, at, policy } = concluded;
  const iat = epochSeconds(at);
  const claims = {
    ...{ iss: issuer, aud: clientId, iat, exp: iat + RESULT_LIFETIME, jti: newId(), nonce: asked.nonce },
    ...{ purpose: asked.purpose, verified: concluded.verified, assurance_policy: names.assurancePolicy(policy) },
    ...(concluded.verified
      ? { reasons: [], checks: checksOf(concluded), verified_claims: claimsOf(concluded, names) }
      : { reasons: [concluded.reason] }),
  };
  return signJwt(signingKeys.current('ES256'), { typ: 'verification-result+jwt', claims });
}

/** What was looked at, and who said so. */
const checksOf = ({ checks }: Verified) => ({
  card: checks.card === 'chip' ? 'chip_authentication' : 'active_authentication',
  security_object: checks.vouched ? 'issuer_vouched' : 'passive_authentication',
  card_status: checks.cardStatus === 'nobody' ? 'not_asked' : checks.cardStatus,
  face: checks.face ? 'match' : 'not_asked',
  register: checks.register ? 'confirmed' : 'not_asked',
});

/** In the form of OpenID Connect for Identity Assurance: how, and then exactly what was asked. */
function claimsOf({ checks, claims, at, policy }: Verified, names: Names) {
  const verification = {
    trust_framework: names.framework(PRESENCE),
    assurance_level: checks.face ? 'presence-chip-face' : 'presence-chip',
    // Without fractions, in UTC: a zone tells where somebody was (Identity Assurance 1.0 §9).
    time: `${at.toISOString().slice(0, 19)}Z`,
    assurance_process: { policy: names.assurancePolicy(policy) },
    evidence: [
      {
        type: 'document',
        // What the country signed or, without its chain, the issuer knows as its own; the chip's proof that it is no copy; and the face.
        check_details: [checks.vouched ? 'data' : 'vcrypt', 'vcrypt', ...(checks.face ? ['bvp'] : [])].map(method),
        document_details: { type: 'idcard' },
      },
      ...(checks.register
        ? [
            {
              ...{ type: 'electronic_record', check_details: ['data'].map(method) },
              record: { type: 'population_register' },
            },
          ]
        : []),
    ],
  };
  // What does not fit the standard's schema is a fault of ours, and leaves nothing.
  return verifiedClaims.parse({ verification, claims });
}

const method = (check_method: string) => ({ check_method });
