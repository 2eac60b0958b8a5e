import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { type AccountLevelDecision, accountLevelFrom, decidedBy, type Policy } from '../assurance/index.ts';
import type { Actor, Journal } from '../audit/index.ts';
import type { OwnsAccount } from '../operators/index.ts';
import { proofingRecord } from '../proofing/index.ts';
import {
  type After,
  decideReproofing,
  dropReproofing,
  insertReproofing,
  levelBasis,
  liftReproofing,
  type OpenReproofing,
  openReproofing,
  openReproofings,
  openReproofingsOf,
} from './reproofing-store.ts';
import { ageOn, type Subscriber } from './subscriber.ts';

/** Why nothing came of it. */
export type ReproofingRefusal = 'not_required' | 'not_matched' | 'under_way' | 'unknown' | 'same_officer' | 'self';

/** What makes level 2 count again after a recovery (decisions, "Recovery"), a withdrawn policy or a hand-over. */
export interface Reproofings {
  /** An officer has compared face and fingerprints with the register's, and holds the card. Another officer confirms. */
  begin(request: {
    readonly subscriber: Subscriber;
    readonly officer: string;
    readonly documentNumber: string;
    readonly faceMatched: boolean;
    readonly fingerprintsMatched: boolean;
  }): Promise<{ readonly begun: true } | { readonly begun: false; readonly reason: ReproofingRefusal }>;
  /** What waits for a second officer: of one person, at most one. */
  waiting(subscriberId: string): Promise<OpenReproofing[]>;
  /** Of all, the oldest first. */
  list(page: { readonly after?: After | undefined; readonly limit?: number }): Promise<OpenReproofing[]>;
  find(id: string): Promise<OpenReproofing | undefined>;
  confirm(request: {
    readonly id: string;
    readonly officer: string;
  }): Promise<{ readonly confirmed: true } | { readonly confirmed: false; readonly reason: ReproofingRefusal }>;
  refuse(request: { readonly id: string; readonly officer: string }): Promise<boolean>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

class Lost extends Error {}
const lost = (): Error => new Lost('decided meanwhile');

/** Re-proofings on a database. */
export function createReproofings(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** Hashes what was shown: a document's number can be guessed, so the hash is keyed. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  readonly subscriber: (id: string) => Promise<Subscriber | undefined>;
  readonly ownsAccount: OwnsAccount;
  /** Word to the person that level 2 counts again. Part of the same statement. */
  readonly toldOf?: (subscriberId: string) => Promise<readonly Write[]>;
}): Reproofings {
  const { database, clock, journal, sealer } = parts;
  const told = async (id: string): Promise<readonly Write[]> => (await parts.toldOf?.(id)) ?? [];
  /** Face and fingerprints as they were seen now, beside what the record holds, by the policy in force. */
  const weigh = async (one: OpenReproofing, now: Date): Promise<AccountLevelDecision | undefined> => {
    const { proofing } = await levelBasis(database, one.subscriberId);
    const [person, record] = await Promise.all([
      parts.subscriber(one.subscriberId),
      proofing === null ? undefined : proofingRecord(database, one.subscriberId, proofing),
    ]);
    if (!person || !record) return undefined;
    const seen = { channel: 'in_person', faceMatched: true, fingerprintsMatched: true } as const;
    const proofed = { ...record, ...seen, age: Math.max(ageOn(person.birthdate, now), 0) };
    return accountLevelFrom(proofed, { policy: await parts.policy(), now: epochSeconds(now) });
  };
  const by = (officer: string): Actor => ({ kind: 'operator', id: officer });
  const find = async (id: string) => (UUID.test(id) ? openReproofing(database, id) : undefined);
  /** True when it was done, false when somebody else was first. */
  const done = async (writes: Parameters<typeof writeTogether>[1]): Promise<boolean> => {
    try {
      await writeTogether(database, writes);
      return true;
    } catch (error) {
      if (error instanceof Lost) return false;
      throw error;
    }
  };

  return {
    async begin({ subscriber, officer, documentNumber, faceMatched, fingerprintsMatched }) {
      const { id: subscriberId, reproofingRequiredSince: requiredSince } = subscriber;
      if (await parts.ownsAccount(subscriberId, officer)) return { begun: false, reason: 'self' };
      if (!requiredSince) return { begun: false, reason: 'not_required' };
      // Level 2 was reached by face and fingerprints, and so it is reached again.
      if (!faceMatched || !fingerprintsMatched) return { begun: false, reason: 'not_matched' };
      const one = {
        ...{
          id: newId(),
          subscriberId,
          requiredSince,
          firstOfficer: officer,
          fingerprintsMatched,
        },
        evidenceHash: sealer.keyedHash(`document ${documentNumber}`),
        begunAt: clock.now(),
      } as const;
      const begun = await done([
        insertReproofing(one, lost),
        journal.append({
          ...{ type: 'subscriber.reproofing_begun', actor: by(officer), subscriberId },
          detail: { reproofing: one.id },
        }),
      ]);
      return begun ? { begun } : { begun, reason: 'under_way' };
    },

    waiting: (subscriberId) => openReproofingsOf(database, subscriberId),
    list: ({ after, limit = 50 }) => openReproofings(database, after, Math.min(limit, 200)),
    find,

    async confirm({ id, officer }) {
      const one = await find(id);
      if (!one) return { confirmed: false, reason: 'unknown' };
      if (one.firstOfficer === officer) return { confirmed: false, reason: 'same_officer' };
      if (await parts.ownsAccount(one.subscriberId, officer)) return { confirmed: false, reason: 'self' };
      const now = clock.now();
      const decision = await weigh(one, now);
      // What carried level 2 then does not by the rules of today: it takes another proofing.
      if (decision?.accountLevel !== 2) return { confirmed: false, reason: 'not_matched' };
      const confirmed = await done([
        decideReproofing(one, { officer, now, policy: decision.policy }, lost),
        liftReproofing(one.subscriberId, now, lost),
        journal.append({
          ...{ type: 'subscriber.reproofed', actor: by(officer), subscriberId: one.subscriberId },
          detail: { reproofing: id, way: 'counter', first: one.firstOfficer, ...decidedBy(decision) },
        }),
        ...(await told(one.subscriberId)),
      ]);
      return confirmed ? { confirmed } : { confirmed, reason: 'unknown' };
    },

    async refuse({ id }) {
      const one = await find(id);
      return one !== undefined && done([dropReproofing(one, lost)]);
    },
  };
}
