import { writeTogether } from '../../platform/unit-of-work.ts';
import { demandPad } from '../biometrics/index.ts';
import { createGuardianships } from '../guardianships/index.ts';
import { type Activations, createActivations } from './activation.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { createLookups, type Lookups } from './lookups.ts';
import { type Checked, createChecking } from './office/checking.ts';
import { createOutcomes } from './office/outcome.ts';
import { createOvertakings, type Overtakings } from './office/overtaken.ts';
import { createReissuing, type Reissuing } from './office/reissuing.ts';
import { createWaiting, type WaitingOnline } from './office/waiting.ts';
import type { ApplicationsGiven, ApplicationsParts } from './parts.ts';
import { createPhoneCodes } from './phone-codes.ts';
import { sweepSessions } from './session-store.ts';
import * as store from './store.ts';
import { POLICIES } from './terms/policy.ts';

const HOUR = 3_600_000;
/** How long a refused application says who applied: somebody may complain. */
const KEPT_DAYS = 30;

/** Level 1 online: from the first page to the account. */
export interface Applications extends Drafts, Lookups, Activations, Overtakings, Reissuing, WaitingOnline {
  /** Looks at one application that is due. */
  checkNext(): Promise<Checked>;
  /** Forgets browsers that went away, drafts that nobody works on, and what old applications say of people. */
  sweep(): Promise<number>;
}

/** Applications on a database. Whoever runs it calls `checkNext` and `settleNext` again and again; any number of processes may. */
export function createApplications(given: ApplicationsGiven): Applications {
  const { database, clock } = given;
  const parts: ApplicationsParts = { ...given, guardianships: given.guardianships ?? guardianshipsOf(given) };
  demandPad(parts.face, parts.policies ?? POLICIES);
  const codes = createPhoneCodes(parts);
  const outcomes = createOutcomes(parts);
  const refuseUnanswered = (application: Parameters<typeof outcomes.refuse>[0]) =>
    outcomes.refuse(application, 'not_answered').then((writes) => writeTogether(database, writes));
  return {
    ...createDrafts(parts, codes),
    ...createLookups(parts, codes, outcomes),
    ...createActivations(parts, codes, refuseUnanswered),
    ...createOvertakings(parts),
    ...createReissuing(parts),
    ...createWaiting(parts),
    checkNext: createChecking(parts, outcomes),
    async sweep() {
      const now = clock.now();
      const ago = (hours: number): Date => new Date(now.getTime() - hours * HOUR);
      const sessions = await database.execute(sweepSessions(now));
      return sessions + (await store.sweep(database, { drafts: ago(1), decided: ago(24 * KEPT_DAYS) }));
    },
  };
}

const guardianshipsOf = ({ notices, subscribers, reachable, ...parts }: ApplicationsGiven) =>
  createGuardianships({
    ...{ database: parts.database, clock: parts.clock, journal: parts.journal, authenticators: parts.authenticators },
    told: async (subscriberId, kind) => {
      const guardian = await subscribers.find(subscriberId);
      return guardian ? notices.queueToAll(kind, await reachable(guardian), {}) : [];
    },
  });
