import { newId } from '../../platform/ids.ts';
import { sql } from '../../platform/sql.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { newReference, readCode } from '../applications/index.ts';
import { endOfTerm } from '../legal-terms/index.ts';
import { ageOn, isTestNumber } from '../subscribers/index.ts';
import type { Applicant, Application, Check, CheckKind, Form, Missing, Reason } from './application.ts';
import { checksOf, forgetPictures, record } from './check-store.ts';
import { by, type CounterParts, isInTree, knowing, type Officer, stepped } from './parts.ts';
import { begunAnew } from './standing.ts';
import { courtHinders, guardianOf, isSettled, refusing, rulesOf, turningAway, unlessOvertaken } from './steps.ts';
import * as store from './store.ts';

/** What is written down of somebody who stands at the counter. */
export interface Received extends Pick<Applicant, 'identityNumber' | 'fullName' | 'birthdate'> {
  readonly guardianNumber?: string;
}

/** Why nothing was begun. */
export type ReceivingRefusal =
  | 'self'
  | 'invented'
  | 'not_invented'
  | 'register_differs'
  | 'gone'
  | 'under_age'
  | 'guardian_missing'
  | 'guardian_differs'
  | 'of_age'
  | 'guardian_by_court'
  | 'own_account'
  | 'level_2'
  | 'open'
  | 'foreign_office';

/** Finding and beginning an application, and every step of it that finds nothing out. */
export interface Receiving {
  /** By its reference, or by the number of whom it is about, also the one that they have by now: open, or approved and not bound yet. */
  search(typed: string, officer: Officer): Promise<Application | undefined>;
  /** To an officer of its office, or above it; to everybody else there is none. */
  find(id: string, officer: Officer): Promise<Application | undefined>;
  checks(id: string): Promise<Check[]>;
  receive(
    received: Received,
    officer: Officer,
  ): Promise<
    { readonly received: true; readonly id: string } | { readonly received: false; readonly reason: ReceivingRefusal }
  >;
  /** The person is here, and this officer serves them. What a former visit found is found anew. */
  take(application: Application, officer: Officer): Promise<'taken' | 'self' | 'overtaken'>;
  /** The person comes back with something. */
  askFor(application: Application, missing: readonly Missing[], officer: Officer): Promise<'asked' | 'overtaken'>;
  refuse(application: Application, reason: Reason, officer: Officer): Promise<'refused' | 'self' | 'overtaken'>;
  withdraw(application: Application, officer: Officer): Promise<'withdrawn' | 'self' | 'overtaken'>;
  /** Refuses one that was not answered in time, or that nobody goes on with. Answers whether there was any. */
  settleNext(): Promise<boolean>;
}

/** What became of a reception, and what was found out although none was begun. */
type Begun =
  | { readonly received: true; readonly id: string }
  | { readonly received: false; readonly reason: ReceivingRefusal; readonly checks: readonly Check[] };

const DAY = 86_400_000;

