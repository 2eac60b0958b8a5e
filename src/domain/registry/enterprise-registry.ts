import { declareErrors, EidError } from '../../platform/errors.ts';
import type { Unavailable } from '../../platform/partner/partner.ts';

declareErrors('enterprise_registry', {
  unavailable: {
    status: 503,
    when: 'The register of enterprises cannot be reached, takes too long, or answers with something that is no answer.',
  },
});

/**
 * As what somebody stands there for an organisation (Decree 69/2024 Art. 12): by law, as its head, or authorised. Only the first
 * two are asked for their consent.
 */
export const REPRESENTATIVE_ROLES = ['legal_representative', 'head', 'authorised'] as const;
export type RepresentativeRole = (typeof REPRESENTATIVE_ROLES)[number];

/** Whether it stands: a suspended one may stand again, a dissolved one never does. */
export const ENTERPRISE_STATUSES = ['active', 'suspended', 'dissolved'] as const;
export type EnterpriseStatus = (typeof ENTERPRISE_STATUSES)[number];

/** Somebody whom the register lists as acting for an organisation. */
export interface RegisteredRepresentative {
  readonly identityNumber: string;
  /** Verbatim, in NFC. */
  readonly fullName: string;
  readonly role: RepresentativeRole;
}

/** An organisation as the register holds it. */
export interface RegisteredEnterprise {
  readonly enterpriseCode: string;
  readonly name: string;
  readonly status: EnterpriseStatus;
  /** Each person once. */
  readonly representatives: readonly RegisteredRepresentative[];
}

/** The register's answer. `asOf`: the moment that its knowledge is of. */
export type EnterpriseAnswer =
  | { readonly found: true; readonly enterprise: RegisteredEnterprise; readonly asOf: Date }
  | { readonly found: false; readonly asOf: Date };

/**
 * The code of an enterprise, which is its tax code: ten figures, and three more of a dependent unit (domain.md §3, sureness C).
 * Nothing is computed from it: the register says whether there is one.
 */
export const ENTERPRISE_CODE = /^\d{10}(-\d{3})?$/;

/**
 * The register of enterprises: who acts for an organisation, and whether it stands. Every failure to answer is one error,
 * `enterprise_registry.unavailable`, with the reason among its facts; whoever asks decides what follows from silence.
 */
export interface EnterpriseRegistry {
  find(enterpriseCode: string): Promise<EnterpriseAnswer>;
}

export const enterpriseUnavailable: Unavailable = (reason, cause) =>
  new EidError('enterprise_registry.unavailable', { facts: { reason }, ...(cause === undefined ? {} : { cause }) });
