import { createEgress, type EgressOptions } from '../../platform/egress.ts';
import type { PartnerParts, Reachable } from '../../platform/partner/partner.ts';
import type { Foundation } from '../foundation.ts';

/** Those who are asked over HTTPS, as the settings begin and as metrics name them. */
const NAMES = {
  documentAuthority: 'document_authority',
  populationRegistry: 'population_registry',
  telephoneRegistry: 'telephone_registry',
  enterpriseRegistry: 'enterprise_registry',
  faceMatcher: 'face_matcher',
  fingerprintMatcher: 'fingerprint_matcher',
} as const;

/** What an adapter over HTTPS stands on, counted and with its breaker in the metrics; undefined where none is configured. */
export function partnerParts(
  { settings, clock, metrics }: Foundation,
  name: keyof typeof NAMES,
  bounds: Pick<EgressOptions, 'timeout' | 'limit'> = {},
) {
  const url = settings[`${name}Url`];
  if (url === undefined) return undefined;
  const credentials = {
    tokenUrl: settings[`${name}TokenUrl`]!,
    clientId: settings[`${name}ClientId`]!,
    clientSecret: settings[`${name}ClientSecret`]!,
  };
  const partner = NAMES[name];
  const parts: PartnerParts = {
    ...{ url, credentials, clock },
    // The operator has named these origins: they may stand on a private network, where nothing else is reached.
    egress: createEgress({ allowOrigins: [new URL(url).origin, new URL(credentials.tokenUrl).origin], ...bounds }),
    asked: (outcome) => metrics.partner({ partner, outcome }),
  };
  return {
    ...parts,
    /** Shows in the metrics whether it is left alone at this moment. */
    watched<Adapter extends Pick<Reachable, 'resting'>>(adapter: Adapter): Adapter {
      const help = `Whether the ${partner.replace('_', ' ')} is left alone because it failed several times in a row.`;
      metrics.gauge(`senid_${partner}_resting`, help, () => (adapter.resting() ? 1 : 0));
      return adapter;
    },
  };
}
