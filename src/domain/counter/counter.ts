import { writeTogether } from '../../platform/unit-of-work.ts';
import { demandPad } from '../biometrics/index.ts';
import type { Application, Check } from './application.ts';
import { type CounterBinding, createCounterBinding } from './binding.ts';
import { checksOf } from './check-store.ts';
import { createDeciding, type Deciding } from './decision/deciding.ts';
import { createExamining, type Examining } from './examining/examining.ts';
import { by, type CounterParts, type Officer, stepped } from './parts.ts';
import { COUNTER_POLICIES } from './policy.ts';
import { createQueue, type Queue } from './queue.ts';
import { createReceiving, type Receiving } from './receiving.ts';
import * as store from './store.ts';

/** Level 2 at a counter: from the queue to what the person signs in with. */
export interface Counter extends Receiving, Examining, Deciding, CounterBinding {
  readonly queue: Queue;
  /** Somebody without an account has no list of looks to be told in: the journal has it all the same. */
  noteView(application: Application, officer: Officer): Promise<void>;
  /** Everything that is kept of applications of this account, the newest first, for its holder. */
  ofAccount(accountId: string): Promise<readonly KeptAtCounter[]>;
  /** Of their own, as the journal names them. */
  idsOf(accountId: string): Promise<string[]>;
  /** Forgets pictures of visits that are over, and what old applications say of people. */
  sweep(): Promise<number>;
}

/**
 * An application as it is kept, without the officers who had to do with it. Who it is about and what was found stand in one that
 * was approved for this account alone: until then somebody else may have opened the account in that name.
 */
export type KeptAtCounter = Pick<
  Application,
  'reference' | 'form' | 'state' | 'phase' | 'receivedAt' | 'decidedAt' | 'applicant'
> & { readonly checks: readonly Omit<Check, 'officer'>[] };

const HOUR = 3_600_000;
/** How long a decided application says whom it was about: somebody may complain. */
const KEPT_DAYS = 30;
/** A picture is erased with the decision; one of a visit that came to none is kept no longer than the working day. */
export const PICTURE_HOURS = 12;

/** Counters on a database. Whoever runs it calls `settleNext` and `sweep` again and again; any number of processes may. */
export function createCounter(parts: CounterParts): Counter {
  const { database, clock, journal, sealer, subscribers } = parts;
  demandPad(parts.real.face, parts.policies ?? COUNTER_POLICIES);
  const foundOf = async (id: string) =>
    (await checksOf(database, id)).map(({ officer: _, ...check }): Omit<Check, 'officer'> => check);
  const ofAccount = async (accountId: string): Promise<Application[]> => {
    const numbers = (await subscribers.identityNumbers(accountId)).map(({ number }) => number);
    return store.ofAccount(database, sealer, { accountId, numbers });
  };
  const receiving = createReceiving(parts);
  const binding = createCounterBinding(parts);
  return {
    ...receiving,
    ...createExamining(parts),
    ...createDeciding(parts),
    ...binding,
    settleNext: async () => (await receiving.settleNext()) || binding.lapseNext(),
    queue: createQueue(parts),
    noteView: (application, officer) =>
      writeTogether(database, [journal.append(stepped(application, 'counter.viewed', { actor: by(officer) }))]),
    idsOf: async (accountId) => (await ofAccount(accountId)).map(({ id }) => id),
    async ofAccount(accountId) {
      const found = await ofAccount(accountId);
      return Promise.all(
        found.map(async ({ id, reference, form, state, phase, receivedAt, decidedAt, applicant, ...one }) => ({
          ...{ reference, form, state, phase, receivedAt },
          ...(decidedAt ? { decidedAt } : {}),
          ...(one.accountId && applicant ? { applicant } : {}),
          checks: one.accountId ? await foundOf(id) : [],
        })),
      );
    },
    sweep() {
      const ago = (hours: number): Date => new Date(clock.now().getTime() - hours * HOUR);
      return store.sweep(database, { pictures: ago(PICTURE_HOURS), decided: ago(24 * KEPT_DAYS) });
    },
  };
}
