import { sql } from '../../../platform/sql.ts';
import { writeTogether } from '../../../platform/unit-of-work.ts';
import { may } from '../../operators/index.ts';
import { AlreadyDone, isBad, isTaken, LocksChanged, Moved, type Subscriber } from '../../subscribers/index.ts';
import type { Application, Check, Claim, Proposal } from '../application.ts';
import { checksOf, picturesOf, record } from '../check-store.ts';
import { by, type CounterParts, isInTree, knowing, type Officer, stepped } from '../parts.ts';
import { namesPassport } from '../passport.ts';
import { isReported } from '../shown-card.ts';
import { claimFits, lacking, type OverrideFault, overrideFault, shownHash } from '../standing.ts';
import { barringPortrait, courtHinders, guardianOf, guardiansLocks, isSettled, rulesOf, seenBy } from '../steps.ts';
import * as store from '../store.ts';
import { type Approval, createOutcome, PolicySaysNo } from './outcome.ts';

/** Why nothing was decided. */
export type DecidingRefusal =
  | OverrideFault
  | 'overtaken'
  | 'self'
  | 'lacking'
  | 'claim'
  | 'account_locked'
  | 'account_level_2'
  | 'register_differs'
  | 'card_reported'
  | 'guardian_differs'
  | 'guardian_by_court'
  | 'own_account'
  | 'policy'
  | 'same_officer'
  | 'another_tree'
  | 'another_role'
  | 'changed';
export type Decided = { readonly decided: true } | { readonly decided: false; readonly reason: DecidingRefusal };

/** What the second officer is shown: and what they confirm is exactly this. */
export interface Waiting {
  readonly proposal: Proposal;
  readonly shown: string;
}

/** The decision of one officer, or of two where something is overridden. */
export interface Deciding {
  /** Everything has passed, and the officer has compared the portrait with their own eyes. */
  approve(application: Application, claim: Claim, officer: Officer): Promise<Decided>;
  /** Asks a second officer to override the one thing that has not passed. */
  propose(
    application: Application,
    asked: Pick<Proposal, 'check' | 'ground' | 'statement' | 'claim'>,
    officer: Officer,
  ): Promise<Decided>;
  /** Whether approving it lifts what a guardian has locked in the place of whoever comes alone. */
  liftsLock(application: Application, account: Subscriber): Promise<boolean>;
  /** What waits for a second officer, as it stands at this moment; nothing when it is another thing by now. */
  waiting(application: Application): Promise<Waiting | undefined>;
  /** Another person, in their own session: of exactly what they were shown. With it the application is approved. */
  confirm(application: Application, shown: string, officer: Officer): Promise<Decided>;
  /** The second officer says no, or the first takes it back: the application goes on without. */
  dismiss(application: Application, officer: Officer): Promise<Decided>;
}

const refused = (reason: DecidingRefusal): Decided => ({ decided: false, reason });
const isLate = (error: unknown): boolean =>
  [store.Overtaken, Moved, LocksChanged, AlreadyDone].some((kind) => error instanceof kind) || isTaken(error);

