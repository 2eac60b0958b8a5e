import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { ASSURANCE_POLICY, type Policy } from '../assurance/index.ts';
import type { Actor, EventDetail, Journal } from '../audit/index.ts';
import type { Proofing } from '../proofing/index.ts';
import type { ContactChange } from './contacts.ts';
import { createContactChanges } from './contacts.ts';
import { parseIdentifier } from './identifier.ts';
import { createLowering } from './level/lowering.ts';
import { createRechecking } from './level/rechecking.ts';
import { createRecording } from './level/recording.ts';
import { type AnewGround, createRecords } from './level/records.ts';
import type { Lock, LockGround } from './lock.ts';
import { createLocking, isMourned } from './locking.ts';
import { createRegistering, isBad, isTaken } from './opening/registering.ts';
import { createUpgrading, type Raised } from './opening/upgrading.ts';
import { withoutOptional } from './optional.ts';
import { createRegisterChanges, type RegisterChanges } from './register-changes.ts';
import * as store from './store.ts';
import type { Applicant, Subscriber } from './subscriber.ts';
import type { Viewing } from './viewing.ts';

/** A number in a person's history. */
export interface IdentityNumber {
  readonly id: string;
  readonly number: string;
  readonly kind: 'personal' | 'foreigner';
  readonly validFrom: Date;
  readonly cancelledAt?: Date;
}

/** Why somebody was not registered. */
export type Refusal =
  | { readonly reason: 'faulty'; readonly faults: readonly string[] }
  | { readonly reason: 'number_taken' | 'phone_taken' }
  /** The register says that this number does not stand: its holder has died, it was cancelled, or its card was taken away. */
  | { readonly reason: 'number_bad' };

/** What ends with an account: its sessions, refresh tokens and pending interactions. Part of the same statement. */
export type EndingWrites = (subscriberId: string) => readonly Write[] | Promise<readonly Write[]>;

