import type { AuthenticatorKind, Proof } from '../../domain/assurance/index.ts';
import type { Subscriber } from '../../domain/subscribers/index.ts';
import { go, knownAccount, offered, type Standing, standing, type Visit } from './journey.ts';
import { accountUnusable, showOneWay, showSignIn, showStepUp, showUnmet } from './pages.ts';

/** The person who has begun here, or whose session this is, with where they stand. */
export async function knownStanding(visit: Visit): Promise<Standing | undefined> {
  const account = knownAccount(visit);
  const subscriber = account ? await visit.parts.subscribers.find(account) : undefined;
  if (subscriber?.state !== 'active') return undefined;
  return standing(visit, subscriber, visit.paused.journey.proofs ?? []);
}

/** The page this interaction stands at. */
export async function showNext(visit: Visit): Promise<void> {
  const stand = await knownStanding(visit);
  return stand ? goOn(visit, stand, visit.paused.journey.proofs ?? []) : showSignIn(visit);
}

/** Something was proven: it is added to what counts, and the journey goes on. */
export async function proven(visit: Visit, subscriber: Subscriber | undefined, proof: Proof): Promise<void> {
  if (subscriber?.state !== 'active') throw accountUnusable();
  const { journey } = visit.paused;
  // What another account proved before in this interaction is nobody's business any more.
  const earlier = journey.subscriberId === subscriber.id ? (journey.proofs ?? []) : [];
  const proofs = [...earlier.filter((one) => one.authenticatorId !== proof.authenticatorId), proof];
  return goOn(visit, await standing(visit, subscriber, proofs), proofs);
}

/** Finished, the next proof, or the end of what this account can do. */
async function goOn(visit: Visit, stand: Standing, proofs: readonly Proof[]): Promise<void> {
  const { paused, ctx } = visit;
  const { outcome, subscriber } = stand;
  const last = proofs.at(-1)?.kind ?? 'session';
  if (outcome.met) {
    visit.parts.metrics.login({ kind: last, level: outcome.reached.authenticationLevel, outcome: 'success' });
    return go(ctx, await paused.signedIn(subscriber.id, proofs));
  }
  if (proofs.length > 0) await paused.keep({ ...paused.journey, subscriberId: subscriber.id, proofs });
  const kinds = outcome.reachable ? offered(outcome.next.kinds) : [];
  if (!outcome.reachable || kinds.length === 0) {
    visit.parts.metrics.login({ kind: last, level: outcome.reached.authenticationLevel, outcome: 'unmet' });
    return showUnmet(visit, stand);
  }
  // Somebody who was already signed in is told why first.
  if (proofs.length === 0) return showStepUp(visit, stand);
  // In the middle of a sign-in the next factor simply follows, one that was not just used where there is one.
  const isUsed = (kind: AuthenticatorKind): boolean => proofs.some((proof) => proof.kind === kind);
  const next = kinds.find((kind) => !isUsed(kind)) ?? kinds[0]!;
  // A key that answered without knowing its holder would be asked again for no visible reason.
  const unverified = next === 'passkey' && isUsed(next) && !proofs.some((proof) => proof.userVerified);
  return showOneWay(visit, stand, next, unverified ? { notice: 'passkey.not-verified' } : {});
}

/** Back to the relying party: what was asked cannot be met. */
export async function takeUnmet(visit: Visit): Promise<void> {
  const described = 'the requested authentication requirements cannot be met by this account';
  go(visit.ctx, await visit.paused.refused('unmet_authentication_requirements', described));
}

/** Back to the relying party, because the person wants it so. */
export async function takeCancel(visit: Visit): Promise<void> {
  go(visit.ctx, await visit.paused.refused('access_denied', 'the end-user cancelled'));
}
