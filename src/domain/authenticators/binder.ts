import type { Queryable } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Policy } from '../assurance/index.ts';
import type { Actor, EventDetail, JournalEvent } from '../audit/index.ts';
import type { AnyAdapter, Binder, BindRejection, SubscriberToBind, Verdict } from './adapter.ts';
import type { ChipCardBinding } from './adapters/chip-card.ts';
import { beginningOf, isAlone, mayChange } from './authority.ts';
import type { BindableKind } from './catalogue.ts';
import { hand } from './challenger.ts';
import type { IssuedChallenge } from './challenges.ts';
import { answeredBy, withBeginning } from './changes/finishing.ts';
import { heldForChange } from './changes/holding.ts';
import { boundOf, isReplayed, isThatVeryOne, type Parts, replayed, shown } from './parts.ts';
import type { StoredAuthenticator } from './store.ts';
import type { Counter } from './throttles/throttle.ts';
import { forgetCounter, giveBack, reserve } from './throttles/throttle-store.ts';
import type { Authenticator, Authority, Begun, Binding, Opening } from './types.ts';

/** More than anybody needs; what a stolen session could pile up stays bounded. */
const MOST = 20;

class Bound extends Error {}
const alreadyBound = (): Error => new Bound('already bound');

type BindVerdict = Verdict<
  { readonly authenticator: Authenticator; readonly endsOtherSessions: boolean },
  BindRejection
