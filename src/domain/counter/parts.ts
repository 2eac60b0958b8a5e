import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Policy } from '../assurance/index.ts';
import type { Actor, Journal, JournalEvent } from '../audit/index.ts';
import type { Authenticators } from '../authenticators/index.ts';
import type { FaceMatcher, FingerprintMatcher, PadLevel, UsedPictures } from '../biometrics/index.ts';
import type { Guardianships } from '../guardianships/index.ts';
import type { Notices } from '../notices/index.ts';
import type { Acting, Operators, OwnCase } from '../operators/index.ts';
import type { ChipExaminer } from '../proofing/index.ts';
import type { PopulationRegistry, TelephoneRegistry } from '../registry/index.ts';
import type { Subscriber, Subscribers } from '../subscribers/index.ts';
import type { Application } from './application.ts';
import type { CounterPolicy } from './policy.ts';

/** Those who know people better than we do; in a training office, those who know invented ones. */
export interface Knowing {
  readonly population: PopulationRegistry;
  readonly telephone: TelephoneRegistry;
  readonly face: FaceMatcher;
  readonly fingerprints: FingerprintMatcher;
}

/** A picture as a camera made it, decoded and made anew; or why it cannot be compared. */
export type TakePicture = (
  bytes: Buffer,
) => Promise<
  | { readonly taken: true; readonly image: Buffer }
  | { readonly taken: false; readonly reason: 'unreadable' | 'too_large' | 'too_small' | 'busy' }
>;

/** What a counter works with. */
export interface CounterParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `counter`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly notices: Pick<Notices, 'queueToAll'>;
  readonly subscribers: Pick<
    Subscribers,
    | 'find'
    | 'locate'
    | 'identityNumber'
    | 'identityNumbers'
    | 'locks'
    | 'anewGround'
    | 'unlocking'
    | 'holdingLevel2'
    | 'registering'
    | 'upgrading'
    | 'closing'
  >;
  readonly authenticators: Pick<Authenticators, 'of' | 'clearing' | 'clearingTold'>;
  readonly guardianships: Pick<Guardianships, 'ofWard' | 'beginning' | 'handingOver'>;
  readonly operators: Pick<Operators, 'officeLine' | 'standing'>;
  /** Whether an officer would serve themself, or a child of theirs: nobody does (invariant 1). */
  readonly isOwnCase: OwnCase;
  readonly examineCard: ChipExaminer['examine'];
  /** For whoever need not have a card of ours. */
  readonly examineAny: ChipExaminer['ofAnyState'];
  /** Whether the register has reported nothing of the number that takes this card away (`domain/register-events`). */
  readonly stands: (identityNumber: string, documentNumber: string) => Promise<boolean>;
  /** Whether it has reported nothing that ends whoever had the number, and no other passport of theirs than this one. */
  readonly passportStands: (identityNumber: string, documentNumber: string) => Promise<boolean>;
  /** The last day, ISO 8601, of the passport that it has reported issued last to whoever has the number. */
  readonly passportUntil: (identityNumber: string) => Promise<string | undefined>;
  /** How a card, or a passport, is known again in what the register reports. */
  readonly documentKey: (documentNumber: string) => Buffer;
  readonly pictures: TakePicture;
  /** Which pictures have come before, here or elsewhere. */
  readonly used: Pick<UsedPictures, 'isNew' | 'barring'>;
  readonly real: Knowing;
  readonly training: Knowing;
  /** What this installation asks of a face beside the rules of the time: the stricter of both holds. */
  readonly padRequired: () => Promise<PadLevel>;
  /** Evidence → account level, in force now. */
  readonly assurance: () => Promise<Policy>;
  /** Addresses that stood ready for a recovery go with everything else that somebody may have named. */
  readonly forgettingAddresses: (subscriberId: string) => readonly Write[];
  /** The person as they are written to: before anything of it changes. */
  readonly reachable: (subscriber: Subscriber) => Promise<Parameters<Notices['queueToAll']>[1]>;
  /** Word to every relying party that knows a retired account, as writes. */
  readonly purged: (subscriberId: string) => Promise<readonly Write[]>;
  /** Whatever was agreed to, or was within a time, is taken back as a withdrawal of the holder's own is; as writes. */
  readonly withdrawingAll: (
    subscriberId: string,
    by: Actor,
    within?: { readonly from: Date; readonly until: Date },
  ) => Promise<readonly Write[]>;
  /** Whether everybody is invented here. */
  readonly sandbox: boolean;
  readonly policies?: readonly CounterPolicy[];
}

/** An officer, in their own session. */
export type Officer = Pick<Acting, 'operatorId' | 'person' | 'office'>;

/** Whose act it is, for the journal. */
export const by = ({ operatorId }: Officer) => ({ kind: 'operator', id: operatorId }) as const;

/** The event of a step, without a word about who it is. What is practised says so. */
export const stepped = (
  { id, form, office, training, accountId }: Pick<Application, 'id' | 'form' | 'office' | 'training' | 'accountId'>,
  type: Extract<JournalEvent['type'], `counter.${string}`>,
  {
    actor,
    detail = {},
    subscriberId = accountId,
  }: { actor: JournalEvent['actor'] } & Partial<Pick<JournalEvent, 'detail' | 'subscriberId'>>,
): JournalEvent => ({
  ...{ type, actor },
  ...(subscriberId === undefined ? {} : { subscriberId }),
  detail: { application: id, form, office, ...(training ? { training } : {}), ...detail },
});

/** Who of the parts answers for this application: nobody asks a real register about somebody invented, nor the other way round. */
export const knowing = (
  parts: Pick<CounterParts, 'real' | 'training'>,
  { training }: Pick<Application, 'training'>,
): Knowing => (training ? parts.training : parts.real);

/**
 * Whether two officers share an office tree: the office of the application is theirs, or lies below it. What is practised is nobody's but
 * of those who practise: no office above the one that trains has anything to do with it.
 */
export async function isInTree(
  parts: CounterParts,
  { office, training }: Pick<Application, 'office' | 'training'>,
  officer: Officer,
): Promise<boolean> {
  const line = await parts.operators.officeLine(office);
  return line.some(({ id, training: learns = false }) => id === officer.office && learns === training);
}

/** The number that somebody has now: of one that was approved it is the account's, in whose place the register may have put another since. */
export async function numberNow(
  { subscribers }: Pick<CounterParts, 'subscribers'>,
  { accountId, applicant }: Pick<Application, 'accountId' | 'applicant'>,
): Promise<string> {
  const now = accountId === undefined ? undefined : await subscribers.identityNumber(accountId);
  return now ?? applicant!.identityNumber;
}

export type { Queryable };
