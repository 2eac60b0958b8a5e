import { createHash } from 'node:crypto';
import { journalled, PAD_LEVELS, padLacking, passes } from '../../biometrics/index.ts';
import { actsFor, isHeldByCourt } from '../../guardianships/index.ts';
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

  /** Whether a court has left somebody's account to a guardian: asked of whoever comes by themselves, and told as any account is. */
  async function isHeld(ward: string): Promise<boolean> {
    const holder = await subscribers.locate(ward);
    const found = holder && (await parts.guardianships.ofWard(holder.id));
    return isHeldByCourt(found, ward, { identityNumber: subscribers.identityNumber, population });
  }

  /** The account that somebody made before, and that this application may be for: its holder's, or of a guardian who follows another. */
  async function waiting({ guardianId, applicant }: Application): Promise<string | undefined> {
    const holder = await subscribers.locate(applicant!.identityNumber);
    const { mayBeTakenOver, mayBePassedOn } = parts.guardianships;
    const waits = guardianId === undefined ? mayBeTakenOver : mayBePassedOn;
    return holder && (await waits(holder)) ? holder.id : undefined;
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
          : !ward && person.accountType !== accountType
            ? 'no_such_number'
            : isUndated(person)
              ? 'card_undated'
              : !ward && (await isHeld(identityNumber))
                ? 'has_account'
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
      const lacking = padLacking(compared, { required, has: face.pad });
      if (lacking) throw lacking;
      if (issues.some((issue) => issue.startsWith('reference_')))
        return { result: 'failed', reason: 'no_portrait', detail };
      // A match of which it is not known whether somebody lived in front of the camera is no match.
      return outcome === 'inconclusive'
        ? { result: 'inconclusive', issues: [...issues], detail }
        : { result: 'failed', reason: 'face_differs', detail };
    },

    async guardian({ guardianId, applicant }: Application, { policy }: Going): Promise<Found> {
      const guardian = await subscribers.find(guardianId!);
      const number = guardian && (await subscribers.identityNumber(guardian.id));
      const stands = guardian?.state === 'active' && guardian.accountLevel === 2 && number !== undefined;
      const { identityNumber: ward, birthdate } = applicant!.person ?? applicant!;
      const registered = stands ? await population.guardianship({ guardian: number, ward }) : undefined;
      const belowAge = ageOn(birthdate, clock.now()) < policy.aloneFromYears;
      const detail = { stands, registered: registered !== undefined, ...registered };
      if (registered && actsFor(registered, { belowAge })) return { result: 'passed', detail };
      // A parent of somebody of seventeen is one, and does not apply for them.
      return { result: 'failed', reason: registered && !belowAge ? 'of_age' : 'not_guardian', detail };
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
      // form tells nobody that there is one. Nobody becomes the guardian of an account that an adult has made for themselves.
      if (holder && !(await waiting(application))) return { reason: 'has_account', holder };
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
    takenOver: waiting,

    find: (kind: CheckKind, application: Application, going: Going): Promise<Found> => find[kind](application, going),
  };
}
