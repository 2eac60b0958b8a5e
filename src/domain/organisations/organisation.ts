import type { EnterpriseStatus, RepresentativeRole } from '../registry/index.ts';

/** An organisation somebody acts for here, as the register held it at `asOf`. It has no level of its own. */
export interface Organisation {
  readonly id: string;
  readonly enterpriseCode: string;
  readonly name: string;
  readonly status: EnterpriseStatus;
  readonly asOf: Date;
  /** When the register was last asked. */
  readonly askedAt: Date;
}

/** Why somebody acts for it no longer. */
export type EndReason = 'own_wish' | 'left_the_list' | 'dissolved';

/** That somebody acts, or acted, for an organisation. */
export interface Representation {
  readonly id: string;
  readonly organisation: Organisation;
  readonly subscriberId: string;
  readonly role: RepresentativeRole;
  readonly beganAt: Date;
  readonly endedAt?: Date;
  readonly endReason?: EndReason;
}

/** For which organisation a person acts at this moment, and as what: what a token says of it. */
export interface ActingFor {
  readonly enterpriseCode: string;
  readonly name: string;
  readonly role: RepresentativeRole;
}
