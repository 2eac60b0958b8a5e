import type { Queryable } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor } from '../audit/index.ts';
import * as cards from './card-store.ts';
import { parseIdentifier } from './identifier.ts';
import type { Lock, LockGround } from './lock.ts';
import { LocksChanged } from './locking.ts';
import { personOf } from './optional.ts';
import * as store from './store.ts';
import type { Person, Subscriber } from './subscriber.ts';
import type { Subscribers, SubscribersParts } from './subscribers.ts';

/** A name as the register has it; a part that it lacks is missing. */
export type RegisteredName = Pick<Person, 'fullName' | 'familyName' | 'middleName' | 'givenName'>;

/** What the register's word changes of an account: steps of a transaction that somebody else has begun, and the card's last day. */
export interface RegisterChanges {
  /** How the directory finds a number, without the number. */
  directoryKey(number: string): Buffer;
  /** Whose number it is. Until the transaction ends nobody opens an account for it. */
  holding(transaction: Queryable, key: Buffer): Promise<string | undefined>;
  /** Cancels the number in force and establishes another; account, subs and level stay. */
  renumber(
    transaction: Queryable,
    id: string,
    change: { readonly number: string; readonly by: Actor },
  ): Promise<{ readonly done: true } | { readonly done: false; readonly reason: 'taken' | 'unknown' }>;
  /** Another name from now on; subs, level and authenticators stay. */
  rename(subscriber: Subscriber, name: RegisteredName, by: Actor): Write[];
  /** The last day of the card, ISO 8601; undefined: it has none, or there is no card. */
  cardUntil(id: string, lastDay: string | undefined): Write;
  /** The last day of a foreigner's passport, ISO 8601; undefined: none is known. */
  passportUntil(id: string, lastDay: string | undefined): Write;
  /** Of the documents that somebody has now. */
  lastDays(id: string): Promise<cards.LastDays>;
  /**
   * Locks what has an expired card or passport; answers how many. One that cannot be locked stops nobody else: it is thrown after
   * all of them. For the job that runs again and again.
   */
  meetCardExpiry(): Promise<number>;
}

const SYSTEM = { kind: 'system' } as const satisfies Actor;
/** How many are looked up together, and how many of them are locked at one moment: thousands run out at one midnight. */
const BATCH = 100;
const AT_ONCE = 4;
class Overtaken extends Error {}
const overtaken = (): Error => new Overtaken('the account was changed meanwhile');

/** The calendar day in Viet Nam: UTC+7, no summer time. */
export const dayInVietNam = (moment: Date): string =>
  new Date(moment.getTime() + 7 * 3_600_000).toISOString().slice(0, 10);

/** The ground that an expired document locks on (Decree 69/2024 Art. 15). */
const EXPIRED: Record<Person['accountType'], LockGround> = {
  citizen: 'card_expired',
  foreigner: 'residence_expired',
};
const groundOf = ({ accountType }: Pick<Person, 'accountType'>, dated: cards.Dated): LockGround =>
  dated === 'passport' ? 'passport_expired' : EXPIRED[accountType];

export function createRegisterChanges(
  parts: SubscribersParts,
  { locking }: Pick<Subscribers, 'locking'>,
): RegisterChanges {
  const { database, sealer, clock, journal } = parts;
  const keyOf = (number: string): Buffer => store.identifierHash(sealer, { kind: 'number', value: number });
  const changed = (id: string, what: string, by: Actor): Write =>
    journal.append({ type: 'subscriber.changed', actor: by, subscriberId: id, detail: { what } });

  /** One account whose card or passport has run out: locked, unless it is on that ground already; and only if it is still that one. */
  async function meet(one: cards.RunOut): Promise<boolean> {
    const { id } = one;
    const subscriber = await store.find(database, sealer, id);
    if (!subscriber) return false;
    const ground = groundOf(subscriber, one.dated);
    const open = await store.locks(database, id);
    const isOpen = open.some((lock: Lock) => lock.ground === ground && !lock.liftedAt);
    const { writes } = isOpen ? { writes: [] } : await locking(id, ground, { by: SYSTEM });
    try {
      await writeTogether(database, [{ statement: cards.met(one), lost: overtaken }, ...writes]);
      return true;
    } catch (error) {
      // The next look reads it anew.
      if (error instanceof Overtaken || error instanceof LocksChanged) return false;
      throw error;
    }
  }

  return {
    directoryKey: keyOf,
    holding: cards.holding,

    async renumber(transaction, id, { number, by }) {
      const now = clock.now();
      const [current] = await store.numbers(transaction, sealer, id);
      const identifier = parseIdentifier(number);
      if (!current || current.cancelledAt || identifier?.kind !== 'number') return { done: false, reason: 'unknown' };
      const holder = await cards.holding(transaction, keyOf(number));
      if (holder !== undefined) return { done: false, reason: 'taken' };
      // The one active number is unique: the old one goes in a statement before the new one comes.
      if ((await transaction.execute(store.cancelNumber(id, current.id, now))) === 0)
        return { done: false, reason: 'unknown' };
      await writeTogether(transaction, [
        store.insertNumber(sealer, id, newId(), identifier.value, current.kind, now),
        store.moveIdentifier(sealer, id, identifier),
        { statement: store.touch(id, now), lost: overtaken },
        changed(id, 'identity_number', by),
      ]);
      return { done: true };
    },

    rename(subscriber, name, by) {
      const { familyName: _, middleName: __, givenName: ___, ...rest } = personOf(subscriber);
      return [
        {
          statement: store.replacePerson(sealer, subscriber.id, {
            ...{
              person: { ...rest, ...name, nameCorrectedAt: clock.now().toISOString() },
              read: subscriber.updatedAt,
              now: clock.now(),
            },
          }),
          lost: overtaken,
        },
        changed(subscriber.id, 'name', by),
      ];
    },

    cardUntil: (id, lastDay) => ({ statement: cards.until(id, 'card', lastDay), lost: overtaken }),
    passportUntil: (id, lastDay) => ({ statement: cards.until(id, 'passport', lastDay), lost: overtaken }),

    lastDays: (id) => cards.lastDays(database, id),

    async meetCardExpiry() {
      const today = dayInVietNam(clock.now());
      let met = 0;
      const failures: unknown[] = [];
      for (const dated of ['card', 'passport'] as const) {
        let due: cards.RunOut[] = [];
        do {
          due = await cards.expired(database, dated, { today, after: due.at(-1), limit: BATCH });
          // One that cannot be met stops nobody behind it: it is told at the end, and tried again in the next round.
          for (let at = 0; at < due.length; at += AT_ONCE)
            for (const come of await Promise.allSettled(due.slice(at, at + AT_ONCE).map(meet)))
              if (come.status === 'rejected') failures.push(come.reason);
              else if (come.value) met += 1;
        } while (due.length === BATCH);
      }
      if (failures.length > 0)
        throw new Error(`${failures.length} accounts whose document has run out were not locked`, {
          cause: failures[0],
        });
      return met;
    },
  };
}
