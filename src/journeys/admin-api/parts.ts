import type { Approvals, ChangeKind } from '../../domain/approvals/index.ts';
import type { AssurancePolicies } from '../../domain/assurance-policies/index.ts';
import type { Journal, Verifications } from '../../domain/audit/index.ts';
import type { Deliveries } from '../../domain/deliveries/index.ts';
import type { ApiClients, KeptAnswers, Operators } from '../../domain/operators/index.ts';
import type { RelyingParties } from '../../domain/relying-parties/index.ts';
import type { SigningKeys } from '../../domain/signing-keys/index.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Cursors } from './cursors.ts';

/** An access token of ours, as it stands now. */
export interface PresentedToken {
  readonly clientId: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** Bound to a key (RFC 9449, RFC 8705): it is no bearer token. */
  readonly bound: boolean;
}

/** What the admin API works with: the functions that the console calls. */
export interface AdminApiParts {
  readonly issuer: string;
  /** Made for the purpose `admin-api`. */
  readonly sealer: Sealer;
  /** A token that is known here and has not ended. */
  readonly token: (value: string) => Promise<PresentedToken | undefined>;
  readonly apiClients: ApiClients;
  readonly keptAnswers: Pick<KeptAnswers, 'take'>;
  readonly approvals: Approvals;
  /** The kinds that somebody takes care of. */
  readonly changeKinds: readonly ChangeKind[];
  readonly relyingParties: Pick<RelyingParties, 'search' | 'party' | 'versions' | 'version' | 'diff' | 'disable'>;
  readonly deliveries: Pick<Deliveries, 'list' | 'find' | 'replay'>;
  readonly signingKeys: Pick<SigningKeys, 'list'>;
  readonly operators: Pick<Operators, 'list' | 'offices'>;
  readonly journal: Pick<Journal, 'query' | 'append'>;
  /** Runs the writes of a journal event that belongs to no change. */
  write(writes: readonly ReturnType<Journal['append']>[]): Promise<void>;
  readonly verifications: Pick<Verifications, 'state'>;
  readonly policies: Pick<AssurancePolicies, 'inForce'>;
}

/** What the operations share. */
export interface Tools {
  readonly cursors: Cursors;
}
