import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import type { Policy, Proof } from '../assurance/index.ts';
import type { EventDetail, EventType, Journal, JournalEvent } from '../audit/index.ts';
import type { Authenticators } from '../authenticators/index.ts';
import type { FaceIssue, FaceMatcher, PadLevel, PictureFault, UsedPictures } from '../biometrics/index.ts';
import type { Guardianships } from '../guardianships/index.ts';
import type { Notices } from '../notices/index.ts';
import type { ChipEvidence, ChipExaminer, DocumentStatuses } from '../proofing/index.ts';
import type { PopulationRegistry } from '../registry/index.ts';
import type { Subscriber, Subscribers } from '../subscribers/index.ts';
import type { RemotePolicy } from './policy.ts';

/** First the card, then the face: there is no other order. */
export type Step = 'card' | 'face';

/** Why somebody cannot begin, or go on. */
export type Hindrance =
  /** The policy is off, or the assurance policy in force has no row for it. */
  | 'not_offered'
  /** Locked, closed, or changed meanwhile. */
  | 'account'
  /** A recovery is under way, or its re-proofing is outstanding. */
  | 'recovering'
  | 'minor'
  | 'ward'
  /** The proofs of this session are too old, or not of the highest level that the account knows. */
  | 'step_up_needed'
  /** Fresh, and not strong. */
  | 'not_strong'
  | 'throttled';

/** What somebody is told of a step that led nowhere. */
export type Refused =
  | { readonly reason: Hindrance; readonly retryAfter?: number }
  /** Another page was shown since, the time is over, or this answer was given before: the step begins anew. */
  | { readonly reason: 'overtaken' }
  | { readonly reason: 'card'; readonly refusal: RefusalCode }
  /** The register has reported that this card is good no more: held, revoked, or another in its place. */
  | { readonly reason: 'card_reported' }
  | { readonly reason: 'picture'; readonly issues: readonly (FaceIssue | PictureFault)[] }
  /** Somebody else, or a picture of the person: the answer does not say which. */
  | { readonly reason: 'face' }
  /** The chip or the register has no portrait that can be compared with. */
  | { readonly reason: 'no_portrait' }
  /** The register does not know this person so. */
  | { readonly reason: 'register' }
  /** The register or the engine is silent: nothing was decided, and no attempt was counted. */
  | { readonly reason: 'silent' };

/** What a reader session left behind: evidence, or why it ended. */
export type ReadEnd = ChipEvidence | { readonly session: string; readonly refused: RefusalCode };

/** What the flow works with. */
export interface RemoteParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `remote-proofing`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly notices: Pick<Notices, 'queueToAll'>;
  readonly subscribers: Pick<Subscribers, 'identityNumber' | 'proofing' | 'recording'>;
  readonly authenticators: Pick<Authenticators, 'of' | 'isSteppedUp'>;
  readonly guardianships: Pick<Guardianships, 'ofWard'>;
  readonly examineCard: ChipExaminer['examine'];
  readonly documentStatuses: Pick<DocumentStatuses, 'check'>;
  /** Whether the register has reported nothing of the number that takes this card away (`domain/register-events`). */
  readonly stands: (identityNumber: string, documentNumber: string) => Promise<boolean>;
  readonly pictures: (
    bytes: Buffer,
  ) => Promise<
    { readonly taken: true; readonly image: Buffer } | { readonly taken: false; readonly reason: PictureFault | 'busy' }
  >;
  /** Which pictures have come before, here or elsewhere. */
  readonly used: Pick<UsedPictures, 'isNew' | 'decided' | 'barring'>;
  /** Who is asked; off where either is missing. */
  readonly population: Pick<PopulationRegistry, 'match' | 'portrait'> | undefined;
  readonly face: FaceMatcher | undefined;
  /** What is asked of a face here: never less than the channel itself asks, whatever the installation is content with. */
  readonly pad: Exclude<PadLevel, 'none'>;
  readonly padRequired: () => Promise<PadLevel>;
  /** Evidence → account level, in force now. */
  readonly assurance: () => Promise<Policy>;
  /** Whether the deployment has this channel at all (REMOTE_PROOFING). */
  readonly on: boolean;
  /** Whether somebody has proven as much as opens the account: what one stolen thing begins keeps nobody from anything. */
  readonly isRecovering: (subscriberId: string) => Promise<boolean>;
  /** The person as they are written to. */
  readonly reachable: (subscriber: Subscriber) => Promise<Parameters<Notices['queueToAll']>[1]>;
  readonly policies?: readonly RemotePolicy[];
}

/** Somebody who is signed in, and what this session has proven. */
export interface Visit {
  readonly subscriber: Subscriber;
  readonly sessionKey: string;
  readonly proofs: readonly Proof[];
}

export class Overtaken extends Error {}
export const overtaken = (): Error => new Overtaken('somebody else was first');

/** What happened, for the journal: never who the person is. */
export const happened = (
  { journal }: Pick<RemoteParts, 'journal'>,
  type: Extract<EventType, `remote_proofing.${string}`>,
  of: { readonly subscriberId: string; readonly detail: EventDetail; readonly by?: JournalEvent['actor'] },
): Write => {
  const { subscriberId, detail, by: actor = { kind: 'subscriber', id: subscriberId } } = of;
  return journal.append({ type, actor, subscriberId, detail });
};
