import { EidError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { endOfTerm } from '../legal-terms/index.ts';
import type { RegisteredEnterprise, RegisteredRepresentative } from '../registry/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import type { Application, Asked, Known, Reason, WaitingFor } from './application.ts';
import * as applications from './application-store.ts';
import { stepped } from './applying.ts';
import { hashOf, type OrganisationsParts, standsWithLevel2 } from './parts.ts';
import { type OrganisationPolicy, organisationPolicyAt } from './policy.ts';
import * as store from './store.ts';

const HOUR = 3_600_000;
/** How long an application is one worker's: longer than the register may take. */
const LEASE = 60_000;
/** Until a silent register is asked again: 10 s, 20 s, 40 s … 15 min. */
const FIRST_WAIT = 10_000;
const LONGEST_WAIT = 900_000;

/** What came of looking at one application. `idle`: there was none. `overtaken`: it was withdrawn or answered meanwhile. */
export type Checked = 'idle' | 'decided' | 'waiting' | 'overtaken';

/**
 * The work of the office that nobody sits in: one application at a time, taken with a lease. Whatever is found is found anew each
 * time, up to the decision: who acts today, who has level 2 today, whose consent is there. Killed at any moment, it is taken again
 * when the lease is over, and is decided in one statement: once (abuse case 57).
 */
export function createChecking(parts: OrganisationsParts): () => Promise<Checked> {
  const { database, clock, sealer, journal, subscribers } = parts;

  async function take(): Promise<Application | undefined> {
    const now = clock.now();
    return database.transaction(async (transaction) => {
      const found = await applications.lockNext(transaction, sealer, now);
      if (!found) return undefined;
      const lease = new Date(now.getTime() + LEASE);
      await writeTogether(transaction, [applications.change(found, sql`state = 'CHECKING', next_try_at = ${lease}`)]);
      return { ...found, state: 'CHECKING', revision: found.revision + 1 };
    });
  }

  const settle = async (writes: readonly Write[]): Promise<'decided'> => {
    await writeTogether(database, writes);
    return 'decided';
  };

  async function refuse(application: Application, reason: Reason): Promise<'decided'> {
    const { id, known } = application;
    const name = known?.name ?? application.enterpriseCode;
    return settle([
      applications.change(
        application,
        sql`state = 'REFUSED', reason = ${reason}, decided_at = ${clock.now()}, waiting_for = NULL
          ${known ? sql`, known = ${applications.sealedKnown(sealer, id, known)}` : sql.raw('')}`,
      ),
      journal.append(stepped(application, 'organisation.refused', { detail: { reason } })),
      ...(await parts.told(application.subscriberId, 'organisation_refused', { organisation: name })),
    ]);
  }

  /** Not yet: for what, and when it is looked at again at the latest. */
  async function wait(
    application: Application,
    what: WaitingFor,
    more: { at: Date; set?: Sql; writes?: readonly Write[] },
  ) {
    await writeTogether(database, [
      applications.change(application, sql`waiting_for = ${what}, next_try_at = ${more.at} ${more.set ?? sql.raw('')}`),
      ...(more.writes ?? []),
    ]);
    return 'waiting' as const;
  }

  /** Given by whoever is listed, who stands with level 2 at this moment too. */
  async function isGiven(asked: Asked, answers: Awaited<ReturnType<typeof applications.consentsOf>>): Promise<boolean> {
    const answer = answers.find(({ numberHash }) => numberHash === asked.numberHash);
    if (answer?.answer !== 'given' || answer.subscriberId === undefined) return false;
    const giver = await subscribers.find(answer.subscriberId);
    if (!standsWithLevel2(giver)) return false;
    const number = await subscribers.identityNumber(giver.id);
    return number !== undefined && hashOf(parts, number).toString('hex') === asked.numberHash;
  }

  /** Each co-representative who is not asked yet, and word to whoever of them has an account. */
  async function askFor(
    application: Application,
    others: readonly RegisteredRepresentative[],
    { name, known }: { readonly name: string; readonly known: readonly string[] },
  ): Promise<Write[]> {
    const now = clock.now();
    const writes = await Promise.all(
      others.map(async ({ identityNumber }): Promise<Write[]> => {
        const hash = hashOf(parts, identityNumber);
        if (known.includes(hash.toString('hex'))) return [];
        const person = await subscribers.locate(identityNumber);
        return [
          applications.ask(application.id, hash, now),
          journal.append({
            ...stepped(application, 'organisation.consent_asked'),
            ...(person ? { subscriberId: person.id } : {}),
          }),
          ...(person ? await parts.told(person.id, 'organisation_consent_asked', { organisation: name }) : []),
        ];
      }),
    );
    return writes.flat();
  }

  async function approve(
    application: Application & { readonly known: Known },
    person: Subscriber,
    found: {
      readonly enterprise: RegisteredEnterprise;
      readonly role: RegisteredRepresentative['role'];
      readonly asOf: Date;
      /** Hashes of those who were asked, have not answered, and are listed no more. */
      readonly unasked: readonly string[];
    },
  ): Promise<Checked> {
    const { enterprise, role, asOf, unasked } = found;
    const now = clock.now();
    const { enterpriseCode, name, status } = enterprise;
    const told = await parts.told(person.id, 'organisation_approved', { organisation: name });
    await database.transaction(async (transaction) => {
      const opened = { id: newId(), enterpriseCode, name, status, asOf, askedAt: now };
      await writeTogether(transaction, [
        store.open(opened, now),
        ...unasked.map((hash) => applications.unask(application.id, hash)),
      ]);
      const organisationId = (await store.idOf(transaction, enterpriseCode))!;
      await writeTogether(transaction, [
        applications.change(
          application,
          sql`state = 'APPROVED', decided_at = ${now}, waiting_for = NULL,
            known = ${applications.sealedKnown(sealer, application.id, application.known)}`,
        ),
        store.begin({
          ...{ id: newId(), organisationId, subscriberId: person.id, applicationId: application.id, role, now },
        }),
        journal.append(stepped(application, 'organisation.approved', { detail: { role, rules: application.policy } })),
        ...told,
      ]);
    });
    return 'decided';
  }

  async function examine(taken: Application, policy: OrganisationPolicy): Promise<Checked> {
    const person = await subscribers.find(taken.subscriberId);
    if (!standsWithLevel2(person)) return refuse(taken, 'level');
    const answer = await parts.registry.find(taken.enterpriseCode);
    const now = clock.now();
    if (!answer.found) {
      if (taken.dueAt <= now) return refuse(taken, 'not_in_register');
      const again = Math.min(now.getTime() + policy.unknownHours * HOUR, taken.dueAt.getTime());
      return wait(taken, 'registration', { at: new Date(again) });
    }
    const { enterprise } = answer;
    const number = await subscribers.identityNumber(person.id);
    const own = enterprise.representatives.find(({ identityNumber }) => identityNumber === number);
    // Nobody who is not listed learns of an organisation how it stands, or what it is called.
    if (!own) return refuse(taken, 'not_representative');
    const others = enterprise.representatives.filter(
      ({ identityNumber, role }) => identityNumber !== number && role !== 'authorised',
    );
    const asked = others.map(
      (one): Asked => ({
        ...{ fullName: one.fullName, role: one.role },
        numberHash: hashOf(parts, one.identityNumber).toString('hex'),
      }),
    );
    const known: Known = { name: enterprise.name, asked };
    const application = { ...taken, known };
    if (enterprise.status !== 'active') return refuse(application, enterprise.status);

    const answers = await applications.consentsOf(database, taken.id);
    if (answers.some(({ answer: said }) => said === 'declined')) return refuse(application, 'declined');
    const given = await Promise.all(asked.map((one) => isGiven(one, answers)));
    const unasked = answers
      .filter(({ numberHash, answer: said }) => !said && !asked.some((one) => one.numberHash === numberHash))
      .map(({ numberHash }) => numberHash);
    if (given.every(Boolean))
      return approve(application, person, { enterprise, role: own.role, asOf: answer.asOf, unasked });

    const until = taken.answerBefore ?? new Date(now.getTime() + policy.consentDays * 24 * HOUR);
    if (until <= now) return refuse(application, 'no_consent');
    const dueAt =
      taken.waitingFor === 'consents' ? taken.dueAt : endOfTerm('organisation.registered', taken.submittedAt);
    return wait(application, 'consents', {
      // An answer brings it forward; who is listed may change meanwhile.
      at: new Date(Math.min(now.getTime() + 24 * HOUR, until.getTime())),
      set: sql`, silences = 0, answer_before = ${until}, due_at = ${dueAt},
        known = ${applications.sealedKnown(sealer, taken.id, known)}`,
      writes: await askFor(application, others, {
        ...{ name: enterprise.name, known: answers.map(({ numberHash }) => numberHash) },
      }),
    });
  }

  /** The register is silent: asked again later, however long it takes. */
  async function silence(taken: Application): Promise<Checked> {
    const again = clock.now().getTime() + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(taken.silences, 10));
    return wait(taken, 'register', {
      ...{ at: new Date(again), set: sql`, silences = silences + 1` },
      writes: [journal.append(stepped(taken, 'organisation.delayed', { detail: { silences: taken.silences + 1 } }))],
    });
  }

  return async function checkNext() {
    try {
      const taken = await take();
      if (!taken) return 'idle';
      try {
        return await examine(taken, organisationPolicyAt(taken.submittedAt, parts.policies));
      } catch (error) {
        if (error instanceof EidError && error.code === 'enterprise_registry.unavailable') return await silence(taken);
        throw error;
      }
    } catch (error) {
      // The database has refused a representation: somebody's account has changed since it was read (SL003).
      const isRefused = (error as { code?: string }).code === 'SL003';
      if (error instanceof applications.Overtaken || isRefused) return 'overtaken';
      throw error;
    }
  };
}
