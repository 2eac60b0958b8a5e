import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import type { Authenticators } from '../authenticators/index.ts';
import type { RegisteredGuardianship } from '../registry/index.ts';
import { ageOn, type Subscriber } from '../subscribers/index.ts';
import { awaitsGuardian, awaitsHolder, type EndGround, type Guardianship, isOver } from './guardianship.ts';
import { type GuardianshipPolicy, guardianshipPolicyAt } from './policy.ts';
import * as store from './store.ts';
import { type EndWord, isSince, lastWord } from './succession.ts';

/** Who looks after whose account. */
export interface Guardianships {
  /** With the ward's account, as writes; the database refuses a guardian who has no level 2 at that moment. */
  beginning(
    made: Pick<Guardianship, 'wardId' | 'guardianId' | 'applicationId'> & {
      /** A minor's guardian where the register has said no more. */
      readonly registered?: RegisteredGuardianship;
    },
  ): Write[];
  /** The latest of an account. */
  ofWard(wardId: string): Promise<Guardianship | undefined>;
  /** On either side, the newest first. */
  ofPerson(id: string, limit?: number): Promise<Guardianship[]>;
  /**
   * Whether an account waits to be taken over by its holder: it was made through a guardian, nobody signs in to it, it stands, and
   * whoever it is of is old enough; of an adult's, that the decision of the court is over. Level 2 of it does not hinder that.
   */
  mayBeTakenOver(account: Subscriber): Promise<boolean>;
  /** Whether another guardian may look after an account: whoever did does so no more, and nobody signs in to it. */
  mayBePassedOn(account: Subscriber): Promise<boolean>;
  /** The hand-over, as writes of whoever binds the first authenticator; the guardian is told of it. */
  handingOver(account: Subscriber): Promise<Write[]>;
  /**
   * The register says that somebody is an account's guardian no more: over at once, as writes, without the days that follow a hand-over,
   * since a court took it away. Both are told. With a successor its holder does not take it over before the register has said the same of
   * whoever followed, before or after; what it says of anybody else says nothing of the decision.
   */
  endingByRegister(report: {
    readonly wardId: string;
    /** What was said now. None where it has become known that two numbers are of one person. */
    readonly told: EndWord | undefined;
    /** Everything that was said of this ward's guardians, that as well. */
    readonly words: readonly EndWord[];
    /** How the person of an account, or who had it, is known in these. */
    readonly keyOf: (accountId: string) => Promise<Buffer | undefined>;
    /** Whether it names that guardian yet: asked where it may have spoken of an earlier guardianship of theirs. */
    readonly isNamedYet: (of: Pick<Guardianship, 'guardianId' | 'wardId'>) => Promise<boolean>;
  }): Promise<Write[]>;
  /** The wards of whom it can say something else that somebody has another number: they are one, look after one, or are to follow. */
  concernedBy(person: { readonly accountId: string | undefined; readonly keys: readonly Buffer[] }): Promise<string[]>;
  /**
   * Ends one whose guardian has seen it for long enough or has no account any more, or whose last day has passed; answers whether there
   * was one. One that cannot be ended stops nobody else: it is thrown after all of them, and tried again in the next round.
   */
  endNext(): Promise<boolean>;
}

/** To a guardian; the last one to whoever was looked after, where they can be reached. */
export type GuardianshipNotice = 'ward_handed_over' | 'guardianship_ended' | 'guardianship_over' | 'guardian_gone';

/** What the part works with. */
export interface GuardianshipsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly authenticators: Pick<Authenticators, 'of'>;
  /** Word to every confirmed address of a guardian, as writes. */
  readonly told: (subscriberId: string, kind: GuardianshipNotice) => Promise<readonly Write[]>;
  readonly policies?: readonly GuardianshipPolicy[];
}

const DAY = 86_400_000;

