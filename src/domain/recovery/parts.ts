import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { dateTime } from '../../platform/formats.ts';
import { tokenHash } from '../../platform/ids.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Actor, EventType, Journal } from '../audit/index.ts';
import { type Authenticators, type Ending, inGroups, isPrinted, plainCode } from '../authenticators/index.ts';
import type { Notices } from '../notices/index.ts';
import type { OwnsAccount } from '../operators/index.ts';
import type { Subscriber, Subscribers } from '../subscribers/index.ts';
import type { RecoveryAddresses } from './addresses.ts';
import type { Proving } from './proving.ts';
import type { Recovery } from './recovery.ts';
import type { RecoveryStore, StoredRecovery } from './store.ts';

/** What recoveries work with. */
export interface RecoveryParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly notices: Pick<Notices, 'queueToAll'>;
  readonly subscribers: Pick<
    Subscribers,
    'find' | 'locate' | 'identityNumber' | 'locking' | 'locks' | 'holdingLocks' | 'requireReproofing'
  >;
  readonly authenticators: Pick<Authenticators, 'begin' | 'bind' | 'of'>;
  readonly addresses: Pick<RecoveryAddresses, 'reachable'>;
  readonly proving: Proving;
  readonly store: RecoveryStore;
  /** What ends with a recovery: every session and token of the person. */
  readonly ending: (subscriberId: string) => ReturnType<Ending>;
  readonly ownsAccount: OwnsAccount;
  /** Our own address: every notice says where it is stopped. */
  readonly issuer: string;
  /** What becomes of a fault of one account, where others go on. */
  readonly failed: (error: unknown) => void;
  /** Waiting times are multiplied with it: 1, and less in a sandbox alone. */
  readonly waitFactor: number;
}

/** Somebody else took the step first, or it is over. */
export class Over extends Error {}
export const over = (): Error => new Over('the recovery has moved on');

/** What a holder's code or a cancel code is stored as; both have 80 random bits. */
export const codeHash = (code: string): Buffer => tokenHash(plainCode(code));
export const isCode = (typed: string): boolean => isPrinted(plainCode(typed));
export const shown = inGroups;

/** The event of a step, in the transaction of the step. */
export const recorded = (
  { journal }: RecoveryParts,
  { id, subscriberId, first, second, path }: Recovery,
  type: EventType,
  actor: Actor,
): Write =>
  journal.append({
    type,
    actor,
    subscriberId,
    detail: { recovery: id, first, ...(second ? { second } : {}), ...(path ? { path } : {}) },
  });

type StepNotice =
  | 'recovery_started'
  | 'recovery_waiting'
  | 'recovery_ready'
  | 'recovery_completed'
  | 'recovery_cancelled';

/** The step told to every confirmed address of the person, with the way to stop it or, once completed, to lock the account. */
export async function told(
  { addresses, notices, issuer }: RecoveryParts,
  subscriber: Subscriber,
  kind: StepNotice,
  { cancelCode, waitsUntil }: Pick<StoredRecovery, 'cancelCode' | 'waitsUntil'>,
): Promise<Write[]> {
  const until = waitsUntil ? dateTime(waitsUntil) : '';
  const values = { cancel: `${issuer}/recover/cancel/${cancelCode}`, until };
  return notices.queueToAll(kind, await addresses.reachable(subscriber), values);
}
