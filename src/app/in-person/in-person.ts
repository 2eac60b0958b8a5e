import { createInPersonVerifications, type InPersonParts } from '../../domain/in-person/index.ts';
import type { SigningKeys } from '../../domain/signing-keys/index.ts';
import { verificationResult } from '../../oidc/in-person/verification-result.ts';
import { createNames } from '../../oidc/verified-claims/names.ts';
import type { Foundation } from '../foundation.ts';

/** The nouns that a check in presence works with. */
interface Nouns
  extends Pick<
    InPersonParts,
    'journal' | 'subscribers' | 'reported' | 'population' | 'sessions' | 'examineCard' | 'faces' | 'consents' | 'policy'
  > {
  readonly signingKeys: Pick<SigningKeys, 'current'>;
}

/** Checks at relying parties' counters, their answers signed with the keys that sign ID tokens. */
export function inPerson(base: Foundation, { signingKeys, ...nouns }: Nouns) {
  const { settings, database, clock, sandbox } = base;
  const { issuer, inPersonPerMinute: perMinute } = settings;
  const names = createNames({ issuer, sandbox });
  return createInPersonVerifications({
    ...{ database, clock, sealer: base.sealer('in-person'), perMinute },
    ...nouns,
    sign: (concluded) => verificationResult(concluded, { issuer, names, signingKeys }),
  });
}
