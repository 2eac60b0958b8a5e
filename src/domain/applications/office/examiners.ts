import { createHash } from 'node:crypto';
import { journalled, PAD_LEVELS, passes } from '../../biometrics/index.ts';
import type { RegisteredContacts, RegisteredPerson } from '../../registry/index.ts';
import { ageOn, type Subscriber } from '../../subscribers/index.ts';
import { type Application, type Check, type CheckKind, isUndated, type Reason } from '../application.ts';
import { pictureOf } from '../check-store.ts';
import type { ApplicationsParts } from '../parts.ts';
import { countFitting, hashOf, toldSince } from '../store.ts';
import type { ApplicationPolicy } from '../terms/policy.ts';
import { type HolderTold, tellHolder } from './holder.ts';

const DAY = 86_400_000;

/** By which of what is asked an application is the holder's own, or their guardian's. */
const OWN_BY: ReadonlySet<CheckKind> = new Set(['phone_ownership', 'guardian']);

/** What one who was asked said, and what is written with it. */
export type Found = HolderTold & {
  readonly detail: Check['detail'];
  /** As the register holds them. */
  readonly person?: RegisteredPerson;
} & (
    | { readonly result: 'passed' }
    | { readonly result: 'failed'; readonly reason: Reason }
    | { readonly result: 'inconclusive'; readonly issues: readonly string[] }
  );

/** What an examiner goes by beside the application. */
interface Going {
  readonly policy: ApplicationPolicy;
  /** Whether it will be refused whatever the others say: its holder, who has an account or was told often, is not told again. */
  readonly quiet: boolean;
}

