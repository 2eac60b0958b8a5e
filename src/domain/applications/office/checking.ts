import { EidError } from '../../../platform/errors.ts';
import { sql } from '../../../platform/sql.ts';
import { type Write, writeTogether } from '../../../platform/unit-of-work.ts';
import { dayInVietNam } from '../../subscribers/index.ts';
import {
  type Application,
  CHECKS_OF,
  type Check,
  type CheckKind,
  isUndated,
  LAST_CHECK,
  REASONS,
  type Reason,
  type Silent,
  type Told,
} from '../application.ts';
import { checksOf, record } from '../check-store.ts';
import type { ApplicationsParts } from '../parts.ts';
import * as store from '../store.ts';
import { type ApplicationPolicy, policyAt } from '../terms/policy.ts';
import { createExaminers, type Found } from './examiners.ts';
import { type Outcomes, stepped } from './outcome.ts';

/** How long an application is one worker's: longer than the three who are asked may take together. Seconds. */
const LEASE = 60;
/** Seconds until those who did not answer are asked again: 10 s, 20 s, 40 s … 15 min. */
const FIRST_WAIT = 10;
const LONGEST_WAIT = 900;

/** What came of looking at one application. `idle`: there was none. `overtaken`: it was withdrawn, stopped or taken meanwhile. */
export type Checked = 'idle' | 'decided' | 'asked' | 'waiting' | 'overtaken';

/** Whose silence an error is. */
const SILENT = new Map<string, Silent>([
  ['population_registry.unavailable', 'population_register'],
  ['telephone_registry.unavailable', 'telephone_register'],
  ['face_matcher.unavailable', 'face_matcher'],
  // It answers, and not what the rule in force asks: nobody is refused for how a server is set up.
  ['face_matcher.pad', 'face_matcher'],
]);

/**
 * The work of the office that nobody sits in. One application at a time, taken with a lease; those who are asked are asked
 * outside any transaction; what they say is recorded, check by check, on condition that nobody else has changed the application.
 * Killed at any moment, it is taken again when the lease is over, goes on behind the last check that was recorded, and decides
 * and tells in one statement: once (abuse case 57).
 */