export function createReceiving(parts: CounterParts): Receiving {
  const { database, clock, sealer, journal, subscribers, operators } = parts;

  /** What the register says of somebody; what it was asked is recorded whatever it says. */
  async function asked(received: Received, training: boolean, officer: Officer) {
    const now = clock.now();
    const policy = rulesOf(parts);
    const { identityNumber, fullName, birthdate, guardianNumber } = received;
    const answer = await knowing(parts, { training }).population.match({ identityNumber, fullName, birthdate });
    const made = (kind: CheckKind, result: Check['result'], detail: Check['detail']): Check => ({
      ...{ kind, result, detail, officer: officer.operatorId, policy: policy.version, at: now },
    });
    const asOf = answer.asOf.toISOString();
    if (!answer.matched) {
      const check = made('register_match', 'failed', { reason: answer.reason, asOf });
      return { matched: false, reason: answer.reason, checks: [check] } as const;
    }
    const { person, passport } = answer;
    const isWard = guardianNumber !== undefined || ageOn(person.birthdate, now) < policy.aloneFromYears;
    const registered = isWard
      ? await guardianOf(parts, { training, guardian: guardianNumber, ward: person })
      : undefined;
    const checks = [
      made('register_match', 'passed', { asOf }),
      ...(isWard ? [made('guardian', registered ? 'passed' : 'failed', { ...registered })] : []),
    ];
    const known = { person, ...(passport ? { passport } : {}) };
    return { matched: true, person, known, stands: registered !== undefined, checks } as const;
  }

  const checked = (application: Application, check: Check): Write =>
    journal.append(
      stepped(application, 'counter.checked', {
        actor: { kind: 'operator', id: check.officer },
        detail: { check: check.kind, result: check.result, rules: check.policy, ...check.detail },
      }),
    );

  const ending = (application: Application, set: ReturnType<typeof sql>): Write =>
    store.change(application, sql`${set}, answer_before = NULL, proposal = NULL, shown_hash = NULL`);

  /** Begins it; or says why not, with what was found out before that. */
  async function begin(received: Received, officer: Officer): Promise<Begun> {
    const refused = (reason: ReceivingRefusal, checks: readonly Check[] = []): Begun => ({
      ...{ received: false, reason, checks },
    });
    const line = await operators.officeLine(officer.office);
    const [office] = line;
    if (!office) return refused('foreign_office');
    const training = office.training ?? false;
    // Invented people in a training office and in a sandbox, real ones everywhere else: never the other way round.
    if (isTestNumber(received.identityNumber) !== (training || parts.sandbox))
      return refused(training ? 'not_invented' : 'invented');
    if (await parts.isOwnCase(received, officer)) return refused('self');
    const account = training ? undefined : await subscribers.locate(received.identityNumber);
    if (await isSettled(parts, account)) return refused('level_2');
    const now = clock.now();
    const policy = rulesOf(parts);
    const answer = await asked(received, training, officer);
    // A card that has run out keeps nobody from applying: they come back with the new one.
    if (!answer.matched && answer.reason !== 'document_expired')
      return refused(
        answer.reason === 'deceased' || answer.reason === 'number_cancelled' ? 'gone' : 'register_differs',
        answer.checks,
      );
    const birthdate = answer.matched ? answer.person.birthdate : received.birthdate;
    const age = ageOn(birthdate, now);
    if (age < policy.fromYears) return refused('under_age', answer.checks);
    const isChild = age < policy.aloneFromYears;
    if (isChild && received.guardianNumber === undefined) return refused('guardian_missing', answer.checks);
    // An adult comes with a guardian by a court's decision alone.
    const isWard = received.guardianNumber !== undefined;
    if (isWard && answer.matched && !answer.stands)
      return refused(isChild ? 'guardian_differs' : 'of_age', answer.checks);
    const ward = { identityNumber: received.identityNumber, birthdate, byGuardian: isWard };
    const hinders = await courtHinders(parts, account, ward);
    if (hinders) return refused(hinders, answer.checks);
    const form: Form = isWard
      ? 'WARD_L2'
      : answer.matched && answer.person.accountType === 'foreigner'
        ? 'FOREIGN_L2'
        : 'TK01';
    const id = newId();
    const applicant: Applicant = { ...received, ...(answer.matched ? answer.known : {}) };
    const province = line.find(({ kind }) => kind === 'province')?.id;
    const hasCard = answer.matched && answer.person.documentExpiresOn !== undefined;
    const made = {
      ...{ id, reference: newReference(), form, training, policy: policy.version, office: office.id },
      ...(province === undefined ? {} : { province }),
      ...{ receivedBy: officer.operatorId, receivedAt: now, applicant },
      dueAt: endOfTerm(hasCard ? `application.${form}` : 'application.no_card', now),
    };
    const writes = [
      store.insert(sealer, made),
      journal.append(
        stepped(made, 'counter.received', {
          ...{ actor: by(officer), detail: { rules: policy.version } },
          ...(account ? { subscriberId: account.id } : {}),
        }),
      ),
    ];
    return unlessOvertaken<Begun, Begun>(
      async () => {
        await writeTogether(database, writes);
        return { received: true, id };
      },
      refused('open', answer.checks),
    );
  }

  return {
    async find(id, officer) {
      const found = await store.find(database, sealer, id);
      return found && (await isInTree(parts, found, officer)) ? found : undefined;
    },

    async search(typed, officer) {
      const [office] = await operators.officeLine(officer.office);
      const reference = readCode(typed, 10);
      const figures = typed.replace(/[\s.-]/g, '');
      const training = office?.training ?? false;
      const isNumber = /^\d{12}$/.test(figures);
      const account = isNumber && !training ? await subscribers.locate(figures) : undefined;
      const found = isNumber
        ? await store.findOpen(database, sealer, { identityNumber: figures, training, accountId: account?.id })
        : reference === undefined
          ? undefined
          : await store.findByReference(database, sealer, reference);
      return found && (await isInTree(parts, found, officer)) ? found : undefined;
    },

    checks: (id) => checksOf(database, id),

    async receive(received, officer) {
      const begun = await begin(received, officer);
      if (begun.received) return begun;
      const { reason, checks } = begun;
      await writeTogether(database, await turningAway(parts, received, { officer, reason, checks }));
      return { received: false, reason };
    },

    async take(application, officer) {
      const { applicant } = application;
      if (!applicant || !(application.state in { SUBMITTED: 1, CHECKING: 1, NEEDS_INFO: 1 })) return 'overtaken';
      if (await parts.isOwnCase(applicant, officer)) return 'self';
      // Asked anew at each visit: what the register said when it was received may not be so any more.
      const answer = await asked(applicant, application.training, officer);
      const made = await checksOf(database, application.id);
      const { missing: _, passport: before, ...said } = applicant;
      const whole = { ...said, ...(answer.matched ? answer.known : before ? { passport: before } : {}) };
      const now = clock.now();
      const at = { officer: officer.operatorId, policy: rulesOf(parts).version, at: now };
      const found = [...answer.checks, ...begunAnew(made, at)];
      // The term is counted anew from the moment at which an answer made it whole.
      const due =
        application.state === 'NEEDS_INFO'
          ? sql`, due_at = ${endOfTerm(`application.${application.form}`, now)}`
          : sql.raw('');
      return unlessOvertaken(async () => {
        await database.transaction(async (transaction) => {
          await writeTogether(transaction, [
            ending(
              application,
              sql`state = 'CHECKING', officer = ${officer.operatorId}, ${store.touched(now)},
                applicant = ${store.sealedApplicant(sealer, application.id, whole)} ${due}`,
            ),
            ...found.flatMap((check, index) => [
              record(application.id, made.length + index + 1, check),
              checked(application, check),
            ]),
            // Nobody goes on with the face of an earlier visit.
            forgetPictures(application.id),
            journal.append(stepped(application, 'counter.taken', { actor: by(officer) })),
          ]);
        });
        return 'taken' as const;
      }, 'overtaken' as const);
    },

    askFor(application, missing, officer) {
      const until = new Date(clock.now().getTime() + rulesOf(parts).answerDays * DAY);
      const { applicant } = application;
      if (!applicant || application.state !== 'CHECKING') return Promise.resolve('overtaken' as const);
      const sealed = store.sealedApplicant(sealer, application.id, { ...applicant, missing });
      return unlessOvertaken(async () => {
        await writeTogether(database, [
          store.change(
            application,
            sql`state = 'NEEDS_INFO', answer_before = ${until}, proposal = NULL, shown_hash = NULL, applicant = ${sealed}`,
          ),
          forgetPictures(application.id),
          journal.append(stepped(application, 'counter.needs_info', { actor: by(officer), detail: { missing } })),
        ]);
        return 'asked' as const;
      }, 'overtaken' as const);
    },

    async refuse(application, reason, officer) {
      if (application.decidedAt) return 'overtaken';
      if (application.applicant && (await parts.isOwnCase(application.applicant, officer))) return 'self';
      return unlessOvertaken(async () => {
        await writeTogether(database, refusing(parts, application, { reason, officer }));
        return 'refused' as const;
      }, 'overtaken' as const);
    },

    async withdraw(application, officer) {
      if (application.decidedAt) return 'overtaken';
      if (application.applicant && (await parts.isOwnCase(application.applicant, officer))) return 'self';
      return unlessOvertaken(async () => {
        await writeTogether(database, [
          ending(
            application,
            sql`state = 'WITHDRAWN', decided_at = ${clock.now()}, decided_by = ${officer.operatorId}`,
          ),
          journal.append(stepped(application, 'counter.withdrawn', { actor: by(officer) })),
        ]);
        return 'withdrawn' as const;
      }, 'overtaken' as const);
    },

    async settleNext() {
      const now = clock.now();
      const untouchedSince = new Date(now.getTime() - rulesOf(parts).untouchedDays * DAY);
      const next = await store.nextUnanswered(database, sealer, { now, untouchedSince });
      if (!next) return false;
      await unlessOvertaken(
        () => writeTogether(database, refusing(parts, next, { reason: 'not_answered' })),
        undefined,
      );
      return true;
    },
  };
}
