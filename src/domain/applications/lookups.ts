import { sql } from '../../platform/sql.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { endOfTerm } from '../legal-terms/index.ts';
import {
  type Activation,
  type Applicant,
  type Application,
  type Check,
  type Form,
  isDecided,
  REASONS,
  type State,
  type Told,
} from './application.ts';
import { checksOf, pictureOf, putPicture } from './check-store.ts';
import { readCode } from './codes.ts';
import { type Outcomes, stepped } from './office/outcome.ts';
import type { ApplicationsParts } from './parts.ts';
import type { Asking, Confirmed, PhoneCodes } from './phone-codes.ts';
import type { TakenPicture } from './picture.ts';
import * as sessions from './session-store.ts';
import * as store from './store.ts';
import { policyAt } from './terms/policy.ts';

const DAY = 86_400_000;

/** How an application stands, as its applicant is shown it. */
export interface Standing {
  readonly reference: string;
  readonly form: Form;
  /** `CHECKING` from the first: one that waits behind another of its number looks like one that does not. */
  readonly state: Exclude<State, 'SUBMITTED'>;
  /** What the applicant is told of a refusal. */
  readonly told?: Told;
  readonly submittedAt: Date;
  readonly dueAt: Date;
  /** Its term is over and it is not decided: a mark, not a state. */
  readonly overdue: boolean;
  /** One of those who are asked does not answer. Which of them is not told: it would tell what the others said (abuse case 41). */
  readonly waiting: boolean;
  readonly answerBefore?: Date;
  readonly activation?: Activation;
  readonly activateBefore?: Date;
}

/** What became of a stop. `locked`: there was an account already. */
export type Stopped = 'stopped' | 'locked' | 'unknown';

/** Looking after an application that was handed in. */
export interface Lookups {
  /** By its reference. A code goes to its telephone; when nobody has it, none goes, and everything looks alike. */
  askStatus(token: string, reference: string, asking: Asking): Promise<void>;
  confirmStatus(token: string, code: string): Promise<Confirmed>;
  /** Of the browser that has confirmed the telephone. */
  standing(token: string): Promise<Standing | undefined>;
  /** Another picture, where one was asked for. */
  answer(token: string, bytes: Buffer): Promise<TakenPicture | { readonly taken: false; readonly reason: 'over' }>;
  withdraw(token: string): Promise<boolean>;
  /** "That was not me": by the code that the holder of the number got. It stops everything that is open of the number. */
  stop(code: string): Promise<Stopped>;
  /**
   * Everything that was handed in for this account, with the checks that were made of it; and by its holder for wards, as they are
   * shown it: whoever types somebody else's number learns neither which check it failed nor what the register holds (case 41).
   */
  ofAccount(accountId: string): Promise<readonly Kept[]>;
  /** Of their own, as the journal names them. */
  idsOf(accountId: string): Promise<string[]>;
  ofGuardian(guardianId: string): Promise<readonly (Standing & { readonly accountId?: string })[]>;
}

/** An application as it is kept, for whoever it is of. */
export type Kept = Pick<
  Application,
  'reference' | 'form' | 'state' | 'activation' | 'applicant' | 'consent' | 'submittedAt' | 'decidedAt'
> & {
  readonly forWard: boolean;
  readonly told?: Told;
  readonly checks: readonly Check[];
  /** Whose word it was, where that was not the holder's own. */
  readonly consentGivenBy?: 'guardian';
};