export function createChecking(parts: ApplicationsParts, outcomes: Outcomes) {
  const { database, clock, sealer, journal } = parts;
  const examiners = createExaminers(parts);

  /**
   * Takes the oldest that is due. Its number may be another one's already: then it stays where it is, and everybody is asked about
   * it all the same. One that is told nothing but that it comes second would be told that the number exists.
   */
  async function take(): Promise<Application | 'idle'> {
    const now = clock.now();
    const lease = new Date(now.getTime() + LEASE * 1000);
    let candidate: Application | undefined;
    try {
      return await database.transaction(async (transaction) => {
        candidate = await store.lockNext(transaction, sealer, now);
        if (!candidate) return 'idle';
        const begins = candidate.state === 'SUBMITTED';
        await writeTogether(transaction, [
          store.change(candidate, sql`state = 'CHECKING', next_try_at = ${lease}`),
          ...(begins ? [journal.append(stepped(candidate, 'application.taken'))] : []),
        ]);
        return { ...candidate, state: 'CHECKING', revision: candidate.revision + 1 };
      });
    } catch (error) {
      if (!store.isAnotherLive(error) || !candidate) throw error;
      await writeTogether(database, [store.change(candidate, sql`next_try_at = ${lease}`)]);
      return { ...candidate, revision: candidate.revision + 1 };
    }
  }

  /**
   * Everything fits so far, and another application of the number was first. While that one is looked at this one waits: a stranger
   * who applies with somebody else's number must not have theirs refused. One that waits for its picture, or to be activated, is
   * its holder's.
   */
  async function turn(candidate: Application): Promise<'decided' | 'waiting'> {
    const numberHash = store.hashOf(sealer, 'number', candidate.applicant!.identityNumber);
    const first = await store.comeSoFar(database, numberHash);
    if (first !== undefined && first !== 'CHECKING') return settle(await outcomes.refuse(candidate, 'already_open'));
    // The first one may have come to its end meanwhile.
    const again = new Date(clock.now().getTime() + (first ? FIRST_WAIT * 1000 : 0));
    await writeTogether(database, [store.change(candidate, sql`next_try_at = ${again}`)]);
    return 'waiting';
  }

  /** Writes what was found; the application as it stands afterwards. */
  async function keep(application: Application, check: Check, { found, number }: { found: Found; number: number }) {
    const { id, form, revision } = application;
    const applicant = found.person ? { ...application.applicant!, person: found.person } : application.applicant!;
    await writeTogether(database, [
      store.change(
        application,
        sql`applicant = ${store.sealedApplicant(sealer, id, applicant)}, silences = 0, waiting_for = NULL
          ${found.stopHash ? sql`, stop_hash = ${found.stopHash}` : sql.raw('')}`,
      ),
      record(id, number, check),
      journal.append(
        stepped({ id, form }, 'application.checked', {
          detail: { check: check.kind, result: check.result, policy: check.policy, ...check.detail },
        }),
      ),
      ...(found.writes ?? []),
    ]);
    const holderTold = application.holderTold || found.stopHash !== undefined;
    return { ...application, applicant, revision: revision + 1, holderTold };
  }

  /** Everything that is not known yet, in its order; what does not fit is told when all have answered, and a face is looked at last. */
  async function examine(taken: Application, policy: ApplicationPolicy): Promise<Checked> {
    let application = taken;
    const made = await checksOf(database, taken.id);
    const guardian = taken.guardianId === undefined ? undefined : await parts.subscribers.find(taken.guardianId);
    const before = await examiners.beforehand(application);
    const look = async (kind: CheckKind): Promise<Found> => {
      const found = await examiners.find(kind, application, { policy, quiet: before !== undefined });
      const detail = found.result === 'failed' ? { ...found.detail, reason: found.reason } : found.detail;
      const check: Check = { kind, result: found.result, policy: policy.version, detail, at: clock.now() };
      made.push(check);
      application = await keep(application, check, { found, number: made.length });
      return found;
    };
    const isKnown = (kind: CheckKind): boolean =>
      made.some((one) => one.kind === kind && one.result !== 'inconclusive');
    const kinds: readonly CheckKind[] = CHECKS_OF[taken.form];
    for (const kind of kinds) if (kind !== LAST_CHECK && !isKnown(kind)) await look(kind);
    const tooMany = before === undefined && (await examiners.tooMany(application, made, policy));
    const reason = before?.reason ?? (tooMany ? 'too_many' : refusalBy(made));
    if (reason) return settle(await outcomes.refuse(application, reason, { ...before, guardian }));
    if (application.state === 'SUBMITTED') return turn(application);
    if (kinds.includes(LAST_CHECK) && !isKnown(LAST_CHECK)) {
      const found = await look(LAST_CHECK);
      if (found.result === 'failed') return settle(await outcomes.refuse(application, found.reason, { guardian }));
      if (found.result === 'inconclusive') {
        const more = made.filter(({ kind }) => kind === LAST_CHECK).length < policy.pictures;
        if (!more) return settle(await outcomes.refuse(application, 'picture_unusable'));
        await settle(outcomes.ask(application, policy, found.issues));
        return 'asked';
      }
    }
    // Those who were asked after the register may have been silent for longer than the card was good for.
    const card = cardRefusal(application, dayInVietNam(clock.now()));
    if (card) return settle(await outcomes.refuse(application, card, { guardian }));
    const takesOver = await examiners.takenOver(application);
    return settle(outcomes.approve(application, policy, { ...examiners.approved(application), takesOver }));
  }
  const settle = async (writes: readonly Write[]): Promise<'decided'> => {
    await writeTogether(database, writes);
    return 'decided';
  };

  /** Whoever is asked next does not answer: asked again later, and the page says that somebody does not. */
  async function wait(id: string, silent: Silent): Promise<Checked> {
    const application = await store.find(database, sealer, id);
    if (application?.state !== 'CHECKING' && application?.state !== 'SUBMITTED') return 'overtaken';
    const seconds = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(application.silences, 10));
    const again = new Date(clock.now().getTime() + seconds * 1000);
    await writeTogether(database, [
      store.change(application, sql`silences = silences + 1, waiting_for = ${silent}, next_try_at = ${again}`),
      journal.append(
        stepped(application, 'application.delayed', {
          detail: { waitingFor: silent, silences: application.silences + 1 },
        }),
      ),
    ]);
    return 'waiting';
  }

  return async function checkNext(): Promise<Checked> {
    let taken: Awaited<ReturnType<typeof take>>;
    try {
      taken = await take();
    } catch (error) {
      if (error instanceof store.Overtaken) return 'overtaken';
      throw error;
    }
    if (taken === 'idle') return taken;
    try {
      return await examine(taken, policyAt(taken.submittedAt ?? clock.now(), parts.policies));
    } catch (error) {
      if (error instanceof store.Overtaken) return 'overtaken';
      const silent = error instanceof EidError ? SILENT.get(error.code) : undefined;
      if (!silent) throw error;
      return wait(taken.id, silent).catch((lost: unknown) => {
        if (lost instanceof store.Overtaken) return 'overtaken';
        throw lost;
      });
    }
  };
}

/** Why what was found is refused: in the words that tell the least, where several things do not fit. */
function refusalBy(made: readonly Check[]): Reason | undefined {
  const reasons = made.filter(({ result }) => result === 'failed').map(({ detail }) => detail.reason as Reason);
  const told = (as: Told): Reason | undefined => reasons.find((reason) => REASONS[reason] === as);
  return told('details') ?? told('guardian') ?? reasons[0];
}

/** What is wrong with the card on a day; the register may have spoken of another one since it was asked. */
function cardRefusal({ applicant }: Application, today: string): Reason | undefined {
  const person = applicant?.person;
  if (person && isUndated(person)) return 'card_undated';
  return (person?.documentExpiresOn ?? today) < today ? 'document_expired' : undefined;
}