/** The people with an account. */
export interface Subscribers extends RegisterChanges {
  /** One statement by primary key, open locks included. */
  find(id: string): Promise<Subscriber | undefined>;
  /** By identity number or telephone, however it is written. One statement, or none when it can be neither. */
  locate(identifier: string): Promise<Subscriber | undefined>;
  /** The same for somebody who is not that person: journalled before it is answered, whether anybody is found or not. */
  view(identifier: string, viewing: Viewing): Promise<Subscriber | undefined>;
  /** The number in force. */
  identityNumber(id: string): Promise<string | undefined>;
  /** Every number the person ever had, the one in force first. */
  identityNumbers(id: string): Promise<IdentityNumber[]>;
  /** How the person was proofed: the record that the account rests on. An account without one has none. */
  proofing(id: string): Promise<Proofing | undefined>;
  /**
   * The same while every document that it rests on is in force, and a policy that is believed carries it: the one that it names.
   * `now` where another moment is asked about.
   */
  proofingInForce(
    person: Pick<Subscriber, 'id' | 'birthdate' | 'reproofingRequiredSince'>,
    now?: Date,
  ): Promise<Proofing | undefined>;
  /** Why an officer receives somebody whose level 2 is recorded; undefined while it counts and its record is in force. */
  anewGround(subscriber: Subscriber): Promise<AnewGround | undefined>;
  /** Whether somebody acts with level 2 of their own, and goes on to until the transaction ends. */
  holdingLevel2(transaction: Queryable, id: string): Promise<boolean>;
  /** Whether the account stands, unlocked, and goes on to until the transaction ends. */
  holdingUnlocked(transaction: Queryable, id: string): Promise<boolean>;
  /** Opens an account; level 2 with the proofing record it rests on. `cardUntil`, `passportUntil`: last days, ISO 8601. */
  register(
    applicant: Applicant,
    options: { by: Actor; proofing?: Proofing; id?: string; cardUntil?: string; passportUntil?: string },
  ): Promise<{ readonly registered: true; readonly id: string } | ({ readonly registered: false } & Refusal)>;
  /**
   * The same as writes, for whoever has more to write in the same act. A number or telephone that is taken, or a number that the
   * register reports, is only found when they are written: `registrationRefused` says what the error was.
   */
  registering(
    applicant: Applicant,
    options: {
      by: Actor;
      proofing?: Proofing;
      id?: string;
      cardUntil?: string | undefined;
      passportUntil?: string | undefined;
      detail?: EventDetail;
    },
  ):
    | { readonly fit: true; readonly id: string; readonly writes: readonly Write[] }
    | { readonly fit: false; readonly faults: readonly string[] };
  /** Raises an account, or proves its level 2 anew, as writes; one that was changed, locked or closed meanwhile is lost (`Moved`). */
  upgrading(subscriber: Subscriber, raised: Raised): Promise<readonly Write[]>;
  /** Another record of level 1 beside the one that the account rests on, as writes; an account that is another by now is lost (`Moved`). */
  recording(subscriber: Subscriber, proofing: Proofing, by: Actor): readonly Write[];
  /** Cancels the number in force and establishes another; account, subs and level stay. */
  reestablishNumber(
    id: string,
    number: string,
    by: Actor,
  ): Promise<{ done: true } | { done: false; reason: 'taken' | 'unknown' }>;
  /** Erases what the account holds and does not need, as writes; `subscriber` is as it was read. */
  eraseOptional(subscriber: Subscriber, by: Actor): Write[];
  /** Another telephone or mailbox, or none, as writes; `subscriber` is as it was read. A telephone that somebody has is taken. */
  changingContact(subscriber: Subscriber, change: ContactChange): Write[];
  /** Opens a lock and ends everything the person has open, at once. Answers the lock; of a ground and opener it stands once. */
  lock(id: string, ground: LockGround, by: Actor, authorityRef?: string): Promise<Lock>;
  /** The same as writes, for whoever has more to write in the same act; `LocksChanged` where it stands by then. */
  locking(
    id: string,
    ground: LockGround,
    how: { readonly by: Actor; readonly authorityRef?: string },
  ): Promise<{ readonly lock: Lock; readonly writes: readonly Write[] }>;
  /** Lifts one lock; the account opens when it was the last. */
  unlock(
    id: string,
    lockId: string,
    by: Actor,
    /** A code, for the journal. */
    reason?: string,
  ): Promise<
    | { readonly lifted: true; readonly stillLocked: boolean }
    | { readonly lifted: false; readonly reason: 'unknown' | 'not_yours' }
  >;
  /** The same as writes, of some locks: they must be open, and `by` may lift them. `under` is one made in the same transaction. */
  unlocking(
    id: string,
    lifted: readonly Lock[],
    how: { readonly by: Actor; readonly reason?: string; readonly under?: Lock },
  ): Promise<readonly Write[]>;
  locks(id: string): Promise<Lock[]>;
  /** The same, and nobody lifts one until the transaction ends. */
  holdingLocks(transaction: Queryable, id: string): Promise<Lock[]>;
  /** Level 2 counts as 1 from now on, until a re-proofing. Part of the statement that recovers; nothing for level 1. */
  requireReproofing(subscriber: Subscriber, by: Actor): Promise<readonly Write[]>;
  /**
   * Its holder takes over what a guardian has made: the telephone is theirs from now on, and level 2 counts again after a re-proofing.
   * As writes; `account` is as it was read.
   */
  takingOver(account: Subscriber, phone: string): Promise<readonly Write[]>;
  /**
   * For good: number and telephone become free for the person they belong to, everything they have open ends as at a lock, and
   * they are told, unless whoever closes it tells them in other words. Answers false when there was nothing to close.
   */
  close(id: string, by: Actor, words?: 'other_words'): Promise<boolean>;
  /** The same as writes; a closed account is lost. */
  closing(id: string, by: Actor, words?: 'other_words'): Promise<readonly Write[]>;
  /** Whether they died, by the lock of their account: nothing is written to their addresses then. */
  mourned(id: string): Promise<boolean>;
}

