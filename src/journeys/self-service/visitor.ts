import type { Context } from 'koa';
import type { AccountLinks } from '../../domain/account-links/index.ts';
import type { Kept as KeptApplication } from '../../domain/applications/index.ts';
import type { Proof } from '../../domain/assurance/index.ts';
import type { Actor, Journal } from '../../domain/audit/index.ts';
import type { Authenticators, Ending } from '../../domain/authenticators/index.ts';
import type { FaceVerifier } from '../../domain/biometrics/index.ts';
import type { Cases } from '../../domain/cases/index.ts';
import type { Consent, Consents } from '../../domain/consents/index.ts';
import type { Contacts } from '../../domain/contacts/index.ts';
import type { KeptAtCounter } from '../../domain/counter/index.ts';
import type { DataRequests } from '../../domain/data-requests/index.ts';
import type { Deliveries } from '../../domain/deliveries/index.ts';
import type { Guardianships } from '../../domain/guardianships/index.ts';
import type { Notices } from '../../domain/notices/index.ts';
import type { Offices } from '../../domain/operators/index.ts';
import type { Organisations } from '../../domain/organisations/index.ts';
import type { PastProofing } from '../../domain/proofing/index.ts';
import type { PastRecovery, Recoveries } from '../../domain/recovery/index.ts';
import type { Client, KnownSubject } from '../../domain/relying-parties/index.ts';
import type { PastRemote, RemoteProofings } from '../../domain/remote-proofing/index.ts';
import type { PastReproofing, Subscriber, Subscribers } from '../../domain/subscribers/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Csrf } from '../../platform/csrf.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Views } from '../../platform/views.ts';
import type { CardDesk } from '../card-reading.ts';
import { type WantedProof, wantedFor } from '../wanted-proof.ts';

/** The browser's session as these pages see it. */
export interface SignedIn {
  readonly accountId: string;
  readonly uid: string;
  readonly proofs: readonly Proof[];
}

/** A session that is open somewhere, as these pages see it. */
export interface LiveSession {
  readonly uid: string;
  readonly reference: string;
  readonly startedAt?: Date;
  readonly seenAt?: Date;
  readonly device: { readonly browser?: string; readonly system?: string; readonly network?: string };
  readonly clientIds: readonly string[];
}

/** What other parts keep about somebody, the newest first, without the officers who had to do with it. */
export interface Kept {
  applications(subscriberId: string): Promise<readonly KeptApplication[]>;
  /** What the journal names their own applications by. */
  applicationIds(subscriberId: string): Promise<readonly string[]>;
  counterApplications(subscriberId: string): Promise<readonly KeptAtCounter[]>;
  /** `fromHome`: of one over the network, the last day of its card, and when and why it ceased to count. */
  proofings(subscriberId: string): Promise<readonly (PastProofing & { readonly fromHome?: PastRemote })[]>;
  reproofings(subscriberId: string): Promise<readonly PastReproofing[]>;
  recoveries(subscriberId: string): Promise<readonly PastRecovery[]>;
  subjects(subscriberId: string): Promise<readonly KnownSubject[]>;
}

