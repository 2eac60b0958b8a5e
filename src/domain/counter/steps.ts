import { EidError } from '../../platform/errors.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { actsFor, awaitsHolder, isHeldByCourt } from '../guardianships/index.ts';
import type { RegisteredGuardianship } from '../registry/index.ts';
import { ageOn, type Lock, type Subscriber } from '../subscribers/index.ts';
import type { Applicant, Application, Check, Reason } from './application.ts';
import { pictureOf } from './check-store.ts';
import { by, type CounterParts, knowing, type Officer, stepped } from './parts.ts';
import { type CounterPolicy, counterPolicyAt } from './policy.ts';
import * as store from './store.ts';

/** The rules of a moment. */
export const rulesOf = (parts: CounterParts): CounterPolicy => counterPolicyAt(parts.clock.now(), parts.policies);

/** The officer's word that they have compared with their own eyes. */
export const seenBy = (parts: CounterParts, officer: Officer): Check => ({
  ...{ kind: 'portrait_match', result: 'passed', officer: officer.operatorId, policy: rulesOf(parts).version },
  ...{ detail: {}, at: parts.clock.now() },
});

/** Whether there is nothing to prove: level 2 counts, and every document that its record rests on is in force. */
export const isSettled = async (
  { subscribers }: Pick<CounterParts, 'subscribers'>,
  account: Subscriber | undefined,
): Promise<boolean> => account?.accountLevel === 2 && (await subscribers.anewGround(account)) === undefined;

/**
 * The locks of a guardian in the place of a holder who is old enough to come alone: proven by card, face and fingerprints they lift
 * them as they would their own, and take the account over (domain model 8b). A child's guardian stands beside them, and unlocks it.
 */
export async function guardiansLocks(
  { subscribers, guardianships }: Pick<CounterParts, 'subscribers' | 'guardianships'>,
  { form }: Pick<Application, 'form'>,
  account: Subscriber,
): Promise<{ readonly lifted: readonly Lock[]; readonly others: boolean }> {
  const open = (await subscribers.locks(account.id)).filter(({ liftedAt }) => !liftedAt);
  const held = form === 'WARD_L2' || open.length === 0 ? undefined : await guardianships.ofWard(account.id);
  const isHeld = held !== undefined && awaitsHolder(held);
  const lifted = open.filter(
    ({ ground, openedBy }) => isHeld && ground === 'holder_request' && openedBy === `subscriber:${held.guardianId}`,
  );
  return { lifted, others: lifted.length < open.length };
}

/**
 * As what the register knows a guardian who acts for this ward, a child or an adult by a court's decision, and who has level 2 themselves
 * at this moment (invariant 3); undefined where they may not.
 */
export async function guardianOf(
  parts: Pick<CounterParts, 'clock' | 'policies' | 'subscribers' | 'real' | 'training'>,
  of: {
    readonly training: boolean;
    readonly guardian: string | undefined;
    readonly ward: Pick<Applicant, 'identityNumber' | 'birthdate'>;
  },
): Promise<RegisteredGuardianship | undefined> {
  const { training, guardian, ward } = of;
  if (guardian === undefined) return undefined;
  const account = training ? undefined : await parts.subscribers.locate(guardian);
  if (!training && !(account?.state === 'active' && account.accountLevel === 2)) return undefined;
  const { population } = knowing(parts, { training });
  const registered = await population.guardianship({ guardian, ward: ward.identityNumber });
  return registered && actsFor(registered, { belowAge: isChild(parts, ward) }) ? registered : undefined;
}

/** Whether somebody is too young to come by themselves. */
export const isChild = (
  parts: Pick<CounterParts, 'clock' | 'policies'>,
  { birthdate }: Pick<Applicant, 'birthdate'>,
): boolean => ageOn(birthdate, parts.clock.now()) < counterPolicyAt(parts.clock.now(), parts.policies).aloneFromYears;

/**
 * What keeps an adult's account from this way: a court has left it to a guardian, who is not here; or it is one that its holder signs in
 * to, which no guardian is given: whoever calls themselves one, wrongly, would have it.
 */