/** What the part works with. */
export interface SubscribersParts {
  readonly database: Database;
  /** Made for the purpose `subscribers`. */
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly endingWrites?: EndingWrites;
  /** What is let go of when an account is closed, and may be another's then. */
  readonly releasing?: EndingWrites;
  /** The assurance policy in force; that of the release where nobody can adopt another. */
  readonly policy?: () => Promise<Policy>;
  /** Word that their level counts as 1, since the policy that made it was withdrawn. Part of the same act. */
  readonly toldOfLevel?: (person: Subscriber) => Promise<readonly Write[]>;
  /** The same after a recovery. */
  readonly toldOfReproofing?: (person: Subscriber) => Promise<readonly Write[]>;
  /** Word of it to every confirmed address of the person. Part of the same statement. */
  readonly toldOf?: (subscriberId: string, what: 'locked' | 'unlocked' | 'closed') => Promise<readonly Write[]>;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** It has closed, or what was to be erased has changed, since it was read. */
export class AlreadyDone extends Error {}

/** The people of a database. */
export function createSubscribers(parts: SubscribersParts): Subscribers {
  const { database, sealer, clock, journal } = parts;
  const ending = async (id: string): Promise<readonly Write[]> => (await parts.endingWrites?.(id)) ?? [];
  const policy = parts.policy ?? (async () => ASSURANCE_POLICY);
  const recheck = createRechecking({
    ...{ database, clock, journal, policy },
    ...(parts.toldOfLevel ? { toldOf: parts.toldOfLevel } : {}),
  });
  const mourned = (id: string) => isMourned(database, id);
  const locks = createLocking(parts);
  const changes = createRegisterChanges(parts, locks);
  const registering = createRegistering(parts);
  const contacts = createContactChanges(parts);
  const closing: Subscribers['closing'] = async (id, actor, words) => [
    { statement: store.closeSubscriber(id, clock.now()), lost: () => new AlreadyDone() },
    { statement: store.removeIdentifiers(id) },
    journal.append({ type: 'subscriber.closed', actor, subscriberId: id }),
    ...(await ending(id)),
    ...((await parts.releasing?.(id)) ?? []),
    ...(words === 'other_words' || (await mourned(id)) ? [] : ((await parts.toldOf?.(id, 'closed')) ?? [])),
  ];

  return {
    // A `sub` or row key that is no UUID belongs to nobody; asking PostgreSQL would be an error.
    find: async (id) => (uuid.test(id) ? recheck(await store.find(database, sealer, id)) : undefined),

    async locate(typed) {
      const identifier = parseIdentifier(typed);
      return identifier && recheck(await store.locate(database, sealer, identifier));
    },

    async view(typed, { by: actor, ...detail }) {
      const identifier = parseIdentifier(typed);
      const found = identifier && (await recheck(await store.locate(database, sealer, identifier)));
      await writeTogether(database, [
        journal.append({
          actor,
          ...(found
            ? { type: 'subscriber.viewed', subscriberId: found.id, detail }
            : { type: 'subscriber.view_refused', detail: { why: 'nobody', ...detail } }),
        }),
      ]);
      return found;
    },

    async identityNumber(id) {
      const [current] = await store.numbers(database, sealer, id);
      return current?.cancelledAt === undefined ? current?.number : undefined;
    },

    identityNumbers: (id) => store.numbers(database, sealer, id),
    ...createRecords({ ...parts, policy }),
    holdingLevel2: store.heldAtLevel2,
    holdingUnlocked: store.heldUnlocked,

    async register(input, options) {
      const ready = registering(input, options);
      if (!ready.fit) return { registered: false, reason: 'faulty', faults: ready.faults };
      try {
        await writeTogether(database, ready.writes);
      } catch (error) {
        if (isBad(error)) return { registered: false, reason: 'number_bad' };
        if (!isTaken(error)) throw error;
        const number = { kind: 'number', value: input.identityNumber } as const;
        const numberTaken = await store.locate(database, sealer, number);
        return { registered: false, reason: numberTaken ? 'number_taken' : 'phone_taken' };
      }
      return { registered: true, id: ready.id };
    },

    registering,
    upgrading: createUpgrading(parts),
    recording: createRecording(parts),

    async reestablishNumber(id, number, by) {
      try {
        return await database.transaction((transaction) => changes.renumber(transaction, id, { number, by }));
      } catch (error) {
        if (isTaken(error)) return { done: false, reason: 'taken' };
        throw error;
      }
    },

    eraseOptional: (subscriber, actor) => [
      {
        statement: store.replacePerson(sealer, subscriber.id, {
          ...{ person: withoutOptional(subscriber), read: subscriber.updatedAt, now: clock.now() },
        }),
        lost: () => new AlreadyDone(),
      },
      journal.append({
        type: 'subscriber.changed',
        actor,
        subscriberId: subscriber.id,
        detail: { what: 'optional_erased' },
      }),
    ],

    changingContact: contacts.changing,
    ...createLowering({ ...parts, policy }, contacts),
    ...locks,
    ...changes,

    mourned,
    closing,

    async close(id, actor, words) {
      try {
        await writeTogether(database, await closing(id, actor, words));
        return true;
      } catch (error) {
        if (error instanceof AlreadyDone) return false;
        throw error;
      }
    },
  };
}