export function createLookups(parts: ApplicationsParts, codes: PhoneCodes, outcomes: Outcomes): Lookups {
  const { database, clock, sealer, journal, subscribers } = parts;

  async function confirmed(token: string): Promise<Application | undefined> {
    const session = await sessions.session(database, token, clock.now());
    if (session?.purpose !== 'status' || !session.confirmed || session.applicationId === undefined) return undefined;
    return store.find(database, sealer, session.applicationId);
  }
  const shown = (application: Application): Standing => {
    const { reference, form, state, reason, submittedAt, dueAt, waitingFor } = application;
    const { answerBefore, activation, activateBefore } = application;
    const due = dueAt ?? clock.now();
    return {
      ...{ reference, form, submittedAt: submittedAt ?? due, dueAt: due },
      state: state === 'SUBMITTED' ? 'CHECKING' : state,
      ...(reason ? { told: REASONS[reason] } : {}),
      overdue: !isDecided(state) && state !== 'NEEDS_INFO' && due < clock.now(),
      waiting: waitingFor !== undefined,
      ...(state === 'NEEDS_INFO' && answerBefore ? { answerBefore } : {}),
      ...(activation ? { activation } : {}),
      ...(activateBefore ? { activateBefore } : {}),
    };
  };
  /** Somebody else changed it in the same moment: there is nothing to be done any more. */
  const unless = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof store.Overtaken) return otherwise;
      throw error;
    }
  };

  /** What becomes of one application of a number whose holder says that it was not them. */
  async function stopping(application: Application): Promise<Write[]> {
    const stopped = journal.append(stepped(application, 'application.stopped', { actor: { kind: 'claimant' } }));
    if (application.stoppedAt) return [];
    // Refused now, while one of those who are asked is silent, it would tell that the number exists: of one that does not, nobody
    // hears before everybody has answered (abuse case 41).
    if (application.waitingFor) return [store.change(application, sql`stopped_at = ${clock.now()}`), stopped];
    if (!isDecided(application.state)) {
      const guardian =
        application.guardianId === undefined ? undefined : await subscribers.find(application.guardianId);
      return [...(await outcomes.refuse(application, 'stopped_by_holder', { guardian })), stopped];
    }
    if (application.activation !== 'issued' && application.activation !== 'lapsed') return [];
    // Nobody issues it anew, not at a counter either: also what nobody has activated in its time.
    const lapsed = sql`activation = 'lapsed', activation_hash = NULL, stopped_at = ${clock.now()}`;
    return [store.change(application, lapsed), stopped];
  }

  return {
    async askStatus(token, typed, asking) {
      const reference = readCode(typed, 10);
      const found = reference && (await store.findByReference(database, sealer, reference));
      const applicationId = found ? { applicationId: found.id } : {};
      await database.execute(sessions.begin(token, { purpose: 'status', ...applicationId, now: clock.now() }));
      const phone = found && !found.guardianId ? found.applicant?.phone : undefined;
      // That a telephone has had its codes for this hour is not told: whoever asks may not be who it belongs to.
      await codes.send(token, phone, asking);
    },

    confirmStatus: codes.confirmOf,

    async standing(token) {
      const found = await confirmed(token);
      return found && shown(found);
    },

    async answer(token, bytes) {
      const found = await confirmed(token);
      if (found?.state !== 'NEEDS_INFO') return { taken: false, reason: 'over' };
      const taken = await parts.pictures(bytes);
      if (!taken.taken) return taken;
      const now = clock.now();
      const dueAt = endOfTerm(`application.${found.form}`, now, found.submittedAt ?? now);
      const number = ((await pictureOf(database, sealer, found.id))?.number ?? 0) + 1;
      return unless<TakenPicture | { readonly taken: false; readonly reason: 'over' }>(
        async () => {
          await writeTogether(database, [
            store.change(found, sql`state = 'CHECKING', next_try_at = ${now}, due_at = ${dueAt}, answer_before = NULL`),
            putPicture(sealer, { applicationId: found.id, number, image: taken.image, now }),
            journal.append(stepped(found, 'application.answered', { actor: { kind: 'claimant' } })),
          ]);
          return taken;
        },
        { taken: false, reason: 'over' },
      );
    },

    withdraw: (token) =>
      store.retried(async () => {
        const found = await confirmed(token);
        if (!found || isDecided(found.state)) return false;
        await writeTogether(database, outcomes.withdraw(found));
        return true;
      }),

    async stop(typed) {
      const code = readCode(typed, 14);
      const now = clock.now();
      const since = new Date(now.getTime() - policyAt(now, parts.policies).stopDays * DAY);
      const stopOnce = async (): Promise<Stopped> => {
        const found = code && (await store.findStoppable(database, sealer, { code, since }));
        if (!found) return 'unknown';
        const all = await store.stoppableWith(database, sealer, { id: found.id, since });
        await writeTogether(database, (await Promise.all(all.map(stopping))).flat());
        const made = await Promise.all(
          all.flatMap(({ accountId }) => (accountId ? [subscribers.find(accountId)] : [])),
        );
        const accounts = made.flatMap((one) => (one && one.state !== 'closed' ? [one] : []));
        // A message can lock, and never unlock (decisions, "Recovery"): it opens again at the counter. Also beside another lock, which
        // whoever has the account may have made and may lift.
        for (const { id } of accounts) await subscribers.lock(id, 'security_suspected', { kind: 'claimant' });
        return accounts.length > 0 ? 'locked' : 'stopped';
      };
      return store.retried(stopOnce);
    },

    async ofAccount(accountId) {
      const found = await store.ofAccount(database, sealer, accountId);
      return Promise.all(
        found.map(async (one) => ({
          ...{ reference: one.reference, form: one.form },
          ...(one.applicant ? { applicant: one.applicant } : {}),
          ...(one.consent ? { consent: one.consent } : {}),
          // Whose word it was: a ward reads that it was not their own.
          ...(one.consent && one.guardianId && one.guardianId !== accountId
            ? { consentGivenBy: 'guardian' as const }
            : {}),
          ...(one.submittedAt ? { submittedAt: one.submittedAt } : {}),
          ...(one.guardianId === accountId
            ? ofWard(one)
            : { ...decisionOf(one), checks: await checksOf(database, one.id) }),
        })),
      );
    },

    async idsOf(accountId) {
      const found = await store.ofAccount(database, sealer, accountId);
      return found.filter(({ guardianId }) => guardianId !== accountId).map(({ id }) => id);
    },

    async ofGuardian(guardianId) {
      const found = await store.ofGuardian(database, sealer, guardianId);
      return found.map((one) => ({ ...shown(one), ...(one.accountId ? { accountId: one.accountId } : {}) }));
    },
  };
}

const decisionOf = ({ state, reason, activation, decidedAt }: Application) => ({
  ...{ state, forWard: false },
  ...(reason ? { told: REASONS[reason] } : {}),
  ...(activation ? { activation } : {}),
  ...(decidedAt ? { decidedAt } : {}),
});

/** What was typed, without what the register answered, and how it stands. */
function ofWard({ state, applicant }: Application) {
  const { person: _, ...typed } = applicant ?? {};
  return {
    ...{ state: state === 'SUBMITTED' ? ('CHECKING' as const) : state, forWard: true, checks: [] },
    ...(applicant ? { applicant: typed as Applicant } : {}),
  };
}
