import { newId } from '../../platform/ids.ts';
import { sql } from '../../platform/sql.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import { newReference } from '../applications/index.ts';
import type { Proof } from '../assurance/index.ts';
import type { EventDetail, JournalEvent } from '../audit/index.ts';
import { endOfTerm } from '../legal-terms/index.ts';
import { ENTERPRISE_CODE } from '../registry/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import { type Application, type ConsentAnswer, isDecided } from './application.ts';
import * as applications from './application-store.ts';
import { hashOf, type OrganisationsParts, standsWithLevel2 } from './parts.ts';
import { organisationPolicyAt } from './policy.ts';
import { strongProof } from './proof.ts';
import * as store from './store.ts';

const DAY = 86_400_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Why an application was not taken, or a co-representative's answer. `step_up`: prove it anew, with something strong. */
export type ApplyRefusal = 'malformed' | 'level' | 'step_up' | 'too_many' | 'open_already' | 'acts_already';
export type AnswerRefusal = 'unknown' | 'level' | 'step_up';

/** An application, and what each of those answered whom it asks. */
export interface Followed extends Application {
  readonly answers: readonly ConsentAnswer[];
}

/** What people do: apply, consent or decline, withdraw. */
export interface Applying {
  /** `code` as it was typed; the register is asked later. */
  apply(
    person: Subscriber,
    asked: { readonly code: string; readonly proofs: readonly Proof[] },
  ): Promise<
    { readonly applied: true; readonly id: string } | { readonly applied: false; readonly reason: ApplyRefusal }
  >;
  /** Of this person; nothing where it is another's. */
  application(person: Subscriber, id: string): Promise<Followed | undefined>;
  applicationsOf(subscriberId: string, limit?: number): Promise<Followed[]>;
  /** Those of others that wait for this person's answer. */
  asking(person: Subscriber): Promise<Application[]>;
  /** What this person answered to others. */
  answersOf(subscriberId: string, limit: number): ReturnType<typeof applications.answersOf>;
  answer(
    person: Subscriber,
    id: string,
    given: { readonly answer: 'given' | 'declined'; readonly proofs: readonly Proof[] },
  ): Promise<{ readonly answered: true } | { readonly answered: false; readonly reason: AnswerRefusal }>;
  /** False where there is nothing to withdraw: another's, decided, unknown. */
  withdraw(person: Subscriber, id: string): Promise<boolean>;
}

/** The event of a step about an application; of the person who took it, or of the system. */
export const stepped = (
  { id, enterpriseCode, subscriberId }: Pick<Application, 'id' | 'enterpriseCode' | 'subscriberId'>,
  type: Extract<JournalEvent['type'], `organisation.${string}`>,
  { by, detail = {} }: { readonly by?: string; readonly detail?: EventDetail } = {},
): JournalEvent => ({
  ...{ type, actor: by === undefined ? { kind: 'system' } : { kind: 'subscriber', id: by } },
  subscriberId: by ?? subscriberId,
  detail: { application: id, organisation: enterpriseCode, ...detail },
});

