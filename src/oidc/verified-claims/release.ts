import { type Floors, type FrozenAssurance, type Policy, policyAt, stillHolds } from '../../domain/assurance/index.ts';
import type { Client } from '../../domain/relying-parties/index.ts';
import type { Subscriber, Subscribers } from '../../domain/subscribers/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/sealed.ts';
import {
  type Assured,
  answer,
  claimsWithin,
  VERIFIED_CLAIMS,
  type VerifiedClaims,
  verifiedClaims,
} from '../../standards/identity-assurance/index.ts';
import { SCOPE_CLAIMS } from '../claims.ts';
import { entitledTo, keepAgreed, keepEntitled, uncarried } from './asked.ts';
import { createNames, metadataOf, type Names } from './names.ts';
import { assuredOf } from './record.ts';

/** Who strongly is known is told only where they have strongly signed in (Identity Assurance 1.0 §10.2). */
export const LEAST_PROVEN: Floors = { authenticationLevel: 2 };

/** What the floors are that verified claims touch, and the claims within them. */
export const floorsOfVerified = (client: Client, names: readonly string[]): Floors[] => [
  LEAST_PROVEN,
  ...[VERIFIED_CLAIMS, ...names].flatMap((name) =>
    Object.hasOwn(client.claimFloors, name) ? [client.claimFloors[name]!] : [],
  ),
];

/** What one answer is made of. */
export interface Release {
  /** The member `verified_claims` of this very channel. */
  readonly asked: unknown;
  readonly person: Subscriber;
  readonly client: Client;
  /** What the person has agreed to, place by place. */
  readonly agreed: readonly string[];
  /** What was proven at that authorization. */
  readonly frozen: FrozenAssurance | undefined;
}

export interface VerifiedClaimsRelease {
  /** Members of discovery. */
  readonly metadata: ReturnType<typeof metadataOf>;
  /** What is recorded of how somebody was verified, with handles for one client's sector. */
  known(person: Subscriber, client: Client): Promise<Assured | undefined>;
  /** What leaves: undefined where nothing may, or nothing fits, which is no error (Identity Assurance 1.0 §5.7). */
  release(release: Release): Promise<VerifiedClaims | VerifiedClaims[] | undefined>;
}

export interface VerifiedClaimsParts {
  readonly issuer: string;
  readonly sandbox: boolean;
  readonly subscribers: Pick<Subscribers, 'proofing' | 'identityNumbers'>;
  /** Made for the purpose `verified-claims`. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  readonly clock: Clock;
}

/** Tells relying parties how somebody was verified, and nothing that was not asked for, allowed and agreed to. */
export function createVerifiedClaims(parts: VerifiedClaimsParts): VerifiedClaimsRelease {
  const { clock, subscribers } = parts;
  const names: Names = createNames(parts);
  // The same thing has another handle in each sector, as a person has another `sub` (decisions, "sub").
  const handleFor = (client: Client) => (of: string) =>
    parts.sealer.keyedHash(`${client.relyingParty.legalEntity} ${of}`).subarray(0, 16).toString('base64url');

  const known: VerifiedClaimsRelease['known'] = async (person, client) => {
    const proofing = await subscribers.proofing(person.id);
    if (!proofing) return undefined;
    const numbers = await subscribers.identityNumbers(person.id);
    return assuredOf({ person, proofing, numbers }, names, handleFor(client));
  };

  return {
    metadata: metadataOf(names),
    known,
    async release({ asked: member, person, client, agreed, frozen }) {
      const asked = uncarried(member);
      // Asked again at each answer: a client may have lost since then what it was allowed.
      const entitled = asked && keepEntitled(asked, entitledTo(client, SCOPE_CLAIMS));
      const kept = entitled && keepAgreed(entitled, agreed);
      if (!kept || !frozen) return undefined;
      const now = clock.now();
      const policy = policyAt(epochSeconds(now), await parts.policy());
      if (!stillHolds(frozen, floorsOfVerified(client, claimsWithin(kept)), policy)) return undefined;
      const assured = await known(person, client);
      const said = assured && answer(kept, assured, now);
      // What does not fit the standard's schema is a fault of ours, and leaves nothing.
      return Array.isArray(said) ? said.map((one) => verifiedClaims.parse(one)) : said && verifiedClaims.parse(said);
    },
  };
}
