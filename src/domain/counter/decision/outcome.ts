import { createHash } from 'node:crypto';
import { newId } from '../../../platform/ids.ts';
import { sql } from '../../../platform/sql.ts';
import type { Write } from '../../../platform/unit-of-work.ts';
import { accountLevelFrom, decidedBy } from '../../assurance/index.ts';
import type { Actor, EventDetail } from '../../audit/index.ts';
import { awaitsGuardian } from '../../guardianships/index.ts';
import { type Evidence, originOf, type Proofing } from '../../proofing/index.ts';
import type { RegisteredGuardianship, RegisteredPerson } from '../../registry/index.ts';
import { ageOn, type Person, type Subscriber } from '../../subscribers/index.ts';
import type { Application, Check, Claim, Overridable, ReadCard } from '../application.ts';
import { by, type CounterParts, type Officer, type Queryable, stepped } from '../parts.ts';
import { lastOf, needed } from '../standing.ts';
import { guardiansLocks } from '../steps.ts';
import { change, endBinding } from '../store.ts';

/** An approval that is about to be written: everything about it is known. */
export interface Approval {
  readonly application: Application;
  readonly checks: readonly Check[];
  /** As the register holds them at this moment. */
  readonly person: RegisteredPerson;
  /** As what it knows the guardian who is here; of a ward alone. */
  readonly registered: RegisteredGuardianship | undefined;
  /** The account that the number has. */
  readonly account: Subscriber | undefined;
  readonly claim: Claim;
  readonly officer: string;
  readonly override?: { readonly check: Overridable; readonly second: Officer };
}

/** What is written step by step in one transaction: what ends first, because what begins takes its number. */
export interface Steps {
  readonly first: (transaction: Queryable) => Promise<readonly (readonly Write[])[]>;
  readonly next: readonly Write[];
}

/** The evidence is not enough by the assurance policy in force. */
export class PolicySaysNo extends Error {}

