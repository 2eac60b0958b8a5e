import { newId } from '../../../platform/ids.ts';
import { sql } from '../../../platform/sql.ts';
import { writeTogether } from '../../../platform/unit-of-work.ts';
import type { Actor } from '../../audit/index.ts';
import { actsFor } from '../../guardianships/index.ts';
import type { RegisteredPerson } from '../../registry/index.ts';
import { ageOn } from '../../subscribers/index.ts';
import { type Application, isUndated } from '../application.ts';
import { newLongCode, readCode } from '../codes.ts';
import type { ApplicationsParts } from '../parts.ts';
import * as store from '../store.ts';
import { policyAt } from '../terms/policy.ts';
import { tellHolder } from './holder.ts';
import { stepped } from './outcome.ts';

/** Why an account is issued anew, in the officer's choice of words. */
export const REISSUE_REASONS = ['message_lost', 'was_away', 'could_not_bind'] as const;
export type ReissueReason = (typeof REISSUE_REASONS)[number];

/** Why it is not. `forgotten`: nobody knows any more who applied. `stopped`: the holder of the number said that it was not them. */
export type ReissueRefusal =
  | 'not_lapsed'
  | 'forgotten'
  | 'stopped'
  | 'register_differs'
  | 'not_guardian'
  | 'card_undated'
  | 'phone_not_own'
  | 'phone_in_use'
  | 'has_account'
  | 'already_open';

type Officer = Actor & { readonly id: string };

/** What an officer does about somebody's application online, who stands at the counter or has called. */
export interface Reissuing {
  /** By its reference, or the newest of a number. */
  soughtOnline(typed: string): Promise<Application | undefined>;
  findOnline(id: string): Promise<Application | undefined>;
  /** The look is written down before anything is shown. */
  noteLook(
    application: Application,
    look: { readonly by: Officer; readonly office: string; readonly reason: string },
  ): Promise<void>;
  /**
   * `ACTIVATION_LAPSED → ISSUED` (domain model 8b): another code goes to the telephone that was confirmed, and whoever the register
   * knows at the number is told, with a code that stops it.
   */
  reissue(
    application: Application,
    asked: { readonly reason: ReissueReason; readonly by: Officer },
  ): Promise<{ readonly reissued: true } | { readonly reissued: false; readonly reason: ReissueRefusal }>;
}

const DAY = 86_400_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createReissuing(parts: ApplicationsParts): Reissuing {
  const { database, clock, sealer, journal, notices, subscribers, population, telephone } = parts;
  const no = (reason: ReissueRefusal) => ({ reissued: false, reason }) as const;

  /** Whoever applied for a ward may have been relieved of it since. */
  async function isGuardian(guardianId: string | undefined, ward: RegisteredPerson): Promise<boolean> {
    const guardian = guardianId === undefined ? undefined : await subscribers.identityNumber(guardianId);
    if (guardian === undefined) return false;
    const registered = await population.guardianship({ guardian, ward: ward.identityNumber });
    const belowAge = ageOn(ward.birthdate, clock.now()) < policyAt(clock.now(), parts.policies).aloneFromYears;
    return registered !== undefined && actsFor(registered, { belowAge });
  }

  /** What was asked when it was approved is asked again: since then somebody may have died, or have another telephone. */
  async function hindrance({ form, applicant, guardianId }: Application) {
    const { identityNumber, fullName, birthdate, phone } = applicant!;
    const answer = await population.match({ identityNumber, fullName, birthdate });
    if (!answer.matched) return 'register_differs';
    if (isUndated(answer.person)) return 'card_undated';
    if (await subscribers.locate(identityNumber)) return 'has_account';
    if (form === 'WARD_L1') return (await isGuardian(guardianId, answer.person)) ? answer.person : 'not_guardian';
    if (phone === undefined) return answer.person;
    if (await subscribers.locate(phone)) return 'phone_in_use';
    const { ownership } = await telephone.ownership({ phone, identityNumber });
    return ownership === 'holder' ? answer.person : 'phone_not_own';
  }

  return {
    async soughtOnline(typed) {
      const figures = typed.replace(/[\s.-]/g, '');
      const reference = readCode(typed, 10);
      return /^\d{12}$/.test(figures)
        ? store.newestOf(database, sealer, store.hashOf(sealer, 'number', figures))
        : reference === undefined
          ? undefined
          : store.findByReference(database, sealer, reference);
    },

    findOnline: async (id) => {
      const found = UUID.test(id) ? await store.find(database, sealer, id) : undefined;
      return found?.state === 'DRAFT' ? undefined : found;
    },

    noteLook: (application, { by, ...detail }) =>
      writeTogether(database, [journal.append(stepped(application, 'application.viewed', { actor: by, detail }))]),

    async reissue(application, { reason, by }) {
      if (application.activation !== 'lapsed') return no('not_lapsed');
      if (application.stoppedAt) return no('stopped');
      const { applicant, id, locale } = application;
      if (!applicant) return no('forgotten');
      const person = await hindrance(application);
      if (typeof person === 'string') return no(person);
      const now = clock.now();
      const { activationDays: days, version } = policyAt(now, parts.policies);
      const code = newLongCode();
      const { phone } = applicant;
      const told = tellHolder(parts, application, person.contacts, 'application_reissued_in_your_name');
      const values = { activation: code, days };
      try {
        await writeTogether(database, [
          store.change(
            application,
            sql`activation = 'issued', activation_hash = ${store.hashOf(sealer, 'code', code)}, account_id = ${newId()},
              activate_before = ${new Date(now.getTime() + days * DAY)}, reissued_at = ${now},
              reissue_stop_hash = coalesce(${told.stopHash ?? null}::bytea, reissue_stop_hash),
              applicant = ${store.sealedApplicant(sealer, id, { ...applicant, person })}`,
          ),
          ...(application.form === 'WARD_L1' || phone === undefined
            ? []
            : notices.queue({ kind: 'application_approved', to: { medium: 'sms', address: phone }, locale, values })),
          ...(told.writes ?? []),
          journal.append(
            stepped(application, 'application.reissued', { actor: by, detail: { reason, policy: version } }),
          ),
        ]);
      } catch (error) {
        if (error instanceof store.Overtaken) return no('not_lapsed');
        if (store.isAnotherLive(error)) return no('already_open');
        throw error;
      }
      return { reissued: true };
    },
  };
}
