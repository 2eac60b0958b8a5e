import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Guardianships } from '../guardianships/index.ts';
import { dayInVietNam, type Lock, type LockGround, type Subscribers } from '../subscribers/index.ts';
import { type Kind, PUTS, type Reported, type Value } from './event.ts';
import * as store from './store.ts';

/** Word to a person of a change that is no lock. */
export type Told = (subscriberId: string, kind: 'name_corrected' | 'number_changed') => Promise<readonly Write[]>;

/** What follows of a report for the account of the number. */
interface Followed {
  readonly outcome: 'applied' | 'no_account' | 'number_taken';
  readonly writes: readonly Write[];
}

/** A report, whose account it is about, and of what it says of a guardian whose account that is. */
interface Following {
  readonly holder: string | undefined;
  readonly reported: Reported;
  readonly guardian: string | undefined;
}

const SYSTEM = { kind: 'system' } as const;

/** The ground on which each standing locks; the others lock nothing. */
const LOCKS: Partial<Record<Value, LockGround>> = {
  deceased: 'death',
  cancelled: 'number_cancelled',
  held: 'card_held',
  revoked: 'card_revoked',
};

/** What each word lifts, of what the register can have locked on. What runs out by itself a new card lifts as well. */
const LIFTS: Partial<Record<Kind, readonly LockGround[]>> = {
  'death-corrected': ['death'],
  'number-reestablished': ['number_cancelled'],
  'card-returned': ['card_held'],
  'card-issued': ['card_held', 'card_revoked', 'card_expired', 'residence_expired'],
  'passport-issued': ['passport_expired'],
};
/** Lifted whoever has locked on them: the ground is gone (Decree 69/2024 Art. 30). What an officer has revoked stays. */
const GONE_FOR_ALL: readonly LockGround[] = ['card_held', 'card_expired', 'residence_expired', 'passport_expired'];

/** What each report does to an account, as steps and writes of one transaction. */
export function createEffects(parts: {
  readonly clock: Clock;
  readonly subscribers: Pick<
    Subscribers,
    'find' | 'locks' | 'locking' | 'unlocking' | 'renumber' | 'rename' | 'cardUntil' | 'passportUntil' | 'directoryKey'
  >;
  readonly guardianships: Pick<Guardianships, 'endingByRegister'>;
  readonly told: Told;
}) {
  const { clock, subscribers, guardianships, told } = parts;

  /** Brings the locks of an account to what the register says: locked on its ground, or not on those that are gone. */
  async function locks(id: string, kind: Kind, value: Value = PUTS[kind][1]): Promise<readonly Write[]> {
    const open = (await subscribers.locks(id)).filter(({ liftedAt }) => !liftedAt);
    const ground = LOCKS[value];
    if (ground) {
      const isOpen = open.some((lock) => lock.ground === ground);
      return isOpen ? [] : (await subscribers.locking(id, ground, { by: SYSTEM })).writes;
    }
    const over = open.filter(
      (lock: Lock) =>
        LIFTS[kind]?.includes(lock.ground) && (GONE_FOR_ALL.includes(lock.ground) || lock.openedBy === 'system'),
    );
    return over.length === 0 ? [] : subscribers.unlocking(id, over, { by: SYSTEM });
  }

  /** A new card, or a new passport, is a good one while its last day has not passed. */
  async function issued(
    id: string,
    { kind, expires_on: lastDay }: Extract<Reported, { kind: 'card-issued' | 'passport-issued' }>,
  ): Promise<readonly Write[]> {
    const good = lastDay === undefined || lastDay >= dayInVietNam(clock.now());
    const until = kind === 'card-issued' ? subscribers.cardUntil(id, lastDay) : subscribers.passportUntil(id, lastDay);
    return [until, ...(good ? await locks(id, kind) : [])];
  }

  async function renamed(id: string, reported: Extract<Reported, { kind: 'name-corrected' }>): Promise<Followed> {
    const subscriber = await subscribers.find(id);
    if (!subscriber) throw new Error('an account without a person');
    const { full_name: fullName, family_name: familyName, middle_name: middleName, given_name: givenName } = reported;
    const name = {
      fullName,
      ...(familyName === undefined ? {} : { familyName }),
      ...(middleName === undefined ? {} : { middleName }),
      ...(givenName === undefined ? {} : { givenName }),
    };
    return {
      outcome: 'applied',
      writes: [...subscribers.rename(subscriber, name, SYSTEM), ...(await told(id, 'name_corrected'))],
    };
  }

  /** Another number, and the account opens if it was locked for want of one. What is known of the new number holds from now on. */
  async function renumbered(transaction: Queryable, id: string, number: string): Promise<Followed> {
    const change = await subscribers.renumber(transaction, id, { number, by: SYSTEM });
    if (!change.done) return { outcome: 'number_taken', writes: [] };
    const key = subscribers.directoryKey(number);
    const known = await Promise.all(
      (['life', 'card'] as const).map((aspect) => store.standing(transaction, key, aspect)),
    );
    // Each is a statement of its own: all of them end the same sessions.
    for (const is of known)
      if (is && LOCKS[is.value]) await writeTogether(transaction, await locks(id, 'number-reestablished', is.value));
    await writeTogether(transaction, await locks(id, 'number-reestablished'));
    return { outcome: 'applied', writes: await told(id, 'number_changed') };
  }

  return {
    async follow(transaction: Queryable, { holder, reported, guardian }: Following): Promise<Followed> {
      if (holder === undefined) return { outcome: 'no_account', writes: [] };
      if (reported.kind === 'guardianship-ended') {
        const passedOn = reported.successor_identity_number !== undefined;
        const writes = await guardianships.endingByRegister({ wardId: holder, guardianId: guardian, passedOn });
        return { outcome: 'applied', writes };
      }
      if (reported.kind === 'name-corrected') return renamed(holder, reported);
      if (reported.kind === 'number-reestablished') return renumbered(transaction, holder, reported.identity_number);
      const writes =
        reported.kind === 'card-issued' || reported.kind === 'passport-issued'
          ? await issued(holder, reported)
          : await locks(holder, reported.kind);
      return { outcome: 'applied', writes };
    },
  };
}