/** One examiner for each check: each asks one of those who know, and judges by the rules. They throw when there is no answer. */
export function createExaminers(parts: ApplicationsParts) {
  const { database, clock, sealer, subscribers, population, telephone, face } = parts;
  const yesterday = (): Date => new Date(clock.now().getTime() - DAY);

  /** Of an application that may come to nothing: once a day, so that strangers make nobody's telephone ring. */
  async function tellHolderOnceADay(application: Application, contacts: RegisteredContacts): Promise<HolderTold> {
    const numberHash = hashOf(sealer, 'number', application.applicant!.identityNumber);
    return (await toldSince(database, numberHash, yesterday())) ? {} : tellHolder(parts, application, contacts);
  }

  const find = {
    phone_confirmed: async (): Promise<Found> => ({ result: 'passed', detail: {} }),

    async register_match(application: Application, { policy, quiet }: Going): Promise<Found> {
      const { identityNumber, fullName, birthdate, accountType } = application.applicant!;
      const answer = await population.match({ identityNumber, fullName, birthdate });
      const asOf = answer.asOf.toISOString();
      const told = quiet
        ? {}
        : await tellHolderOnceADay(application, answer.matched ? answer.person.contacts : answer.contacts);
      if (!answer.matched) return { result: 'failed', reason: answer.reason, detail: { asOf }, ...told };
      const { person } = answer;
      const age = ageOn(person.birthdate, clock.now());
      const ward = application.form === 'WARD_L1';
      // The register's own birth date counts; somebody of whom it knows the year alone is as young as that allows.
      const reason: Reason | undefined =
        !ward && age < policy.aloneFromYears
          ? 'too_young'
          : ward && age >= policy.aloneFromYears
            ? 'of_age'
            : !ward && person.accountType !== accountType
              ? 'no_such_number'
              : isUndated(person)
                ? 'card_undated'
                : undefined;
      if (reason) return { result: 'failed', reason, detail: { asOf }, ...told };
      // What the evidence was, without what it said: the record of the proofing names it.
      const hash = createHash('sha256').update(JSON.stringify(person)).digest('hex');
      return { result: 'passed', person, detail: { asOf, answer: hash }, ...told };
    },

    async phone_ownership({ applicant }: Application): Promise<Found> {
      const { phone = '', identityNumber } = applicant!;
      const { ownership, asOf } = await telephone.ownership({ phone, identityNumber });
      const detail = { ownership, asOf: asOf.toISOString() };
      return ownership === 'holder'
        ? { result: 'passed', detail }
        : { result: 'failed', reason: 'phone_not_own', detail };
    },

    async face_match(application: Application, { policy }: Going): Promise<Found> {
      const picture = await pictureOf(database, sealer, application.id);
      const portrait = await population.portrait(application.applicant!.identityNumber);
      if (!portrait) return { result: 'failed', reason: 'no_portrait', detail: {} };
      if (!picture) throw new Error('an application that is looked at has its picture');
      const compared = await face.compare({ probe: picture.image, reference: portrait.image });
      const { outcome, issues } = compared;
      const detail = { picture: picture.number, ...journalled(compared) };
      const asked = [policy.pad, await parts.padRequired()];
      const required = PAD_LEVELS[Math.max(...asked.map((one) => PAD_LEVELS.indexOf(one)))]!;
      if (passes(compared, required)) {
        // Whoever sends one of before once more, from a file, is asked for another like one whose picture shows nothing. Asked again
        // after a crash, of the same picture of the same application, the answer is the same.
        const isNew = await parts.used.isNew(picture.image, {
          occasion: `application ${application.id} ${picture.number}`,
          portraits: [portrait.image],
        });
        if (isNew) return { result: 'passed', detail };
        return { result: 'inconclusive', issues: ['used_before'], detail: { ...detail, reused: true } };
      }
      if (issues.some((issue) => issue.startsWith('reference_')))
        return { result: 'failed', reason: 'no_portrait', detail };
      // A match of which it is not known whether somebody lived in front of the camera is no match.
      return outcome === 'inconclusive'
        ? { result: 'inconclusive', issues: [...issues], detail }
        : { result: 'failed', reason: 'face_differs', detail };
    },

    async guardian({ guardianId, applicant }: Application): Promise<Found> {
      const guardian = await subscribers.find(guardianId!);
      const number = guardian && (await subscribers.identityNumber(guardian.id));
      const stands = guardian?.state === 'active' && guardian.accountLevel === 2 && number !== undefined;
      const registered = stands && (await population.isGuardian({ guardian: number, ward: applicant!.identityNumber }));
      const detail = { stands, registered };
      return registered ? { result: 'passed', detail } : { result: 'failed', reason: 'not_guardian', detail };
    },
  } satisfies Record<CheckKind, (application: Application, going: Going) => Promise<Found>>;

  return {
    /** What we know ourselves. It is told no sooner than what the others say. */
    async beforehand(
      application: Application,
    ): Promise<{ readonly reason: Reason; readonly holder?: Subscriber } | undefined> {
      const { applicant, guardianId, stoppedAt } = application;
      const { identityNumber, phone } = applicant!;
      if (stoppedAt) return { reason: 'stopped_by_holder' };
      const holder = await subscribers.locate(identityNumber);
      // From fourteen on a ward takes over the account that a guardian has made: looked at like any other application, so that the
      // form tells nobody that there is one.
      const takesOver = holder && guardianId === undefined && (await parts.guardianships.mayBeTakenOver(holder));
      if (holder && !takesOver) return { reason: 'has_account', holder };
      if (guardianId === undefined && phone && (await subscribers.locate(phone))) return { reason: 'phone_in_use' };
      return undefined;
    },

    /**
     * Whether so many were handed in of this number that day that somebody goes on trying. Whose telephone is the number's own, or
     * who is the ward's guardian, is never refused by it: strangers would decide over the holder (abuse case 37).
     */
    async tooMany({ id, applicant }: Application, made: readonly Check[], policy: ApplicationPolicy): Promise<boolean> {
      if (made.some(({ kind, result }) => OWN_BY.has(kind) && result === 'passed')) return false;
      const numberHash = hashOf(sealer, 'number', applicant!.identityNumber);
      const asked = { numberHash, since: yesterday(), except: id };
      return (await countFitting(database, asked)) >= policy.perNumber;
    },

    /** Of one that becomes an account, whatever was told that day of others; of itself, once. */
    approved: (application: Application): HolderTold =>
      application.holderTold ? {} : tellHolder(parts, application, application.applicant?.person?.contacts ?? {}),

    /** The account that an application takes over, when it is approved. */
    async takenOver({ guardianId, applicant }: Application): Promise<string | undefined> {
      if (guardianId !== undefined) return undefined;
      const holder = await subscribers.locate(applicant!.identityNumber);
      return holder && (await parts.guardianships.mayBeTakenOver(holder)) ? holder.id : undefined;
    },

    find: (kind: CheckKind, application: Application, going: Going): Promise<Found> => find[kind](application, going),
  };
}
