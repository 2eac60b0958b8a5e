import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Policy } from '../assurance/index.ts';
import type { Journal } from '../audit/index.ts';
import type { Authenticators } from '../authenticators/index.ts';
import type { NoticeKind, NoticeValues } from '../notices/index.ts';
import type { EnterpriseRegistry } from '../registry/index.ts';
import type { Subscriber, Subscribers } from '../subscribers/index.ts';
import type { OrganisationPolicy } from './policy.ts';

/** What is told to people about organisations. */
export type OrganisationNotice = Extract<NoticeKind, `organisation_${string}`>;

/** That somebody acts for an organisation no longer, having done so since then. */
export interface Parted {
  readonly subscriberId: string;
  readonly enterpriseCode: string;
  readonly since: Date;
}

/** What organisations work with. */
export interface OrganisationsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `organisations`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly subscribers: Pick<Subscribers, 'find' | 'locate' | 'identityNumber'>;
  readonly authenticators: Pick<Authenticators, 'of'>;
  readonly registry: EnterpriseRegistry;
  /** Word to every confirmed address of a person, as writes. */
  readonly told: <Kind extends OrganisationNotice>(
    subscriberId: string,
    kind: Kind,
    values: NoticeValues<Kind>,
  ) => Promise<readonly Write[]>;
  /** Word to the relying parties that were told of it, as writes. The ground is none of theirs. */
  readonly parted: (ended: Parted) => Promise<readonly Write[]>;
  /** The assurance policy in force. */
  readonly assurance: () => Promise<Policy>;
  readonly policies?: readonly OrganisationPolicy[];
}

/** How whoever the register lists is found and compared without being readable. */
export const hashOf = ({ sealer }: Pick<OrganisationsParts, 'sealer'>, identityNumber: string): Buffer =>
  sealer.keyedHash(`number:${identityNumber}`);

/** Whether somebody may act for anybody at all at this moment: an account that stands, and level 2 that counts. */
export const standsWithLevel2 = (person: Subscriber | undefined): person is Subscriber =>
  person?.state === 'active' && person.accountLevel === 2;