>;
const no = (reason: BindRejection, retryAfter?: number): BindVerdict & { verified: false } => ({
  verified: false,
  reason,
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

/** Binds authenticators: asks, verifies, and stores with the journal's event and the notice in one statement. */
export function createBinder(parts: Parts) {
  const { database, store, sealer, clock, catalogue } = parts;

  type Asked = Pick<Binding, 'subscriber' | 'along'>;
  const binderOf = ({ subscriber, along }: Asked, all: readonly StoredAuthenticator[], kind: BindableKind): Binder => ({
    ...subscriber,
    handle: sealer.keyedHash(`handle ${subscriber.id}`),
    alone: bringsNone(along) && isAlone(all.filter((one) => one.kind !== kind)),
  });
  const ask = (adapter: AnyAdapter, asked: Asked, all: readonly StoredAuthenticator[]) => {
    const kind = adapter.kind as BindableKind;
    const bound = all.filter((one) => one.kind === kind).map((one) => boundOf(adapter, one));
    return adapter.challengeToBind(binderOf(asked, all, kind), bound, parts.random);
  };

  return {
    async begin(opening: Opening & { subscriber: SubscriberToBind; authority: Authority }): Promise<Begun> {
      const { kind, subscriber, authority } = opening;
      const adapter: AnyAdapter = catalogue[kind];
      const all = await store.of(database, subscriber.id);
      const at = { now: clock.now(), policy: await parts.policy(), faces: parts.faces };
      if (!mayChange(authority, all, at)) return { begun: false, reason: 'step_up_needed' };
      const challenge = await ask(adapter, { subscriber }, all);
      if (!adapter.challenged.toBind) return { begun: true, request: challenge.request };
      const account = `subscriber ${subscriber.id}`;
      return hand(parts, {
        adapter,
        opening: { ...opening, subscriberId: subscriber.id },
        purpose: 'bind',
        challenge,
        account,
        beginning: beginningOf(authority, all, at),
      });
    },

    async bind(request: Binding): Promise<BindVerdict> {
      const { kind, subscriber } = request;
      const adapter: AnyAdapter = catalogue[kind];
      const now = clock.now();
      const answered = answeredBy(parts, request, now);
      const authority = withBeginning(request.authority, answered);
      const response = adapter.responseToBind.safeParse(request.response);
      if (!response.success) return no('malformed');

      const all = await store.of(database, subscriber.id);
      const policy = await parts.policy();
      if (!mayChange(authority, all, { now, policy, faces: parts.faces })) return no('step_up_needed');
      const asked = await expectedOf(parts, adapter, { request, answered }, now);
      if ('verified' in asked) return asked;
      const expected = adapter.expected.parse(asked.challenge?.expected ?? (await ask(adapter, request, all)).expected);
      const ceremony = `bind subscriber ${subscriber.id} ${request.sessionKey}`;
      const verdict = await adapter.bind(expected, response.data, now, ceremony);
      if (!verdict.verified) {
        // Nobody has looked: that was no try.
        if (verdict.reason === 'busy') await writeTogether(database, [giveBack(asked.counted ?? [], false)]);
        // A forged card, or somebody else's face, is worth knowing; a mistyped code is not.
        if (verdict.refusal || verdict.face)
          await writeTogether(database, [
            parts.journal.append(refusedBinding(request, verdict)),
            ...(verdict.settling ?? []),
          ]);
        const { detail: _, settling: __, ...said } = verdict;
        return said;
      }

      const change = adapter.single && all.some((one) => one.kind === kind) ? 'changed' : 'bound';
      const name = (request.name ?? '').normalize('NFC').trim().slice(0, 60) || kind;
      // Before the transaction: who writes these reads first, and must not wait for a second connection inside it.
      const { along } = request;
      const accompanying = [
        ...(await parts.notify({ change, subscriberId: subscriber.id, kind, name })),
        ...(endsOthers(change) || along?.lost ? ((await request.ending?.()) ?? []) : []),
        ...(await toldOfLost(all, request)),
        ...(along?.card && !all.some((one) => isCard(one, along.card))
          ? await parts.notify({ change: 'bound', subscriberId: subscriber.id, kind: 'chip-card', name: 'chip-card' })
          : []),
        ...((await along?.writes()) ?? []),
        ...(verdict.settling ?? []),
      ];
      try {
        return await database.transaction((transaction) =>
          put(transaction, {
            ...request,
            ...{ authority, adapter, now, policy, change, name, accompanying },
            ...{ binding: verdict.binding, challenge: asked.challenge },
          }),
        );
      } catch (error) {
        if (error instanceof Bound) return no('already_bound');
        if (isReplayed(error)) return no('replayed');
        throw error;
      }
    },
  };

  /** Everything that goes with a recovery is told by name, as though it had been unbound by itself. */
  async function toldOfLost(all: readonly StoredAuthenticator[], { subscriber, along }: Binding) {
    const told = all
      .filter(({ id }) => along?.lost?.includes(id))
      .map(({ kind, name }) => parts.notify({ change: 'unbound', subscriberId: subscriber.id, kind, name }));
    return (await Promise.all(told)).flat();
  }

  /** What was lost in a recovery goes, and the telephone is bound that stands beside a password. */
  function takenAlong(
    { lost, kept }: Record<'lost' | 'kept', readonly StoredAuthenticator[]>,
    { subscriber, authority, along }: Binding,
    now: Date,
  ) {
    const subscriberId = subscriber.id;
    const gone = lost.flatMap((one) => {
      const adapter: AnyAdapter = catalogue[one.kind];
      return [
        ...store.remove(one, adapter.locator?.(boundOf(adapter, one).binding), replayed),
        parts.journal.append(changeEvent('unbound', { subscriberId, kind: one.kind, id: one.id, authority })),
      ];
    });
    const beside = (kind: 'message-otp' | 'chip-card', binding: unknown): Write[] => {
      const made = { id: newId(), subscriberId, kind };
      const locator = catalogue[kind].locator?.(binding as never);
      return [
        ...store.insert({ ...made, name: kind, binding, locator, now, lost: alreadyBound }),
        parts.journal.append(changeEvent('bound', { ...made, authority })),
      ];
    };
    const { phone, card } = along ?? {};
    return [
      ...gone,
      ...(phone === undefined || kept.some((one) => codesGoTo(one, phone)) ? [] : beside('message-otp', { phone })),
      ...(!card || kept.some((one) => isCard(one, card)) ? [] : beside('chip-card', card)),
    ];
  }

  async function put(
    transaction: Queryable,
    made: Binding & {
      adapter: AnyAdapter;
      binding: unknown;
      challenge?: IssuedChallenge | undefined;
      now: Date;
      policy: Policy;
      change: 'bound' | 'changed';
      name: string;
      /** Notices, and what ends with the change. */
      accompanying: readonly Write[];
    },
  ): Promise<BindVerdict> {
    const { adapter, kind, subscriber, authority, binding, challenge, now, policy, change, name } = made;
    // Read again under the lock: between the question and now another request may have changed what there is.
    const all = await heldForChange(parts, transaction, { subscriberId: subscriber.id, authority, policy });
    if (!all) return no('step_up_needed');
    const old = adapter.single ? all.find((one) => one.kind === kind) : undefined;
    if (old && isThatVeryOne(old, binding))
      return { verified: true, authenticator: shown(old), endsOtherSessions: false };
    if ((old !== undefined) !== (change === 'changed')) return no('already_bound');
    const { along } = made;
    const lost = all.filter((one) => one !== old && along?.lost?.includes(one.id));
    const others = all.filter((one) => one !== old && !lost.includes(one));
    // What goes in the same act makes room: whoever has lost all of twenty is not kept out by them.
    if (!old && others.length >= MOST) return no('too_many');
    const alone = isAlone(others) && bringsNone(along);
    if (kind === 'password' && alone && !(binding as { alone: boolean }).alone) return no('too_short');
    const id = old?.id ?? newId();
    const writes: Write[] = [
      ...(old
        ? [store.replace(old, binding, name, now, replayed)]
        : store.insert({
            id,
            subscriberId: subscriber.id,
            kind,
            name,
            binding,
            locator: adapter.locator?.(binding),
            now,
            lost: alreadyBound,
          })),
      ...(challenge ? [store.spend(challenge.hash, challenge.expiresAt, replayed)] : []),
      ...takenAlong({ lost, kept: others }, made, now),
      // What was guessed against the old one says nothing about the new one.
      forgetCounter(parts.throttle.authenticatorKey(kind, `subscriber ${subscriber.id}`)),
      parts.journal.append(changeEvent(change, { subscriberId: subscriber.id, kind, id, authority })),
      ...made.accompanying,
    ];
    await writeTogether(transaction, writes);
    const authenticator = shown({
      id,
      subscriberId: subscriber.id,
      kind,
      name,
      status: 'active',
      binding,
      revision: 1,
      createdAt: now,
    });
    return { verified: true, authenticator, endsOtherSessions: endsOthers(change) };
  }
}

/** Whether no second factor comes along with it. */
const bringsNone = (along: Binding['along']): boolean => along?.phone === undefined && along?.card === undefined;

/** Whether one-time codes go to this telephone already. */
const codesGoTo = ({ kind, status, binding }: StoredAuthenticator, phone: string | undefined): boolean =>
  kind === 'message-otp' && status === 'active' && (binding as { phone: string }).phone === phone;

/** Whether it is this very card: whoever bound theirs before they came back to a counter has it. */
const isCard = ({ kind, binding }: StoredAuthenticator, card: ChipCardBinding | undefined): boolean =>
  kind === 'chip-card' && (binding as ChipCardBinding).key === card?.key;

/** A changed secret ends what was opened with the old one (abuse case 35). */
const endsOthers = (change: 'bound' | 'changed'): boolean => change === 'changed';

/** The challenge that is answered, where there is one; each answer is counted before it is looked at. */
async function expectedOf(
  parts: Parts,
  adapter: AnyAdapter,
  { request: { kind, subscriber }, answered: challenge }: { request: Binding; answered: IssuedChallenge | undefined },
  now: Date,
): Promise<{ challenge?: IssuedChallenge; counted?: readonly Counter[] } | (BindVerdict & { verified: false })> {
  if (!adapter.challenged.toBind) return {};
  if (!challenge) return no('expired');
  const id = challenge.hash.toString('hex');
  const answers = { id, most: adapter.answersPerChallenge, lifetime: adapter.lifetime };
  const counted = adapter.countsToBind ? [parts.throttle.ofKind(kind, `subscriber ${subscriber.id}`)] : [];
  const counters = [...parts.throttle.binding(answers), ...counted];
  const { refused_by, retry_after } = await reserve(parts.database, counters, now);
  if (refused_by > 1) return no('throttled', retry_after);
  return refused_by > 0 ? no(adapter.answersPerChallenge === 1 ? 'replayed' : 'expired') : { challenge, counted };
}

/** The journal's event of a card that was not bound. */
const refusedBinding = (
  { kind, subscriber: { id } }: Binding,
  { reason, refusal, detail }: { reason: string; refusal?: string; detail?: EventDetail },
): JournalEvent => ({
  type: 'authentication.failed',
  actor: { kind: 'subscriber', id },
  subscriberId: id,
  detail: { kind, purpose: 'bind', reason, ...(refusal ? { refusal } : {}), ...detail },
});

/** The journal's event of a change. */
export function changeEvent(
  change: 'bound' | 'changed' | 'unbound',
  about: { subscriberId: string; kind: BindableKind; id: string; authority: Authority },
): JournalEvent {
  const { subscriberId, kind, id, authority } = about;
  const actor: Actor =
    authority.by === 'subscriber' || authority.by === 'recovery'
      ? { kind: 'subscriber', id: subscriberId }
      : authority.by === 'operator'
        ? { kind: 'operator', id: authority.operatorId }
        : { kind: 'system' };
  const recovery = authority.by === 'recovery' ? { recovery: authority.recoveryId } : {};
  return { type: `authenticator.${change}`, actor, subscriberId, detail: { kind, authenticator: id, ...recovery } };
}