export function createApplying(parts: OrganisationsParts): Applying {
  const { database, clock, sealer, journal, subscribers } = parts;
  const rules = () => organisationPolicyAt(clock.now(), parts.policies);
  const ownHash = async (person: Subscriber): Promise<Buffer | undefined> => {
    const number = await subscribers.identityNumber(person.id);
    return number === undefined ? undefined : hashOf(parts, number);
  };
  const followed = async (one: Application): Promise<Followed> => ({
    ...one,
    answers: await applications.consentsOf(database, one.id),
  });
  const own = async (person: Subscriber, id: string): Promise<Application | undefined> => {
    const found = UUID.test(id) ? await applications.find(database, sealer, id) : undefined;
    return found?.subscriberId === person.id ? found : undefined;
  };
  const proofOf = (person: Subscriber, proofs: readonly Proof[]) =>
    strongProof(parts, person, { proofs, minutes: rules().proofMinutes });
  /** Whether it was written; false where somebody else was first. */
  const written = async (writes: Parameters<typeof writeTogether>[1]): Promise<boolean> => {
    try {
      await writeTogether(database, writes);
      return true;
    } catch (error) {
      if (error instanceof applications.Overtaken || (error as { code?: string }).code === 'SL003') return false;
      throw error;
    }
  };

  return {
    async apply(person, { code, proofs }) {
      const enterpriseCode = code.normalize('NFKC').replace(/[\s.]/g, '');
      if (!ENTERPRISE_CODE.test(enterpriseCode)) return { applied: false, reason: 'malformed' };
      if (!standsWithLevel2(person)) return { applied: false, reason: 'level' };
      const proof = await proofOf(person, proofs);
      if (!proof) return { applied: false, reason: 'step_up' };
      const now = clock.now();
      const { version, perDay } = rules();
      if ((await applications.countSince(database, person.id, new Date(now.getTime() - DAY))) >= perDay)
        return { applied: false, reason: 'too_many' };
      if (await store.live(database, person.id, enterpriseCode)) return { applied: false, reason: 'acts_already' };
      const made = {
        ...{ id: newId(), reference: newReference(), enterpriseCode, subscriberId: person.id },
        // Until the register says that it knows the organisation it may take as long as for one that it does not.
        ...{ policy: version, submittedAt: now, dueAt: endOfTerm('organisation.unregistered', now) },
      };
      try {
        await writeTogether(database, [
          applications.insert(made),
          journal.append(
            stepped(made, 'organisation.applied', { by: person.id, detail: { rules: version, ...proof } }),
          ),
        ]);
      } catch (error) {
        if (applications.isAnotherLive(error)) return { applied: false, reason: 'open_already' };
        throw error;
      }
      return { applied: true, id: made.id };
    },

    async application(person, id) {
      const found = await own(person, id);
      return found && followed(found);
    },

    async applicationsOf(subscriberId, limit) {
      return Promise.all((await applications.ofPerson(database, sealer, subscriberId, limit)).map(followed));
    },

    async asking(person) {
      const hash = await ownHash(person);
      return hash ? applications.askedOf(database, sealer, hash) : [];
    },

    answersOf: (subscriberId, limit) => applications.answersOf(database, subscriberId, limit),

    async answer(person, id, { answer, proofs }) {
      const numberHash = await ownHash(person);
      const waiting = numberHash ? await applications.askedOf(database, sealer, numberHash) : [];
      const found = waiting.find((one) => one.id === id);
      // Whoever is not asked does not learn whether there is such an application.
      if (!found || !numberHash) return { answered: false, reason: 'unknown' };
      if (answer === 'given' && !standsWithLevel2(person)) return { answered: false, reason: 'level' };
      const proof = answer === 'given' ? await proofOf(person, proofs) : undefined;
      if (answer === 'given' && !proof) return { answered: false, reason: 'step_up' };
      const now = clock.now();
      const answered = await written([
        applications.answer({ applicationId: id, numberHash }, { answer, subscriberId: person.id, now, proof }),
        // Looked at at once; the term begins anew, since only now the file may be whole.
        applications.change(found, sql`next_try_at = ${now}, due_at = ${endOfTerm('organisation.registered', now)}`),
        journal.append(
          stepped(found, answer === 'given' ? 'organisation.consented' : 'organisation.declined', {
            ...{ by: person.id, detail: { ...proof } },
          }),
        ),
      ]);
      return answered ? { answered } : { answered, reason: 'unknown' };
    },

    async withdraw(person, id) {
      const found = await own(person, id);
      if (!found || isDecided(found.state)) return false;
      return written([
        applications.change(found, sql`state = 'WITHDRAWN', decided_at = ${clock.now()}, waiting_for = NULL`),
        journal.append(stepped(found, 'organisation.withdrawn', { by: person.id })),
      ]);
    },
  };
}
