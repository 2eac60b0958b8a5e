import { proofingsOf } from '../../domain/proofing/index.ts';
import { recoveriesOf } from '../../domain/recovery/index.ts';
import { subjectsOf } from '../../domain/relying-parties/index.ts';
import { remoteProofingsOf } from '../../domain/remote-proofing/index.ts';
import { hasOptional, reproofingsOf, type Subscriber } from '../../domain/subscribers/index.ts';
import type { SelfServiceParts } from '../../journeys/self-service/visitor.ts';
import type { WantedProof } from '../../journeys/wanted-proof.ts';
import { readableClaims } from '../../oidc/claims.ts';
import { OWN_CLIENT_ID, OWN_RETURN_PATH } from '../../oidc/clients/own-client.ts';
import { claimsOf } from '../../oidc/grants.ts';
import { endingOne, endingWrites } from '../../oidc/logout/endings.ts';
import type { SessionExtras } from '../../oidc/models.ts';
import { sessionLifetime } from '../../oidc/provider.ts';
import { liveSessions } from '../../oidc/storage/live-session-store.ts';
import { keepSession, sessionReference } from '../../oidc/storage/session-store.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { birthdate, grouped } from '../../platform/formats.ts';
import { notesOf } from '../../platform/request.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import type { Domain } from '../domain.ts';
import type { Foundation } from '../foundation.ts';
import type { Protocol } from '../protocol.ts';
import { partings } from './partings.ts';

/** What "My account" asks of the rest beside the nouns themselves. */
export function myAccount(base: Foundation, parts: Domain, face: Protocol) {
  const { views, csrf, clock, database, messages } = base;
  const protocolSealer = base.sealer('oidc');
  return {
    ...{ views, csrf, clock, sealer: base.sealer('kept-pages') },
    client: (id) => parts.relyingParties.find(id),
    claimsOf: (asked) => readableClaims(claimsOf(asked)),
    readableClaims,
    factsOf: (subscriber, locale) => factsOf(subscriber, (key) => messages.t(locale, key)),
    isOwn: (id) => id === OWN_CLIENT_ID,
    ...partings(base, parts),
    kept: {
      applications: async (id) => (await parts.applications?.ofAccount(id)) ?? [],
      applicationIds: async (id) => [
        ...((await parts.applications?.idsOf(id)) ?? []),
        ...((await parts.counter?.idsOf(id)) ?? []),
      ],
      counterApplications: async (id) => (await parts.counter?.ofAccount(id)) ?? [],
      proofings: async (id) => {
        const all = await proofingsOf(database, id);
        if (all.every(({ channel }) => channel !== 'remote')) return all;
        const remote = await remoteProofingsOf(database, id);
        return all.map((one) => {
          const fromHome = remote.find(({ proofingId }) => proofingId === one.id);
          return fromHome ? { ...one, fromHome } : one;
        });
      },
      reproofings: (id) => reproofingsOf(database, id),
      recoveries: (id) => recoveriesOf(database, id),
      subjects: (id) => subjectsOf(database, id),
    },
    hasOptional,
    erasingOptional: (subscriber) =>
      parts.subscribers.eraseOptional(subscriber, { kind: 'subscriber', id: subscriber.id }),
    tell: async (kind, subscriber) =>
      parts.notices.queueToAll(kind, await parts.recoveries.addresses.reachable(subscriber), {}),
    write: (writes) => writeTogether(database, writes),
    signInUrl: signInUrl(base),
    remoteOn: base.settings.remoteProofing === 'on',
    session: async (ctx) => {
      const session = await face.provider().Session.get(ctx as never);
      const extras = session as unknown as SessionExtras & { uid: string };
      // On a shared machine it ends with the visit, and must be there for that: parties that it knows are told of its end then.
      if (notesOf(ctx.req).kiosk && session.accountId) {
        const now = clock.now();
        const lifetime = sessionLifetime(extras, epochSeconds(now));
        await writeTogether(database, [keepSession(extras.uid, now, lifetime)]);
      }
      return session.accountId
        ? { accountId: session.accountId, uid: extras.uid, proofs: extras.proofs ?? [] }
        : undefined;
    },
    sessions: (accountId) => liveSessions(database, protocolSealer, { accountId, now: clock.now() }),
    sessionReference,
    endingOne: (subscriberId, reference) => endingOne(parts.ending, subscriberId, reference),
    endingAll: (subscriberId) => endingWrites(parts.ending, subscriberId),
    endingOthers: (subscriberId, exceptUid) => endingWrites(parts.ending, subscriberId, exceptUid),
  } satisfies Partial<SelfServiceParts>;
}

/** What is known of a person, a line each, as a printed page shows it. */
function factsOf(subscriber: Subscriber, t: (key: string) => string): { claim: string; value: string }[] {
  const { gender, phone, address } = subscriber;
  const lines: [string, string | undefined][] = [
    ['name', subscriber.fullName],
    ['birthdate', birthdate(subscriber.birthdate)],
    ['gender', gender && t(`values.gender.${gender}`)],
    ['nationality', subscriber.nationality],
    ['account_type', t(`values.account_type.${subscriber.accountType}`)],
    ['account_level', String(subscriber.accountLevel)],
    ['address', address?.formatted],
    ['phone_number', phone && grouped(phone)],
    ['email', subscriber.email],
    ['nickname', subscriber.nickname],
    ['preferred_username', subscriber.preferredUsername],
    ['profile', subscriber.profile],
    ['website', subscriber.website],
    ['locale', t(`values.locale.${subscriber.locale}`)],
  ];
  return lines.flatMap(([claim, value]) => (value ? [{ claim, value }] : []));
}

/** Where "My account" sends people to sign in: our own provider, as any relying party would. */
function signInUrl({ settings, contexts }: Foundation) {
  return (target: string, wanted?: WantedProof): string => {
    const url = new URL('/authorize', settings.issuer);
    url.search = new URLSearchParams({
      client_id: OWN_CLIENT_ID,
      response_type: 'none',
      // What no `acr` value of level 1 can say: our own client has a floor for this scope (`own-client.ts`).
      scope: wanted?.strong ? 'openid assurance' : 'openid',
      redirect_uri: `${settings.issuer}${OWN_RETURN_PATH}`,
      state: target,
      ...(wanted
        ? {
            acr_values: contexts.acr({
              accountLevel: wanted.accountLevel ?? 1,
              authenticationLevel: wanted.authenticationLevel as 1,
            }),
            max_age: String(wanted.maxAge),
          }
        : {}),
    }).toString();
    return url.href;
  };
}
