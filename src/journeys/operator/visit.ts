import type { AccountLinks } from '../../domain/account-links/index.ts';
import type { Applications } from '../../domain/applications/index.ts';
import type { Approvals, ChangeKind } from '../../domain/approvals/index.ts';
import type { AssurancePolicies } from '../../domain/assurance-policies/index.ts';
import type { Journal, Verifications } from '../../domain/audit/index.ts';
import type { Authenticators } from '../../domain/authenticators/index.ts';
import type { Cases } from '../../domain/cases/index.ts';
import type { Consents } from '../../domain/consents/index.ts';
import type { Counter } from '../../domain/counter/index.ts';
import type { DataRequests } from '../../domain/data-requests/index.ts';
import type { Deliveries } from '../../domain/deliveries/index.ts';
import type { LockRequests } from '../../domain/lock-requests/index.ts';
import type { Notices } from '../../domain/notices/index.ts';
import type { OwnCase, OwnsAccount, Permission } from '../../domain/operators/index.ts';
import type { TrustStore } from '../../domain/proofing/index.ts';
import type { Recoveries } from '../../domain/recovery/index.ts';
import type { RelyingParties } from '../../domain/relying-parties/index.ts';
import type { SigningKeys } from '../../domain/signing-keys/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { CardDesk } from '../card-reading.ts';
import type { PostForm } from './page-parts.ts';
import { type ConsoleParts, goTo as redirect, refuse, type Visit as VisitOf } from './session.ts';

/** What the pages of the console work with. */
export interface PageParts extends ConsoleParts {
  readonly approvals: Approvals;
  /** The kinds of change that somebody takes care of. */
  readonly changeKinds: readonly ChangeKind[];
  readonly relyingParties: RelyingParties;
  readonly deliveries: Deliveries;
  readonly notices: Pick<Notices, 'sent' | 'retry'>;
  readonly journal: Journal;
  readonly verifications: Verifications;
  readonly subscribers: Pick<
    Subscribers,
    'view' | 'find' | 'locate' | 'identityNumber' | 'locks' | 'lock' | 'unlock' | 'anewGround'
  >;
  /** Whether an account is the operator's own, who serves it never. */
  readonly ownsAccount: OwnsAccount;
  /** The same of a case, by the numbers that it names. */
  readonly isOwnCase: OwnCase;
  readonly authenticators: Pick<Authenticators, 'of' | 'reinstate'>;
  readonly recoveries: Pick<Recoveries, 'counter'>;
  readonly cases: Pick<Cases, 'list' | 'find' | 'close' | 'countOpen'>;
  readonly dataRequests: DataRequests;
  readonly lockRequests: LockRequests;
  readonly consents: Pick<Consents, 'unconfirmed' | 'withdrawalCounts' | 'byHand' | 'withdrawals'>;
  readonly accountLinks: Pick<AccountLinks, 'atClient' | 'of'>;
  /** Level 2 at counters, where those who are asked about a person are all there. */
  readonly counter?: Counter | undefined;
  /** Level 1 online, under the same condition. */
  readonly applications?: Applications | undefined;
  /** How cards are read there. */
  readonly cards: CardDesk;
  readonly issuer: string;
  readonly signingKeys: Pick<SigningKeys, 'list'>;
  readonly trustStore: Pick<TrustStore, 'list' | 'warnings' | 'national' | 'rules'>;
  readonly policies: Pick<AssurancePolicies, 'inForce' | 'versions' | 'newerInRelease'>;
  /** Made for the purpose `console`: references to people, that open nothing elsewhere and not for long. */
  readonly sealer: Sealer;
}

/** Somebody who is signed in, at one of these pages. */
export type Visit = VisitOf<PageParts>;

/** Somewhere else by GET. */
export const goTo = ({ ctx }: Visit, address: string): void => redirect(ctx, address);

/** No, to an act of a route that takes another permission for each kind of thing. */
export const refuseAct = (visit: Visit, permission: Permission): Promise<void> =>
  refuse(visit, permission, (visit.ctx as { _matchedRoute?: string })._matchedRoute ?? 'unmatched');

/** A form that posts to a route, by its pattern; `:id` is filled in. */
export const formOf = ({ token }: Visit, pattern: string, id = ''): PostForm => ({
  action: pattern.replace(':id', encodeURIComponent(id)),
  csrf: token(pattern),
});

/** Names of operators by their ids; who is none of them stays without. */
export async function namesOf({ parts }: Visit, ids: readonly (string | undefined)[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== undefined);
  const found = await Promise.all(wanted.map((id) => parts.operators.find(id)));
  return new Map(found.flatMap((one) => (one ? [[one.id, one.name]] : [])));
}