/** What becomes of an approved application: the account, what ends with it, what is told and what is journalled, as writes. */
export function createOutcome(parts: CounterParts) {
  const { clock, journal, subscribers, authenticators, guardianships } = parts;

  const proofingOf = ({ application, checks, person, officer, override }: Approval): Proofing => {
    const { card } = application.applicant!;
    const passed = (kind: Check['kind']): boolean =>
      lastOf(checks, kind)?.result === 'passed' && kind !== override?.check;
    // The document is bound to whoever showed it by their face and fingers (identity-assurance.md §5).
    const ofHolder = (['portrait_match', 'face_match', 'fingerprint_match'] as const).filter(passed);
    const ofRegister = (['register_match', 'guardian'] as const).filter(passed);
    const document = evidenceOf(card!);
    const timed = (names: readonly string[], kind?: Check['kind']) =>
      Object.fromEntries(
        names.flatMap((name) => {
          const at = lastOf(checks, kind ?? (name as Check['kind']))?.at;
          return at ? [[name, at.toISOString()]] : [];
        }),
      );
    const evidence: Evidence[] = [
      {
        ...document,
        checks: [...document.checks, ...ofHolder],
        // What a chip showed it showed in one reading.
        times: { ...timed(document.checks, 'card'), ...timed(ofHolder) },
      },
      {
        ...{ kind: 'register_entry', strength: 'strong', checks: ofRegister, times: timed(ofRegister) },
        // What the evidence was, without what it said.
        hash: createHash('sha256').update(JSON.stringify(person)).digest('hex'),
      },
    ];
    return {
      ...{ id: newId(), accountLevel: 2, channel: 'in_person', evidence, officer, decidedAt: clock.now() },
      ...{ faceMatched: passed('face_match'), fingerprintsMatched: passed('fingerprint_match') },
      ...(override ? { overridden: override.check, secondOfficer: override.second.operatorId } : {}),
      policy: application.policy,
      card: parts.documentKey(card!.documentNumber),
    };
  };

  /** By the assurance policy in force: an override is two officers' word that it is the same person. */
  async function decided({ person }: Approval, proofing: Proofing): Promise<EventDetail> {
    const now = clock.now();
    const { overridden, faceMatched, fingerprintsMatched } = proofing;
    const weighed = {
      ...proofing,
      age: ageOn(person.birthdate, now),
      faceMatched: faceMatched || overridden === 'face_match',
      fingerprintsMatched: fingerprintsMatched || overridden === 'fingerprint_match',
    };
    const decision = accountLevelFrom(weighed, { policy: await parts.assurance(), now: now.getTime() / 1000 });
    if (decision.accountLevel < 2) throw new PolicySaysNo('the policy in force asks for more');
    return { ...decidedBy(decision), ...(overridden ? { overridden } : {}) };
  }

  /**
   * The account is raised, or its level 2 counts again; whoever holds anything of it now holds nothing. Whose level 2 did not count may
   * have been recovered by somebody else: they bind afresh too. `sub`s stay, as they do at a re-proofing (decisions, "`sub`").
   */
  async function raise(approval: Approval, account: Subscriber): Promise<Steps> {
    const proofing = proofingOf(approval);
    const { application, person } = approval;
    const actor = { kind: 'operator', id: approval.officer } as const;
    const own = await ownPhone(application, account, person);
    const addressed = await parts.reachable(account);
    const raised = {
      ...{ person: personFrom(person, account.locale, own), proofing, by: actor },
      ...{ ...(await lastDays(parts, application, person)), decided: await decided(approval, proofing) },
    };
    const withdrawn = await doubted(account, actor);
    const { lifted } = await guardiansLocks(parts, application, account);
    const opened =
      lifted.length > 0 ? await subscribers.unlocking(account.id, lifted, { by: actor, reason: 'taken_over' }) : [];
    return {
      first: async (transaction) => [
        [...(await authenticators.clearing(transaction, account.id, actor)), ...withdrawn, ...opened],
      ],
      next: [
        ...(await subscribers.upgrading(account, raised)),
        endBinding(account.id),
        ...parts.forgettingAddresses(account.id),
        ...(await authenticators.clearingTold(account.id)),
        // To every address that was confirmed until now: the person, or whoever had been in their place.
        ...parts.notices.queueToAll('level_2_at_counter', addressed, {}),
        ...(await lookedAfter(approval, account.id)),
      ],
    };
  }

  /**
   * Whoever claimed level 1, or recovered level 2 and agreed to something since, may have been somebody else: nobody is told what is
   * proven now on the strength of their word.
   */
  async function doubted({ id, recordedLevel, reproofingGround, reproofingRequiredSince }: Subscriber, actor: Actor) {
    if (recordedLevel === 1) return parts.withdrawingAll(id, actor);
    return reproofingGround === 'recovery' && reproofingRequiredSince
      ? parts.withdrawingAll(id, actor, { from: reproofingRequiredSince, until: clock.now() })
      : [];
  }

  /**
   * The rightful person begins afresh: another account, and other subs. What was falsely claimed is closed, and its parties are told, in
   * whatever way each of them hears: nobody agreed to what they were given.
   */
  async function open(approval: Approval, id: string): Promise<Steps> {
    const proofing = proofingOf(approval);
    const { application, person, account } = approval;
    const actor = { kind: 'operator', id: approval.officer } as const;
    const withdrawn = account ? await parts.withdrawingAll(account.id, actor) : [];
    const closed = account
      ? [
          ...(await authenticators.clearingTold(account.id)),
          ...(await subscribers.closing(account.id, actor)),
          ...(await parts.purged(account.id)),
          ...parts.forgettingAddresses(account.id),
        ]
      : [];
    const locale = person.accountType === 'foreigner' ? 'en' : 'vi';
    const ready = subscribers.registering(
      { ...personFrom(person, locale, undefined), identityNumber: person.identityNumber, test: parts.sandbox },
      {
        ...{ by: actor, proofing, id, detail: await decided(approval, proofing) },
        ...(await lastDays(parts, application, person)),
      },
    );
    if (!ready.fit) throw new Error(`the register's entry is none of ours: ${ready.faults.join(' ')}`);
    return {
      first: async (transaction) =>
        account ? [[...(await authenticators.clearing(transaction, account.id, actor)), ...withdrawn], closed] : [],
      next: [...ready.writes, ...(await lookedAfter(approval, id))],
    };
  }

  /**
   * Whoever stood beside a child, or an adult by a court's decision, looks after the account, unless somebody does: until it is taken
   * over (domain model 8b), or the decision ends.
   */
  async function lookedAfter({ application, registered }: Approval, wardId: string): Promise<readonly Write[]> {
    if (!registered) return [];
    const held = await guardianships.ofWard(wardId);
    if (held && !awaitsGuardian(held)) return [];
    const { id: applicationId, applicant } = application;
    const guardian = await subscribers.locate(applicant!.guardianNumber!);
    return guardian ? guardianships.beginning({ wardId, guardianId: guardian.id, applicationId, registered }) : [];
  }

  /** The telephone of the account, if the networks say that it is the person's own. */
  async function ownPhone(application: Application, { phone }: Subscriber, { identityNumber }: RegisteredPerson) {
    if (phone === undefined) return undefined;
    const { telephone } = application.training ? parts.training : parts.real;
    return (await telephone.ownership({ phone, identityNumber })).ownership === 'holder' ? phone : undefined;
  }

  return async function approving(approval: Approval): Promise<Steps> {
    const { application, account, claim, officer, override } = approval;
    const accountId = application.training ? undefined : claim === 'own' && account ? account.id : newId();
    const steps = application.training
      ? { first: async () => [], next: [] }
      : claim === 'own' && account
        ? await raise(approval, account)
        : await open(approval, accountId!);
    const retired = claim === 'false' && !application.training ? account?.id : undefined;
    const binding = application.form === 'WARD_L2' || application.training ? 'none' : 'waiting';
    return {
      first: steps.first,
      next: [
        ...steps.next,
        change(
          application,
          sql`state = 'APPROVED', decided_at = ${clock.now()}, decided_by = ${officer},
            second_officer = ${override?.second.operatorId ?? null}, proposal = NULL, shown_hash = NULL,
            account_id = ${accountId ?? null}, retired_id = ${retired ?? null}, binding = ${binding}`,
        ),
        journal.append(
          stepped(application, 'counter.approved', {
            actor: override ? by(override.second) : { kind: 'operator', id: officer },
            ...(accountId === undefined ? {} : { subscriberId: accountId }),
            detail: {
              ...{ rules: application.policy, officer, claim, checks: needed(application) },
              ...(override ? { overridden: override.check, second: override.second.operatorId } : {}),
              ...(retired === undefined ? {} : { retired }),
            },
          }),
        ),
      ],
    };
  };
}

