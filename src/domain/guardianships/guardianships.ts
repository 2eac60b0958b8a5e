import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import type { Authenticators } from '../authenticators/index.ts';
import { ageOn, type Subscriber } from '../subscribers/index.ts';
import type { Guardianship } from './guardianship.ts';
import { type GuardianshipPolicy, guardianshipPolicyAt } from './policy.ts';
import * as store from './store.ts';

/** Who looks after whose account. */
export interface Guardianships {
  /** With the ward's account, as writes; the database refuses a guardian who has no level 2 at that moment. */
  beginning(made: Pick<Guardianship, 'wardId' | 'guardianId' | 'applicationId'>): Write[];
  ofWard(wardId: string): Promise<Guardianship | undefined>;
  /** On either side, the newest first. */
  ofPerson(id: string, limit?: number): Promise<Guardianship[]>;
  /**
   * Whether an account waits to be taken over by its holder: it was made through a guardian, nobody signs in to it, it stands, and
   * whoever it is of is old enough. Level 2 of it does not hinder that.
   */
  mayBeTakenOver(account: Subscriber): Promise<boolean>;
  /** The hand-over, as writes of whoever binds the first authenticator; the guardian is told of it. */
  handingOver(account: Subscriber): Promise<Write[]>;
  /** Ends one whose guardian has seen it for long enough; answers whether there was one. */
  endNext(): Promise<boolean>;
}

/** What the part works with. */
export interface GuardianshipsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly authenticators: Pick<Authenticators, 'of'>;
  /** Word to every confirmed address of a guardian, as writes. */
  readonly told: (subscriberId: string, kind: 'ward_handed_over' | 'guardianship_ended') => Promise<readonly Write[]>;
  readonly policies?: readonly GuardianshipPolicy[];
}

const DAY = 86_400_000;

export function createGuardianships(parts: GuardianshipsParts): Guardianships {
  const { database, clock, journal } = parts;
  const rules = () => guardianshipPolicyAt(clock.now(), parts.policies);

  return {
    beginning: ({ wardId, guardianId, applicationId }) => [
      store.begin({ wardId, guardianId, applicationId, beganAt: clock.now() }),
      journal.append({
        ...({
          type: 'guardianship.began',
          actor: { kind: 'subscriber', id: guardianId },
          subscriberId: wardId,
        } as const),
        detail: { guardian: guardianId, application: applicationId },
      }),
    ],

    ofWard: (wardId) => store.ofWard(database, wardId),
    ofPerson: (id, limit = 100) => store.ofPerson(database, id, limit),

    async mayBeTakenOver(account) {
      if (account.state !== 'active') return false;
      // The latest birth date that a partial one allows: whoever may be thirteen is.
      if (ageOn(account.birthdate, clock.now()) < rules().takesOverFromYears) return false;
      const found = await store.ofWard(database, account.id);
      return found !== undefined && !found.handedOver && (await parts.authenticators.of(account.id)).length === 0;
    },

    async handingOver({ id }) {
      const found = await store.ofWard(database, id);
      if (!found) throw new Error('nobody looks after this account');
      const now = clock.now();
      const { version, viewDays } = rules();
      const viewUntil = new Date(now.getTime() + viewDays * DAY);
      return [
        store.handOver(id, { at: now, viewUntil, policy: version }),
        journal.append({
          ...({ type: 'guardianship.handed_over', actor: { kind: 'subscriber', id }, subscriberId: id } as const),
          detail: { guardian: found.guardianId, rules: version },
        }),
        ...(await parts.told(found.guardianId, 'ward_handed_over')),
      ];
    },

    async endNext() {
      const now = clock.now();
      const over = await store.nextOver(database, now);
      if (!over) return false;
      try {
        await writeTogether(database, [
          store.end(over.wardId, now),
          journal.append({
            ...({ type: 'guardianship.ended', actor: { kind: 'system' }, subscriberId: over.wardId } as const),
            detail: { guardian: over.guardianId },
          }),
          ...(await parts.told(over.guardianId, 'guardianship_ended')),
        ]);
      } catch (error) {
        if (!(error instanceof store.AlreadyDone)) throw error;
      }
      return true;
    },
  };
}