export async function courtHinders(
  parts: Pick<CounterParts, 'clock' | 'policies' | 'subscribers' | 'authenticators' | 'guardianships' | 'real'>,
  account: Subscriber | undefined,
  { byGuardian, ...ward }: Pick<Applicant, 'identityNumber' | 'birthdate'> & { readonly byGuardian: boolean },
): Promise<'guardian_by_court' | 'own_account' | undefined> {
  if (!account || isChild(parts, ward)) return undefined;
  if (byGuardian) return (await parts.authenticators.of(account.id)).length > 0 ? 'own_account' : undefined;
  const found = await parts.guardianships.ofWard(account.id);
  const asked = { identityNumber: parts.subscribers.identityNumber, population: parts.real.population };
  return (await isHeldByCourt(found, ward.identityNumber, asked)) ? 'guardian_by_court' : undefined;
}

/**
 * The portrait of the chip that was read in this visit is from now on a picture of before, at sign-ins too, until the document's last
 * day: whoever reads that chip again has it. As writes of the act that rests on the document.
 */
export async function barringPortrait(
  { database, sealer, used }: Pick<CounterParts, 'database' | 'sealer' | 'used'>,
  { id, training, applicant }: Application,
): Promise<readonly Write[]> {
  const chip = training ? undefined : await pictureOf(database, sealer, { applicationId: id, kind: 'chip' });
  if (!chip || !applicant?.card) return [];
  try {
    return await used.barring(chip, applicant.card.expiresOn);
  } catch (error) {
    // Which would take as long the next time: nothing to bar, and it decides nothing about who is here.
    if (error instanceof EidError && error.facts.reason === 'too_slow') return [];
    throw error;
  }
}

/** What did not happen because somebody else was first. */
export async function unlessOvertaken<T, O>(work: () => Promise<T>, otherwise: O): Promise<T | O> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof store.Overtaken) return otherwise;
    throw error;
  }
}

/** A refusal as writes; by the calendar when no officer is named. */
export const refusing = (
  { journal, clock }: Pick<CounterParts, 'journal' | 'clock'>,
  application: Application,
  { reason, officer }: { readonly reason: Reason; readonly officer?: Officer },
): Write[] => [
  store.change(
    application,
    sql`state = 'REFUSED', reason = ${reason}, decided_at = ${clock.now()}, decided_by = ${officer?.operatorId ?? null},
      answer_before = NULL, proposal = NULL, shown_hash = NULL`,
  ),
  journal.append(
    stepped(application, 'counter.refused', {
      actor: officer ? by(officer) : { kind: 'system' },
      detail: { reason },
    }),
  ),
];

/**
 * Whoever was turned away was looked up all the same, and the answer says something about them: who asked and what came of it stands
 * in the list of everybody who was asked about, and where a number has no account in the journal alone. Of an invented person nobody
 * learns anything.
 */
export async function turningAway(
  parts: Pick<CounterParts, 'clock' | 'journal' | 'operators' | 'policies' | 'subscribers'>,
  asked: { readonly identityNumber: string; readonly guardianNumber?: string },
  {
    officer,
    reason,
    checks,
  }: { readonly officer: Officer; readonly reason: string; readonly checks: readonly Check[] },
): Promise<Write[]> {
  const { journal, operators, subscribers } = parts;
  const training = (await operators.officeLine(officer.office))[0]?.training ?? false;
  const guardian = checks.some(({ kind }) => kind === 'guardian') ? asked.guardianNumber : undefined;
  const about = [asked.identityNumber, ...(guardian === undefined ? [] : [guardian])];
  const accounts = await Promise.all(about.map((number) => (training ? undefined : subscribers.locate(number))));
  const detail = {
    ...{ way: 'console', office: officer.office, reason: 'counter_visit', note: false, page: 'reception' },
    ...{ outcome: reason, rules: counterPolicyAt(parts.clock.now(), parts.policies).version },
    ...(training ? { training } : {}),
    ...Object.fromEntries(checks.map(({ kind, result }) => [kind, result])),
  };
  return accounts.map((account) =>
    journal.append({
      actor: by(officer),
      ...(account
        ? { type: 'subscriber.viewed', subscriberId: account.id, detail }
        : { type: 'subscriber.view_refused', detail: { why: 'nobody', ...detail } }),
    }),
  );
}
