import { declareErrors, EidError } from '../../platform/errors.ts';
import type { Unavailable } from '../../platform/partner/partner.ts';

declareErrors('telephone_registry', {
  unavailable: {
    status: 503,
    when: 'The register of telephone subscribers cannot be reached, takes too long, or answers with something that is no answer.',
  },
});

/**
 * In whose name a telephone number stands. `holder`: in that of the person with this identity number (own-name, chính chủ);
 * `another`: in somebody else's; `unknown`: the networks have no such number, or no name for it.
 */
export const OWNERSHIPS = ['holder', 'another', 'unknown'] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

/**
 * The networks' registers of subscribers, asked in one place. They confirm and tell nothing else. Every failure to answer is one
 * error, `telephone_registry.unavailable`, with the reason among its facts.
 */
export interface TelephoneRegistry {
  /** `phone` in E.164. */
  ownership(question: {
    readonly phone: string;
    readonly identityNumber: string;
  }): Promise<{ readonly ownership: Ownership; readonly asOf: Date }>;
}

export const telephoneUnavailable: Unavailable = (reason, cause) =>
  new EidError('telephone_registry.unavailable', { facts: { reason }, ...(cause === undefined ? {} : { cause }) });