export function createGuardianships(parts: GuardianshipsParts): Guardianships {
  const { database, clock, journal } = parts;
  const rules = () => guardianshipPolicyAt(clock.now(), parts.policies);
  const isUnused = async (id: string): Promise<boolean> => (await parts.authenticators.of(id)).length === 0;
  const ended = ({ wardId, guardianId }: Guardianship, ground?: EndGround): Write =>
    journal.append({
      ...({ type: 'guardianship.ended', actor: { kind: 'system' }, subscriberId: wardId } as const),
      detail: { guardian: guardianId, ...(ground ? { ground } : {}) },
    });

  /** Over at once, and both are told: whoever looked after it, if they are there yet, and whoever was looked after. */
  const ending = async (
    found: Guardianship,
    ground: EndGround,
    said?: { readonly successor: Buffer | undefined },
  ): Promise<Write[]> => [
    store.end(found, { at: clock.now(), ground, ...(said ? { by: 'register', ...said } : {}) }),
    ended(found, ground),
    ...(found.guardianGoneAt ? [] : await parts.told(found.guardianId, 'guardianship_over')),
    ...(await parts.told(found.wardId, 'guardian_gone')),
  ];

  async function endOver(over: Guardianship): Promise<void> {
    try {
      await writeTogether(
        database,
        over.handedOver
          ? [
              ...[store.end(over, { at: clock.now() }), ended(over)],
              ...(await parts.told(over.guardianId, 'guardianship_ended')),
            ]
          : await ending(over, isOver(over.until, clock.now()) ? 'term_over' : 'passed_on'),
      );
    } catch (error) {
      if (!(error instanceof store.AlreadyDone)) throw error;
    }
  }

  /** Those of this round that could not be ended: whoever comes behind them does not wait, and the last of a round tells of them. */
  const stuck = new Map<string, unknown>();

  return {
    beginning: ({ wardId, guardianId, applicationId, registered = { basis: 'guardian_of_minor' } }) => [
      store.begin({ wardId, guardianId, applicationId, beganAt: clock.now(), ...registered }),
      journal.append({
        ...({
          type: 'guardianship.began',
          actor: { kind: 'subscriber', id: guardianId },
          subscriberId: wardId,
        } as const),
        detail: { guardian: guardianId, application: applicationId, ...registered },
      }),
    ],

    ofWard: (wardId) => store.ofWard(database, wardId),
    ofPerson: (id, limit = 100) => store.ofPerson(database, id, limit),

    async mayBeTakenOver(account) {
      if (account.state !== 'active') return false;
      // The latest birth date that a partial one allows: whoever may be thirteen is.
      if (ageOn(account.birthdate, clock.now()) < rules().takesOverFromYears) return false;
      const found = await store.ofWard(database, account.id);
      return found !== undefined && awaitsHolder(found) && (await isUnused(account.id));
    },

    async mayBePassedOn(account) {
      const found = account.state === 'closed' ? undefined : await store.ofWard(database, account.id);
      return found !== undefined && awaitsGuardian(found) && (await isUnused(account.id));
    },

    async handingOver({ id }) {
      const found = await store.ofWard(database, id);
      if (!found) throw new Error('nobody looks after this account');
      const now = clock.now();
      const { version, viewDays } = rules();
      // Whoever has been relieved of it sees nothing afterwards, and hears nothing.
      const over = found.endedAt !== undefined;
      const viewUntil = over ? now : new Date(now.getTime() + viewDays * DAY);
      return [
        store.handOver(found, { at: now, viewUntil, policy: version }),
        journal.append({
          ...({ type: 'guardianship.handed_over', actor: { kind: 'subscriber', id }, subscriberId: id } as const),
          detail: { guardian: found.guardianId, rules: version },
        }),
        ...(over ? [] : await parts.told(found.guardianId, 'ward_handed_over')),
      ];
    },

    async endingByRegister({ wardId, told, words, keyOf, isNamedYet }) {
      const found = await store.ofWard(database, wardId);
      const guardian = found && (await keyOf(found.guardianId));
      if (!guardian) return [];
      if (found.endedAt && (found.endGround !== 'passed_on' || found.releasedAt || found.handedOver)) return [];
      // Of one whose account was closed the register says only now whether somebody follows.
      const isUnsaid = !found.endedAt || found.guardianGoneAt !== undefined;
      const theirs = (told ? [told] : words).filter((word) => word.guardian.equals(guardian));
      if (isUnsaid && !theirs.some((word) => isSince(word, found))) {
        // Said before this one began it may come late, of one before; or of this one, which began a while after the register was asked.
        if (!told || theirs.length === 0 || (await isNamedYet(found))) return [];
      }
      const last = lastWord(words, { guardian, beganAt: found.beganAt });
      if (!last) return [];
      const { successor } = last;
      if (!found.endedAt) return ending(found, successor ? 'passed_on' : 'order_ended', { successor });
      if (successor) return !isUnsaid && found.successor?.equals(successor) ? [] : [store.followed(found, successor)];
      return [
        store.release(found, clock.now()),
        ended(found, 'order_ended'),
        ...(await parts.told(wardId, 'guardian_gone')),
      ];
    },

    concernedBy: (person) => store.concernedBy(database, person),

    async endNext() {
      const over = await store.nextOver(database, clock.now(), [...stuck.keys()]);
      if (over) {
        await endOver(over).catch((error: unknown) => stuck.set(store.keyOf(over), error));
        return true;
      }
      const [[, cause] = [], count] = [[...stuck][0], stuck.size];
      stuck.clear();
      if (count > 0) throw new Error(`${count} guardianships that are over were not ended`, { cause });
      return false;
    },
  };
}