/** What was shown. Without a key of its own a chip may be a copy: then an officer's eyes stand for it, and it is no superior evidence. */
const evidenceOf = ({ document, chip, vouched, sod, issuingState, expiresOn }: ReadCard): Evidence => ({
  ...{ kind: document ?? 'chip_card', strength: chip ? 'superior' : 'strong', hash: sod },
  checks: [originOf({ vouched }), ...(chip ? [chip === 'chip' ? 'chip_authentication' : 'active_authentication'] : [])],
  ...(document === 'passport' ? { issuedBy: issuingState } : {}),
  expiresOn,
});

/**
 * The last day of what was read; and of the other document that somebody from abroad has, as far as the register has said it: of the
 * residence card when it is asked, of the passport when that was issued. A day of which nothing is said stays as it was.
 */
async function lastDays(
  { passportUntil }: Pick<CounterParts, 'passportUntil'>,
  { applicant }: Application,
  { identityNumber, documentExpiresOn }: RegisteredPerson,
) {
  const card = applicant?.card;
  if (card?.document === 'passport') return { cardUntil: documentExpiresOn, passportUntil: card.expiresOn };
  const passport = card?.document === 'residence_card' ? await passportUntil(identityNumber) : undefined;
  return { cardUntil: card?.expiresOn, passportUntil: passport };
}

/** A person of an account from the register's entry: nothing of what somebody had typed about themselves. */
function personFrom(
  { identityNumber: _, contacts: __, documentExpiresOn: ___, ...person }: RegisteredPerson,
  locale: 'vi' | 'en',
  phone: string | undefined,
): Person {
  return { ...person, locale, ...(phone === undefined ? {} : { phone, phoneVerified: true }) };
}