export function createDeciding(parts: CounterParts): Deciding {
  const { database, clock, sealer, journal, subscribers, operators } = parts;
  const approving = createOutcome(parts);

  const accountOf = async ({ training, applicant }: Application): Promise<Subscriber | undefined> =>
    training || !applicant ? undefined : subscribers.locate(applicant.identityNumber);

  const isTheGuardians = async (application: Application, account: Subscriber): Promise<boolean> =>
    !(await guardiansLocks(parts, application, account)).others;

  /** What no officer decides over, nor two of them. */
  async function barred(
    application: Application,
    account: Subscriber | undefined,
    claim: Claim,
  ): Promise<DecidingRefusal | undefined> {
    if (!claimFits(claim, account)) return 'claim';
    if (account?.state === 'locked' && !(claim === 'own' && (await isTheGuardians(application, account))))
      return 'account_locked';
    if (await isSettled(parts, account)) return 'account_level_2';
    const { applicant, form } = application;
    const ward = applicant && { ...(applicant.person ?? applicant), byGuardian: form === 'WARD_L2' };
    const hinders = ward && (await courtHinders(parts, account, ward));
    if (hinders) return hinders;
    return application.training || application.applicant?.card ? undefined : 'lacking';
  }

  /** Nobody compares with their own eyes what is not there: the picture of this visit, and what it is compared with. */
  async function isThere({ id }: Application): Promise<boolean> {
    const pictures = await picturesOf(database, id);
    return pictures.includes('taken') && pictures.includes('reference');
  }

  /** Everything of one approval: what the register says now, then one transaction. */
  async function settle(
    approval: Omit<Approval, 'person' | 'registered'>,
    more: readonly Check[],
    officers: readonly { readonly id: string; readonly permission: 'counter.serve' | 'counter.confirm' }[],
  ): Promise<Decided> {
    const { application } = approval;
    const { training, form } = application;
    const { identityNumber, fullName, birthdate, guardianNumber: guardian } = application.applicant!;
    // Somebody may have died, and a number may have been cancelled, since the person came to the counter.
    const answer = await knowing(parts, application).population.match({ identityNumber, fullName, birthdate });
    if (!answer.matched) return refused('register_differs');
    // The guardian may have been locked, lowered or relieved of it since this visit began; or have died.
    const registered =
      form === 'WARD_L2' ? await guardianOf(parts, { training, guardian, ward: answer.person }) : undefined;
    if (form === 'WARD_L2' && !registered) return refused('guardian_differs');
    const beside = form === 'WARD_L2' && !training ? await subscribers.locate(guardian!) : undefined;
    const { card } = application.applicant!;
    // The register may have learnt since that the passport was lost, and names another or none.
    if (card?.document === 'passport' && !namesPassport(answer.passport, card)) return refused('register_differs');
    // And of the card that another one was issued, or that it was taken away, whatever its authority has answered.
    if (await isReported(parts, { training, applicant: application.applicant! })) return refused('card_reported');
    if (!(await isThere(application))) return refused('lacking');
    const checks = [...approval.checks, ...more];
    try {
      const steps = await approving({ ...approval, checks, person: answer.person, registered });
      const barring = await barringPortrait(parts, application);
      return await database.transaction(async (transaction) => {
        await store.hold(transaction, application);
        // Once more, and held to the end: a lock, a death or a recovery of the guardian in this moment comes before it, or after.
        if (beside && !(await subscribers.holdingLevel2(transaction, beside.id))) return refused('guardian_differs');
        // Held to the end: whose role is taken away in this moment decides nothing any more.
        const standing = await operators.standing(
          transaction,
          officers.map(({ id }) => id),
        );
        for (const { id, permission } of officers) {
          const one = standing.get(id);
          if (one?.state !== 'active' || !may(one.roles, permission)) return refused('another_role');
        }
        await writeTogether(
          transaction,
          more.map((check, index) => record(application.id, approval.checks.length + index + 1, check)),
        );
        for (const writes of await steps.first(transaction)) await writeTogether(transaction, writes);
        await writeTogether(transaction, [...steps.next, ...barring]);
        return { decided: true };
      });
    } catch (error) {
      if (error instanceof PolicySaysNo) return refused('policy');
      if (isLate(error)) return refused('overtaken');
      // The register has reported of the number in this very moment.
      if (isBad(error)) return refused('register_differs');
      // And the database has the last word on the guardian.
      if (form === 'WARD_L2' && (error as { code?: string }).code === 'SL003') return refused('guardian_differs');
      throw error;
    }
  }

  async function waiting(application: Application): Promise<Waiting | undefined> {
    const { proposal, shownHash: kept } = application;
    if (!proposal || kept === undefined) return undefined;
    const [checks, account] = await Promise.all([checksOf(database, application.id), accountOf(application)]);
    const shown = shownHash({ application, checks, account, proposal });
    return shown === kept ? { proposal, shown } : undefined;
  }

  /** What the first officer may not do to begin with. */
  const hindered = async (application: Application, officer: Officer): Promise<DecidingRefusal | undefined> =>
    application.state !== 'CHECKING' || !application.applicant || application.officer !== officer.operatorId
      ? 'overtaken'
      : (await parts.isOwnCase(application.applicant, officer))
        ? 'self'
        : undefined;

  return {
    liftsLock: async (application, account) => account.state === 'locked' && isTheGuardians(application, account),
    waiting,

    async approve(application, claim, officer) {
      const stopped = await hindered(application, officer);
      if (stopped) return refused(stopped);
      const [checks, account] = await Promise.all([checksOf(database, application.id), accountOf(application)]);
      const at = { policy: rulesOf(parts), now: clock.now(), since: account?.reproofingRequiredSince };
      if (lacking(application, checks, at).length > 0) return refused('lacking');
      const no = await barred(application, account, claim);
      if (no) return refused(no);
      const approval = { application, checks, account, claim, officer: officer.operatorId };
      return settle(approval, [seenBy(parts, officer)], [{ id: officer.operatorId, permission: 'counter.serve' }]);
    },

    async propose(application, { check, ground, statement, claim }, officer) {
      const stopped = await hindered(application, officer);
      if (stopped) return refused(stopped);
      const now = clock.now();
      const [checks, account] = await Promise.all([checksOf(database, application.id), accountOf(application)]);
      const at = { policy: rulesOf(parts), now, since: account?.reproofingRequiredSince };
      const fault = overrideFault(application, checks, { check, ground, ...at });
      if (fault) return refused(fault);
      if (!(await isThere(application))) return refused('lacking');
      const no = await barred(application, account, claim);
      if (no) return refused(no);
      const proposal: Proposal = { check, ground, statement, claim, by: officer.operatorId, at: now.toISOString() };
      const seen = seenBy(parts, officer);
      const shown = shownHash({ application, checks: [...checks, seen], account, proposal });
      const sealed = store.sealedProposal(sealer, application.id, proposal);
      try {
        await writeTogether(database, [
          store.change(
            application,
            sql`proposal = ${sealed}, shown_hash = ${Buffer.from(shown, 'hex')}, ${store.touched(now)}`,
          ),
          record(application.id, checks.length + 1, seen),
          journal.append(
            stepped(application, 'counter.proposed', { actor: by(officer), detail: { check, ground, claim, shown } }),
          ),
        ]);
        return { decided: true };
      } catch (error) {
        if (error instanceof store.Overtaken) return refused('overtaken');
        throw error;
      }
    },

    async confirm(application, shown, officer) {
      const { applicant, proposal } = application;
      if (!applicant || !proposal) return refused('overtaken');
      // One human has one account of an operator: another account is another person.
      if (proposal.by === officer.operatorId) return refused('same_officer');
      if (await parts.isOwnCase(applicant, officer)) return refused('self');
      if (!(await isInTree(parts, application, officer))) return refused('another_tree');
      const now = clock.now();
      const stands = await waiting(application);
      if (!stands || stands.shown !== shown) return refused('changed');
      const [checks, account] = await Promise.all([checksOf(database, application.id), accountOf(application)]);
      const { check, ground, claim } = proposal;
      const at = { policy: rulesOf(parts), now, since: account?.reproofingRequiredSince };
      const fault = overrideFault(application, checks, { check, ground, ...at });
      if (fault) return refused(fault === 'something_else' || fault === 'not_overridable' ? 'changed' : fault);
      const no = await barred(application, account, claim);
      if (no) return refused(no);
      const override: Check = {
        ...{ kind: 'override', result: 'passed', officer: officer.operatorId, policy: rulesOf(parts).version, at: now },
        detail: { check, ground, shown },
      };
      const approval = {
        application,
        checks,
        account,
        claim,
        officer: proposal.by,
        override: { check, second: officer },
      };
      return settle(
        approval,
        [override],
        [
          { id: proposal.by, permission: 'counter.serve' },
          { id: officer.operatorId, permission: 'counter.confirm' },
        ],
      );
    },

    async dismiss(application, officer) {
      const { proposal } = application;
      if (!proposal) return refused('overtaken');
      if (proposal.by !== officer.operatorId && !(await isInTree(parts, application, officer)))
        return refused('another_tree');
      try {
        await writeTogether(database, [
          store.change(application, sql`proposal = NULL, shown_hash = NULL, ${store.touched(clock.now())}`),
          journal.append(
            stepped(application, 'counter.proposal_ended', {
              actor: by(officer),
              detail: { check: proposal.check, by: proposal.by },
            }),
          ),
        ]);
        return { decided: true };
      } catch (error) {
        if (error instanceof store.Overtaken) return refused('overtaken');
        throw error;
      }
    },
  };
}