/** What "My account" works with. */
export interface SelfServiceParts {
  readonly subscribers: Pick<
    Subscribers,
    'find' | 'identityNumber' | 'identityNumbers' | 'lock' | 'locks' | 'anewGround'
  >;
  readonly authenticators: Pick<
    Authenticators,
    | ('of' | 'weighRemoval' | 'begin' | 'bind' | 'unbind' | 'rename' | 'freeze')
    | ('isSteppedUp' | 'stepUp' | 'beginChange' | 'finishing')
  >;
  /** Whether a face may be asked for. */
  readonly faces: Pick<FaceVerifier, 'able'>;
  /** Proofings from home; without them there are no pages of theirs. */
  readonly remoteProofings: Pick<
    RemoteProofings,
    'offered' | 'hindrance' | 'begin' | 'step' | 'askCard' | 'takeCard' | 'askFace' | 'takeFace' | 'current'
  >;
  readonly remoteOn: boolean;
  readonly contacts: Contacts;
  /** What stands ready should a way in be lost, and what somebody has begun with it. */
  readonly recoveries: Pick<Recoveries, 'addresses' | 'openOf' | 'cancel'>;
  readonly consents: Pick<Consents, 'history' | 'withdrawals' | 'disclosures'>;
  readonly accountLinks: Pick<AccountLinks, 'of' | 'find'>;
  readonly cases: Pick<Cases, 'open' | 'widen' | 'of' | 'disowned'>;
  readonly dataRequests: Pick<DataRequests, 'receive' | 'of'>;
  /** What happened with this account, and who has looked at it. */
  readonly journal: Pick<Journal, 'query' | 'append'>;
  readonly operators: Pick<Offices, 'offices'>;
  readonly deliveries: Pick<Deliveries, 'ofSubscriber'>;
  readonly notices: Pick<Notices, 'sentTo'>;
  /** Who looks after whose account. */
  readonly guardianships: Pick<Guardianships, 'ofPerson'>;
  /** Who acts for organisations, where somebody says so. */
  readonly organisations?: Organisations | undefined;
  /** What is kept about somebody beside what these pages show, for the copy of everything. */
  readonly kept: Kept;
  /** How a card is read. */
  readonly cards: CardDesk;
  client(clientId: string): Promise<Client | undefined>;
  /** Names of the claims that scopes and single claims open, the ones worth reading. */
  claimsOf(asked: { readonly scopes: readonly string[]; readonly claims: readonly string[] }): string[];
  /** The names of these that say something about the person. */
  readableClaims(claims: readonly string[]): string[];
  /** What is known of the person, in words, for a printed page. */
  factsOf(subscriber: Subscriber, locale: 'vi' | 'en'): { readonly claim: string; readonly value: string }[];
  /** Our own client, through which these pages sign people in: no service of anybody's. */
  isOwn(clientId: string): boolean;
  /** Ends every token that rests on a consent and tells the relying party, as writes of the act that records it. */
  withdrawing(consent: Consent, by: Actor): Promise<Write[]>;
  /** The same for a linked account. */
  unlinking(subscriberId: string, clientId: string): Promise<Write[]>;
  /** Whether the account holds anything that it needs not, and the writes that erase it. */
  hasOptional(subscriber: Subscriber): boolean;
  erasingOptional(subscriber: Subscriber): Write[];
  /** A notice to every confirmed address. */
  tell(kind: 'sign_in_disowned' | 'account_locked', subscriber: Subscriber): Promise<Write[]>;
  write(writes: readonly Write[]): Promise<void>;
  readonly views: Views;
  readonly csrf: Csrf;
  /** For what a page keeps while somebody proves themselves anew. */
  readonly sealer: Pick<Sealer, 'sealText' | 'openText'>;
  readonly clock: Clock;
  /** The session of this browser, if it has one. */
  session(ctx: Context): Promise<SignedIn | undefined>;
  /** Where to sign in and come back to a page of ours; `acr` and `maxAge` when a fresh proof of some level is wanted. */
  signInUrl(target: string, wanted?: WantedProof): string;
  /** The sessions that somebody has open, and how the journal knows one. */
  sessions(subscriberId: string): Promise<LiveSession[]>;
  sessionReference(uid: string): string;
  /** What ends one session, by its reference, live or over, or all of them with whatever was granted. */
  endingOne(subscriberId: string, reference: string): Promise<Write[]>;
  endingAll(subscriberId: string): Promise<Write[]>;
  /** What ends every other session and token of a person, written with the change of a factor (abuse case 35). */
  endingOthers(subscriberId: string, exceptUid: string): ReturnType<Ending>;
}

/** Somebody who is signed in and looks at their own account. */
export interface Visitor {
  readonly ctx: Context & { params: Record<string, string> };
  readonly parts: SelfServiceParts;
  readonly subscriber: Subscriber;
  readonly sessionUid: string;
  readonly proofs: readonly Proof[];
}

/** Who visits; nobody when there is no session or its account cannot be used. */
export async function visitorOf(ctx: Context, parts: SelfServiceParts): Promise<Visitor | undefined> {
  const session = await parts.session(ctx);
  const subscriber = session && (await parts.subscribers.find(session.accountId));
  if (!session || subscriber?.state !== 'active') return undefined;
  return { ctx: ctx as Visitor['ctx'], parts, subscriber, sessionUid: session.uid, proofs: session.proofs };
}

/** Away to the sign-in pages, and back to `target`. */
export function sendToSignIn(ctx: Context, parts: SelfServiceParts, target: string): void {
  ctx.status = 303;
  ctx.redirect(parts.signInUrl(target));
  ctx.status = 303;
}

/** Where a fresh proof of what a change takes is asked for; the page that says how to go on where it is out of reach. */
export async function stepUpUrl({ parts, subscriber }: Visitor, target: string): Promise<string> {
  const asked = await parts.authenticators.stepUp(subscriber.id);
  // Asked for all the same, the sign-in would come back with less, and be sent away again, for ever.
  return asked.withinReach ? parts.signInUrl(target, wantedFor(asked)) : OUT_OF_REACH;
}

const OUT_OF_REACH = '/account/authenticators?notice=out-of-reach';

/** A fresh proof at the highest level that this account knows, and a strong one where it has one (NIST SP 800-63B-4 §4.1), then back to `target`. */
export async function sendToStepUp(visitor: Visitor, target: string): Promise<void> {
  const { ctx } = visitor;
  ctx.status = 303;
  ctx.redirect(await stepUpUrl(visitor, target));
  ctx.status = 303;
}
