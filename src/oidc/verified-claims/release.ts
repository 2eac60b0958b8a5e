import { type FrozenAssurance, type Policy, policyAt, stillHolds } from '../../domain/assurance/index.ts';
import type { AskedValues } from '../../domain/consents/index.ts';
import type { Proofing } from '../../domain/proofing/index.ts';
import type { Client } from '../../domain/relying-parties/index.ts';
import type { Subscriber, Subscribers } from '../../domain/subscribers/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { canonicalJson } from '../../standards/canonical-json.ts';
import {
  type Assured,
  answer,
  askedValues,
  claimsWithin,
  type ElementRequest,
  type VerifiedClaims,
  type VerifiedClaimsRequest,
  verifiedClaims,
  withoutAskedValues,
} from '../../standards/identity-assurance/index.ts';
import { SCOPE_CLAIMS } from '../claims.ts';
import { entitledTo, keepAgreed, keepEntitled, uncarried } from './asked.ts';
import { floorsOfVerified, hearsFromHome } from './floors.ts';
import { createNames, metadataOf, type Names } from './names.ts';
import { assuredOf } from './record.ts';

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
  /**
   * What is recorded of how somebody was verified, the verification that is told first, with handles for one client's sector; with what
   * was proofed from home where the client hears of it.
   */
  known(person: Subscriber, client: Client, hears: { readonly fromHome: boolean }): Promise<readonly Assured[]>;
  /** What leaves: undefined where nothing may, or nothing fits, which is no error (Identity Assurance 1.0 §5.7). */
  release(release: Release): Promise<VerifiedClaims | VerifiedClaims[] | undefined>;
}

export interface VerifiedClaimsParts {
  readonly issuer: string;
  readonly sandbox: boolean;
  readonly subscribers: Pick<Subscribers, 'proofingInForce' | 'identityNumbers'>;
  /** Made for the purpose `verified-claims`. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  readonly clock: Clock;
  /** Bounds how often a claim is held against a value. */
  readonly askedValues?: Pick<AskedValues, 'admit'>;
  /** The proofing over the network by chip and face that counts now. */
  readonly fromHome?: (person: Subscriber) => Promise<Proofing | undefined>;
}

/** Tells relying parties how somebody was verified, and nothing that was not asked for, allowed and agreed to. */
export function createVerifiedClaims(parts: VerifiedClaimsParts): VerifiedClaimsRelease {
  const { clock, subscribers } = parts;
  const names: Names = createNames(parts);
  // The same thing has another handle in each sector, as a person has another `sub` (decisions, "sub").
  const handleFor = (client: Client) => (of: string) =>
    parts.sealer.keyedHash(`${client.relyingParty.legalEntity} ${of}`).subarray(0, 16).toString('base64url');

  /** What was proofed from home is never told in the place of what was in presence. */
  const known: VerifiedClaimsRelease['known'] = async (person, client, hears) => {
    const [base, fromHome] = await Promise.all([
      // Asked at each answer, as a card runs out at midnight and not with a lock.
      subscribers.proofingInForce(person, clock.now()),
      hears.fromHome ? parts.fromHome?.(person) : undefined,
    ]);
    const found = [base, fromHome].filter((one) => one !== undefined);
    if (found.length === 0) return [];
    const numbers = await subscribers.identityNumbers(person.id);
    const all = found.flatMap((proofing) => assuredOf({ person, proofing, numbers }, names, handleFor(client)) ?? []);
    return base?.channel === 'in_person' ? all : all.reverse();
  };

  /**
   * The request as far as it is heard: whether a claim with a value comes back tells whether the value is the person's, so that a
   * client could ask until it knows. Once it has asked too many different ones such claims are as unavailable as what nobody has.
   */
  async function bounded(
    asked: VerifiedClaimsRequest,
    person: Subscriber,
    client: Client,
  ): Promise<VerifiedClaimsRequest> {
    const values = askedValues(asked);
    if (values.length === 0 || !parts.askedValues) return asked;
    const { legalEntity } = client.relyingParty;
    const admitted = await parts.askedValues.admit({
      ...{ subscriberId: person.id, clientId: client.clientId, legalEntity },
      claims: [...new Set(values.map(({ claim }) => claim))],
      hashes: values.map(({ claim, value }) =>
        parts.sealer.keyedHash(`${legalEntity} asks ${person.id} ${claim} ${canonicalJson(value)}`),
      ),
    });
    return admitted ? asked : withoutAskedValues(asked);
  }

  /** The first verification that a request can be answered from. */
  const answerFrom = (asked: ElementRequest, all: readonly Assured[], now: Date): VerifiedClaims | undefined => {
    for (const one of all) {
      const said = answer(asked, one, now);
      // What does not fit the standard's schema is a fault of ours, and leaves nothing.
      if (said) return verifiedClaims.parse(said);
    }
    return undefined;
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
      const claims = claimsWithin(kept);
      if (!stillHolds(frozen, floorsOfVerified(client, claims), policy)) return undefined;
      const all = await known(person, client, { fromHome: hearsFromHome(client, claims) });
      if (all.length === 0) return undefined;
      const heard = await bounded(kept, person, client);
      if (!Array.isArray(heard)) return answerFrom(heard as ElementRequest, all, now);
      const said = heard.flatMap((one: ElementRequest) => answerFrom(one, all, now) ?? []);
      return said.length > 0 ? said : undefined;
    },
  };
}
