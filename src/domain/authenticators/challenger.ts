import { writeTogether } from '../../platform/unit-of-work.ts';
import type { AnyAdapter, Challenge } from './adapter.ts';
import { boundOf, type Parts } from './parts.ts';
import { NOBODY } from './store.ts';
import { accountKey } from './throttles/throttle.ts';
import type { Beginning, Begun, Opening } from './types.ts';

/** Asks for a proof. Nothing is written, unless a message is sent. */
export function createChallenger(parts: Parts) {
  const { database, store, catalogue, sealer, random } = parts;
  return async function begin(opening: Opening): Promise<Begun> {
    const adapter: AnyAdapter = catalogue[opening.kind];
    const locale = opening.locale ?? 'vi';
    if (!adapter.challenged.toVerify) {
      return { begun: true, request: (await adapter.challenge([], random, locale)).request };
    }
    const account = accountKey(opening);
    if (account === undefined) {
      if (!adapter.locate) return { begun: false, reason: 'unknown' };
      const challenge = await adapter.challenge([], random, locale, opening.holderVerified);
      return hand(parts, { adapter, opening, challenge });
    }
    const all = await store.of(database, opening.subscriberId ?? NOBODY, opening.kind);
    const active = all.filter(({ status, id }) => status === 'active' && (opening.authenticatorId ?? id) === id);
    const decoy = active.length === 0;
    const bound = decoy
      ? [adapter.decoy(sealer.keyedHash(`decoy ${opening.kind} ${account}`))]
      : active.map((stored) => boundOf(adapter, stored));
    const challenge = await adapter.challenge(bound, random, locale, opening.holderVerified);
    const authenticatorId = adapter.locate ? undefined : bound[0]?.id;
    return hand(parts, { adapter, opening, challenge, account, authenticatorId, decoy });
  };
}

/** Seals what we expect and sends the message there may be, within its budgets. */
export async function hand(
  parts: Parts,
  asked: {
    readonly adapter: AnyAdapter;
    readonly opening: Opening;
    readonly purpose?: 'sign-in' | 'bind';
    readonly challenge: Challenge<unknown, unknown>;
    readonly account?: string | undefined;
    readonly authenticatorId?: string | undefined;
    readonly beginning?: Beginning | undefined;
    readonly decoy?: boolean;
  },
): Promise<Begun> {
  const { adapter, opening, challenge, account, authenticatorId, beginning, purpose = 'sign-in' } = asked;
  const now = parts.clock.now();
  const { message } = challenge;
  if (message) {
    const from = opening.address === undefined ? {} : { from: opening.address };
    const admitted = await parts.codes.admit(message, { account: account ?? '', ...from });
    if (!admitted.admitted) return { begun: false, reason: 'throttled', retryAfter: admitted.retryAfter };
    const about = opening.subscriberId === undefined ? {} : { subscriberId: opening.subscriberId };
    await writeTogether(parts.database, [
      // To a decoy nothing is sent; the journal's row keeps the time alike.
      ...(asked.decoy ? [] : parts.codes.queue(message, opening.subscriberId)),
      parts.journal.append({
        type: asked.decoy ? 'authentication.failed' : 'notice.queued',
        actor: { kind: 'claimant' },
        ...about,
        detail: {
          kind: adapter.kind,
          purpose,
          ...(asked.decoy ? { reason: 'unknown' } : { channel: message.channel }),
        },
      }),
    ]);
  }
  const scope = { kind: adapter.kind, purpose, sessionKey: opening.sessionKey };
  const expiresAt = new Date(now.getTime() + adapter.lifetime * 1000);
  const issued = { expected: challenge.expected, account, authenticatorId, beginning, expiresAt };
  return { begun: true, challengeId: parts.challenges.issue(scope, issued), request: challenge.request };
}
