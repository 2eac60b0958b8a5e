import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Policy } from '../assurance/index.ts';
import type { Journal } from '../audit/index.ts';
import type { Authenticators } from '../authenticators/index.ts';
import type { FaceMatcher, PadLevel, UsedPictures } from '../biometrics/index.ts';
import type { Guardianships } from '../guardianships/index.ts';
import type { Notices, Reachable } from '../notices/index.ts';
import type { PopulationRegistry, TelephoneRegistry } from '../registry/index.ts';
import type { Subscriber, Subscribers } from '../subscribers/index.ts';
import type { PictureIntake } from './picture.ts';
import type { ApplicationPolicy } from './terms/policy.ts';

/** What applications work with. */
export interface ApplicationsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `applications`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly notices: Pick<Notices, 'admit' | 'admitTyped' | 'queue' | 'queueNothing' | 'queueToAll'>;
  readonly subscribers: Pick<
    Subscribers,
    'find' | 'locate' | 'identityNumber' | 'register' | 'close' | 'lock' | 'takingOver'
  >;
  /** Who looks after whose account, and whether its holder may take it over. */
  readonly guardianships: Pick<
    Guardianships,
    'ofWard' | 'beginning' | 'mayBeTakenOver' | 'mayBePassedOn' | 'handingOver'
  >;
  readonly authenticators: Pick<Authenticators, 'of'>;
  /** A guardian, or whoever has the account already, with every confirmed address. */
  readonly reachable: (subscriber: Subscriber) => Promise<Reachable>;
  readonly pictures: PictureIntake;
  /** Those who know people better than we do. */
  readonly population: PopulationRegistry;
  readonly telephone: TelephoneRegistry;
  readonly face: FaceMatcher;
  /** Which pictures have come before, here or elsewhere. */
  readonly used: Pick<UsedPictures, 'isNew'>;
  /** What this installation asks of a face beside the rules of the time: the stricter of both holds. */
  readonly padRequired: () => Promise<PadLevel>;
  /** The assurance policy in force: what evidence carries an account. That of the release where nobody can adopt another. */
  readonly assurance?: () => Promise<Policy>;
  /** Whether the people are invented ones. */
  readonly sandbox: boolean;
  readonly policies?: readonly ApplicationPolicy[];
}

/** The same as it is given: where nobody looks after guardianships, they are looked after here. */
export type ApplicationsGiven = Omit<ApplicationsParts, 'guardianships'> &
  Partial<Pick<ApplicationsParts, 'guardianships'>>;
